import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import { position, type Source, type Span, span, spanning } from '../source.ts';
import { parseArithmetic } from './arithmetic.ts';
import type {
  Cascade,
  Einsum,
  Name,
  ParameterDeclaration,
  RankDeclaration,
  TensorDeclaration,
  TensorRole,
} from './ast.ts';
import { createTokenCursor, type TokenCursor } from './cursor.ts';
import { atReduction, parseAccess, parseExpression } from './expression.ts';
import { parseFilter } from './filter.ts';
import { scan, type Token } from './lex.ts';
import { joinLines } from './lines.ts';
import { reductionWords } from './operators.ts';
import { atSelection, parseSelection } from './selection.ts';
import { declarationWords, reservedWords } from './words.ts';

/** A text with more mistakes than this is no cascade; the rest of it is not read. */
const maxDiagnostics = 50;

type Draft = {
  header: { readonly text: Name; readonly span: Span } | undefined;
  readonly ranks: RankDeclaration[];
  readonly parameters: ParameterDeclaration[];
  readonly tensors: TensorDeclaration[];
  readonly einsums: Einsum[];
};

/** Takes a name that is to be declared. */
function newName(cursor: TokenCursor, what: string): { readonly text: Name; readonly span: Span } | undefined {
  const token = cursor.peek();
  if (token.kind !== 'name' || !reservedWords.has(token.text)) return cursor.expectName(what);
  return cursor.report(
    diagnostic('reserved-word', `"${token.text}" is a word of the language and cannot be a name`, token.span),
  );
}

/** Each reads its part of a statement; false, with a diagnostic, where it cannot. */
type ReadStatement = (cursor: TokenCursor, draft: Draft) => boolean;

const readHeader: ReadStatement = (cursor, draft) => {
  const keyword = cursor.next();
  const name = cursor.expectKebabName("the cascade's name");
  if (name === undefined) return false;
  if (draft.header !== undefined) {
    const related = [{ span: draft.header.span, message: `"${draft.header.text}" begins here` }];
    cursor.report(
      diagnostic('syntax', 'a file holds one cascade, and this is a second one', keyword.span, { related }),
    );
    return false;
  }
  draft.header = name;
  return true;
};

const readRanks: ReadStatement = (cursor, draft) => {
  cursor.next();
  let overridable = false;
  do {
    if (cursor.accept('default') !== undefined) overridable = true;
    const name = newName(cursor, 'a rank');
    if (name === undefined) return false;
    if (overridable && !cursor.at('=')) {
      cursor.fail(`"=" and the default size of "${name.text}"`);
      return false;
    }
    const defined = cursor.accept('=') !== undefined;
    const size = defined ? parseArithmetic(cursor) : undefined;
    if (defined && size === undefined) return false;
    draft.ranks.push({
      name: name.text,
      size,
      overridable,
      span: size === undefined ? name.span : spanning(name.span, size.span),
    });
  } while (cursor.accept(',') !== undefined || cursor.at('default'));
  return true;
};

const readParameters: ReadStatement = (cursor, draft) => {
  cursor.next();
  do {
    const name = newName(cursor, 'a parameter');
    const value = name && cursor.expect('=') && parseArithmetic(cursor);
    if (name === undefined || value === undefined) return false;
    draft.parameters.push({ name: name.text, value, span: spanning(name.span, value.span) });
  } while (cursor.accept(',') !== undefined);
  return true;
};

type TensorHead = Pick<TensorDeclaration, 'name' | 'ranks' | 'span'>;
type Format = NonNullable<TensorDeclaration['format']>;

function readTensorHead(cursor: TokenCursor): TensorHead | undefined {
  const name = newName(cursor, 'a tensor');
  if (name === undefined) return undefined;
  const open = cursor.accept('[');
  if (open === undefined) return { name: name.text, ranks: undefined, span: name.span };
  const ranks: { name: Name; span: Span }[] = [];
  while (!cursor.at(']')) {
    const rank = cursor.expectName('a rank');
    if (rank === undefined) return undefined;
    ranks.push({ name: rank.text, span: rank.span });
    if (cursor.accept(',') === undefined) break;
  }
  const close = cursor.expect(']', open);
  return close && { name: name.text, ranks, span: spanning(name.span, close.span) };
}

function readFormat(cursor: TokenCursor): Format | undefined {
  const format = cursor.expectKebabName('a number format');
  return format && { name: format.text, span: format.span };
}

/** What comes after the format of an operand: `= K0 : int6, K1 : uint4` */
function readPlanes(cursor: TokenCursor, heads: readonly TensorHead[], format: Format, draft: Draft): boolean {
  const [head, second] = heads;
  if (head === undefined || second !== undefined) {
    cursor.fail('the end of the line', 'only one operand of a statement can be made of planes');
    return false;
  }
  cursor.next();
  const operand = { name: head.name, span: head.span };
  let position = 0;
  do {
    const name = newName(cursor, 'a plane');
    const own = name && cursor.expect(':') && readFormat(cursor);
    if (name === undefined || own === undefined) return false;
    const plane = { operand, format, position: position++ };
    draft.tensors.push({ name: name.text, role: 'input', ranks: head.ranks, format: own, plane, span: name.span });
  } while (cursor.accept(',') !== undefined);
  return true;
}

