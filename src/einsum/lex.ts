import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { type Source, type Span, span } from '../source.ts';

/** A text token. Cascades and mappings share them; what a name or a line break means is the parser's. */
export type Token = {
  readonly kind: 'name' | 'number' | 'symbol' | 'newline' | 'end';
  /** As written; a line break is `\n`, the end of the text is empty. */
  readonly text: string;
  readonly span: Span;
};

/** Longest text that is read, in UTF-16 units: 1 MiB of ASCII. */
export const maxTextLength = 2 ** 20;

const maxNameLength = 100;

/** Enough to repair a text by; a binary file does not flood the terminal. */
const maxDiagnostics = 20;

const patterns = {
  blank: /[^\S\n]+|#[^\n]*/y,
  name: /[A-Za-z_][A-Za-z0-9_]*/y,
  number: /[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y,
  wordRest: /[A-Za-z0-9_.]+/y,
  symbol: /==|!=|<=|>=|[-+*/()[\]{},:=<>]/y,
  foreign: /[^\sA-Za-z0-9_+*/()[\]{},:=<>#-]+/y,
} as const;

/** What people write from habit or a paper, and how it is written here. */
const habits: readonly (readonly [RegExp, string])[] = [
  [/^&+$/, 'write "and"'],
  [/^\|+$/, 'write "or"'],
  [/^[!¬]$/, 'write "not"'],
  [/^%$/, 'write "mod"'],
  [/^\^$/, 'write "pow(a, b)"'],
  [/^;$/, 'a statement ends at its line break'],
  [/^[−–—]$/, 'write "-"'],
  [/^[×·⋅]$/, 'write "*"'],
  [/^÷$/, 'write "/"'],
  [/^≤$/, 'write "<="'],
  [/^≥$/, 'write ">="'],
  [/^≠$/, 'write "!="'],
  [/^∞$/, 'write "inf"'],
  [/^["'`“”‘’]+$/, 'names are written without quotes'],
];

/** Printable form of characters that would not show, or would garble the line, in a message. */
export function visible(text: string): string {
  const shown = text.length > 20 ? `${text.slice(0, 20)}...` : text;
  return shown.replace(
    /[\p{C}\p{Z}]/gu,
    (c) => `U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
}

function foreignText(text: string, at: Span): Diagnostic {
  const help = habits.find(([pattern]) => pattern.test(text))?.[1];
  return diagnostic('syntax', `"${visible(text)}" has no meaning here`, at, { help });
}

const longName = (text: string, at: Span): Diagnostic =>
  diagnostic('syntax', `a name of ${text.length} characters is too long, at most ${maxNameLength} are read`, at);

const powers: ReadonlyMap<string, number> = new Map([
  ['k', 2 ** 10],
  ['K', 2 ** 10],
  ['M', 2 ** 20],
  ['G', 2 ** 30],
]);

function badNumber(text: string, at: Span): Diagnostic {
  const message = `"${visible(text)}" is neither a number nor a name`;
  const plain = text.replaceAll('_', '');
  if (/^[0-9]+$/.test(plain)) return diagnostic('syntax', message, at, { help: `write ${plain}` });
  const suffix = /^([0-9]{1,6})([kKMG])i?$/.exec(text);
  const power = powers.get(suffix?.[2] ?? '');
  if (suffix === null || power === undefined)
    return diagnostic('syntax', message, at, { help: 'a name begins with a letter' });
  const value = Number(suffix[1]) * power;
  return diagnostic('syntax', message, at, {
    help: `numbers have no suffix: write ${value} for ${suffix[1]} x ${power}`,
  });
}

type Part = { readonly kind: Exclude<Token['kind'], 'end'> | 'blank'; readonly text: string } | Misfit;
/** Text that is no token, and what to say of it. */
type Misfit = { readonly kind: 'misfit'; readonly text: string; readonly explain: typeof badNumber };

function matchAt(pattern: RegExp, text: string, offset: number): string {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0] ?? '';
}

/** What stands at an offset; never empty. */
function partAt(text: string, offset: number): Part {
  if (text[offset] === '\n') return { kind: 'newline', text: '\n' };
  const blank = matchAt(patterns.blank, text, offset);
  if (blank !== '') return { kind: 'blank', text: blank };
  const name = matchAt(patterns.name, text, offset);
  if (name.length > maxNameLength) return { kind: 'misfit', text: name, explain: longName };
  if (name !== '') return { kind: 'name', text: name };
  const number = matchAt(patterns.number, text, offset);
  if (number !== '') return numberAt(text, offset, number);
  const symbol = matchAt(patterns.symbol, text, offset);
  if (symbol !== '') return { kind: 'symbol', text: symbol };
  const foreign = matchAt(patterns.foreign, text, offset) || text.slice(offset, offset + 1);
  return { kind: 'misfit', text: foreign, explain: foreignText };
}

function numberAt(text: string, offset: number, number: string): Part {
  const word = number + matchAt(patterns.wordRest, text, offset + number.length);
  if (word === number) return { kind: 'number', text: number };
  // In `llama-7b` the part after the hyphen begins with a digit and is no number.
  const insideKebabName = /\w-$/.test(text.slice(Math.max(0, offset - 2), offset)) && !word.includes('.');
  return insideKebabName ? { kind: 'name', text: word } : { kind: 'misfit', text: word, explain: badNumber };
}

type Scan = { readonly tokens: readonly Token[]; readonly diagnostics: readonly Diagnostic[] };

/** Every token that can be made out, and a diagnostic for the rest; a text that is too large has no tokens. */
export function scan(source: Source): Scan {
  const { text } = source;
  if (text.length > maxTextLength) {
    const message = `"${source.name}" has ${text.length} characters, at most ${maxTextLength} are read`;
    return { tokens: [], diagnostics: [diagnostic('too-large', message, undefined)] };
  }
  const tokens: Token[] = [];
  const diagnostics: Diagnostic[] = [];
  for (let offset = text.startsWith('\uFEFF') ? 1 : 0; offset < text.length; ) {
    const part = partAt(text, offset);
    const at = span(source, offset, offset + part.text.length);
    offset = at.end;
    if (part.kind === 'blank') continue;
    if (part.kind !== 'misfit') tokens.push({ kind: part.kind, text: part.text, span: at });
    else if (diagnostics.length < maxDiagnostics) diagnostics.push(part.explain(part.text, at));
  }
  tokens.push({ kind: 'end', text: '', span: span(source, text.length, text.length) });
  return { tokens, diagnostics };
}

/** Tokens of a text, comments left out, one newline token a line break, `end` as the last. */
export function lex(source: Source): Result<readonly Token[]> {
  const { tokens, diagnostics } = scan(source);
  return diagnostics.length > 0 ? failure(diagnostics) : success(tokens);
}
