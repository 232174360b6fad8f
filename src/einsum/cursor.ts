import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { type Span, spanning } from '../source.ts';
import { type Token, visible } from './lex.ts';

/** Deepest nesting that is read; far beyond what anyone writes, far from what a stack holds. */
export const maxDepth = 200;

/** A place in a token stream that moves on, and the diagnostics found on the way. */
export type TokenCursor = {
  /** The next token, or one further on; past the end it is the `end` token. */
  readonly peek: (ahead?: number) => Token;
  readonly next: () => Token;
  /** True if the next token is this symbol or word. */
  readonly at: (text: string) => boolean;
  /** Takes this symbol or word if it is next. */
  readonly accept: (text: string) => Token | undefined;
  /** Takes this symbol or word, or reports that it was expected; `opening` is the bracket that it closes. */
  readonly expect: (text: string, opening?: Token) => Token | undefined;
  /** Takes a name; `what` says whose, for the message. */
  readonly expectName: (what: string) => Token | undefined;
  /** Takes names and numbers joined by hyphens without spaces: `attention-1-pass`. */
  readonly expectKebabName: (what: string) => { readonly text: string; readonly span: Span } | undefined;
  /** Reports that the next token is not what was expected; returns undefined for the caller to return. */
  readonly fail: (expected: string, help?: string, related?: Diagnostic['related']) => undefined;
  readonly report: (found: Diagnostic) => undefined;
  /** Reads something one level deeper; undefined, with a diagnostic, beyond the deepest level. */
  readonly nested: <T>(read: () => T | undefined) => T | undefined;
  /** Moves past the next line break, or to the end. */
  readonly skipLine: () => void;
  readonly diagnostics: readonly Diagnostic[];
};

const describe = (token: Token): string => {
  if (token.kind === 'newline') return 'the end of the line';
  return token.kind === 'end' ? 'the end of the text' : `"${visible(token.text)}"`;
};

export const tooDeep = (at: Span): Diagnostic =>
  diagnostic('too-deep', `this is nested more than ${maxDepth} levels deep`, at, {
    help: 'brackets count one level each, and so does each operator of a chain such as a + b + c; split it into several',
  });

/** `tokens` must end with an `end` token, as those of `lex` do. */
export function createTokenCursor(tokens: readonly Token[]): TokenCursor {
  const diagnostics: Diagnostic[] = [];
  let place = 0;
  let depth = 0;
  const last = tokens.length - 1;

  const peek = (ahead = 0): Token => tokens[Math.min(place + ahead, last)]!;
  const next = (): Token => {
    const token = peek();
    place = Math.min(place + 1, last);
    return token;
  };
  const at = (text: string): boolean => {
    const token = peek();
    return token.text === text && (token.kind === 'symbol' || token.kind === 'name');
  };
  const accept = (text: string): Token | undefined => (at(text) ? next() : undefined);
  const report = (found: Diagnostic): undefined => {
    diagnostics.push(found);
  };
  const fail: TokenCursor['fail'] = (expected, help, related = []) =>
    report(diagnostic('syntax', `expected ${expected}, but found ${describe(peek())}`, peek().span, { help, related }));
  const expect: TokenCursor['expect'] = (text, opening) =>
    accept(text) ??
    fail(
      `"${text}"`,
      undefined,
      opening === undefined ? [] : [{ span: opening.span, message: `"${opening.text}" is opened here` }],
    );
  const expectName: TokenCursor['expectName'] = (what) => (peek().kind === 'name' ? next() : fail(what));

  const expectKebabName: TokenCursor['expectKebabName'] = (what) => {
    const first = expectName(what);
    if (first === undefined) return undefined;
    let { text, span } = first;
    const adjoins = (token: Token, end: number): boolean => token.span.start === end && token.kind !== 'end';
    while (at('-') && adjoins(peek(), span.end)) {
      const part = peek(1);
      if (!adjoins(part, peek().span.end) || (part.kind !== 'name' && part.kind !== 'number')) break;
      next();
      next();
      text += `-${part.text}`;
      span = spanning(span, part.span);
    }
    return { text, span };
  };

  const nested: TokenCursor['nested'] = (read) => {
    if (depth >= maxDepth) return report(tooDeep(peek().span));
    depth++;
    const value = read();
    depth--;
    return value;
  };
  const skipLine = (): void => {
    while (peek().kind !== 'newline' && peek().kind !== 'end') next();
    next();
  };
  return { peek, next, at, accept, expect, expectName, expectKebabName, fail, report, nested, skipLine, diagnostics };
}