const readTensors =
  (role: TensorRole): ReadStatement =>
  (cursor, draft) => {
    const roleWord = cursor.next().text;
    const heads: TensorHead[] = [];
    do {
      const head = readTensorHead(cursor);
      if (head === undefined) return false;
      heads.push(head);
    } while (cursor.accept(',') !== undefined);
    const colon = cursor.accept(':');
    const format = colon && readFormat(cursor);
    const [head] = heads;
    if (role === 'input' && head !== undefined && format !== undefined && cursor.at('='))
      return readPlanes(cursor, heads, format, draft);
    draft.tensors.push(...heads.map((h) => ({ ...h, role, format, plane: undefined })));
    if (format === undefined || !cursor.at(',')) return colon === undefined || format !== undefined;
    cursor.fail('the end of the line', `a format holds for its whole statement: write another "${roleWord}" statement`);
    return false;
  };

/** Only called where `atReduction` has seen the whole of it. */
function readReduction(cursor: TokenCursor): Einsum['reduce'] {
  const word = cursor.next();
  cursor.next();
  const variables: { name: Name; span: Span }[] = [];
  let after: Token;
  do {
    const { text, span } = cursor.next();
    variables.push({ name: text, span });
    after = cursor.next();
  } while (after.text === ',');
  return { operator: reductionWords.get(word.text) ?? word.text, variables, span: spanning(word.span, after.span) };
}

const readEinsum: ReadStatement = (cursor, draft) => {
  const output = parseAccess(cursor);
  if (output === undefined) return false;
  if (cursor.accept('=') === undefined) {
    cursor.fail('"="');
    return false;
  }
  const selects = atSelection(cursor);
  const selection = selects ? parseSelection(cursor) : undefined;
  if (selects && selection === undefined) return false;
  const reduce = !selects && atReduction(cursor) ? readReduction(cursor) : undefined;
  const body = parseExpression(cursor);
  if (body === undefined) return false;
  const where = cursor.accept('where');
  const filter = where && parseFilter(cursor);
  if (where !== undefined && filter === undefined) return false;
  const end = filter?.span ?? body.span;
  draft.einsums.push({ output, reduce, selection, body, filter, span: spanning(output.span, end) });
  return true;
};

const declarations: ReadonlyMap<string, ReadStatement> = new Map([
  ['cascade', readHeader],
  ['rank', readRanks],
  ['param', readParameters],
  ['input', readTensors('input')],
  ['tensor', readTensors('intermediate')],
  ['output', readTensors('output')],
]);

const readUnknown: ReadStatement = (cursor) => {
  const token = cursor.peek();
  if (token.kind === 'name' && cursor.peek(1).text === '=')
    cursor.report(
      diagnostic('syntax', `"${token.text}" is given a value, but without indices`, token.span, {
        help: `write ${token.text}[...] = ..., with ${token.text}[] for a tensor of no ranks; sizes are set by "rank" and "param"`,
      }),
    );
  else if (token.kind === 'name' && !reservedWords.has(token.text))
    cursor.report(
      diagnostic('syntax', `"${token.text}" begins no statement`, token.span, {
        help: didYouMean(token.text, declarationWords),
      }),
    );
  else
    cursor.fail(
      'a declaration or an Einsum',
      'to go on with a statement, end its line with an operator or break it inside brackets',
    );
  return false;
};

function readStatement(cursor: TokenCursor, draft: Draft): void {
  const token = cursor.peek();
  const declaration = token.kind === 'name' ? declarations.get(token.text) : undefined;
  const isEinsum = token.kind === 'name' && !reservedWords.has(token.text) && cursor.peek(1).text === '[';
  const read = declaration ?? (isEinsum ? readEinsum : readUnknown);
  const done = read(cursor, draft);
  if (done && cursor.peek().kind !== 'newline' && cursor.peek().kind !== 'end') cursor.fail('the end of the line');
  cursor.skipLine();
}

/**
 * Reads a cascade; grammar and meaning are in `docs/language.md`. Only the form is looked at:
 * `checkCascade` looks at the sense. A mistake ends its statement and the next one is read.
 *
 * Errors: `syntax`, `reserved-word`, `number-range`, `too-deep`, `too-large`.
 */
export function parseCascade(source: Source): Result<Cascade> {
  const { tokens, diagnostics: lexical } = scan(source);
  if (tokens.length === 0) return failure(lexical);
  const cursor = createTokenCursor(joinLines(tokens));
  const draft: Draft = { header: undefined, ranks: [], parameters: [], tensors: [], einsums: [] };
  while (cursor.peek().kind === 'newline') cursor.next();
  const start = cursor.peek();
  if (!cursor.at('cascade')) cursor.fail('"cascade" and its name, which begin a file', 'write: cascade my-attention');
  while (cursor.peek().kind !== 'end' && cursor.diagnostics.length < maxDiagnostics) {
    if (cursor.peek().kind === 'newline') cursor.next();
    else readStatement(cursor, draft);
  }
  // A character that was left out may be the cause of what the parser found on its line.
  const lineOf = (d: Diagnostic): number => (d.span === undefined ? 0 : position(source, d.span.start).line);
  const spoilt = new Set(lexical.map(lineOf));
  const found = [...lexical, ...cursor.diagnostics.filter((d) => !spoilt.has(lineOf(d)))];
  if (found.length > 0) return failure(found.toSorted((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0)));
  const { header, ...rest } = draft;
  return success({
    name: header?.text ?? '',
    nameSpan: header?.span ?? span(source, start.span.start, start.span.end),
    ...rest,
  });
}
