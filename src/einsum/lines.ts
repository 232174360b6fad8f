import type { Token } from './lex.ts';
import { declarationWords } from './words.ts';

const opening: ReadonlyMap<string, string> = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
]);
const openers: ReadonlySet<string> = new Set(opening.values());

/** A line that ends in one of these goes on in the next. */
const joining: ReadonlySet<string> = new Set('+ - * / , = == != < <= > >= and or not div mod where'.split(' '));

/** Position of the closing bracket by position of its opening one; a bracket without a partner is absent. */
function bracketPairs(tokens: readonly Token[]): ReadonlyMap<number, number> {
  const pairs = new Map<number, number>();
  // Open brackets of each kind, so that a stray closing one is known at once.
  const open = new Map<string, number[]>([...openers].map((bracket) => [bracket, []]));
  const forget = (from: number): void => {
    for (const places of open.values()) while ((places.at(-1) ?? -1) >= from) places.pop();
  };
  tokens.forEach((token, i) => {
    const startsLine = i === 0 || tokens[i - 1]?.kind === 'newline';
    // Neither stands inside brackets, so a bracket still open here was never closed and must not
    // swallow the statements that follow.
    if (token.text === '=' || (startsLine && declarationWords.has(token.text))) forget(0);
    open.get(token.text)?.push(i);
    const partner = open.get(opening.get(token.text) ?? '')?.at(-1);
    if (partner === undefined) return;
    pairs.set(partner, i);
    forget(partner);
  });
  return pairs;
}

/** A line that begins with one of these belongs to the line before, since no statement begins so. */
const continuing: ReadonlySet<string> = new Set(['where', 'and', 'or']);

/** True where a declaration or `Z[...] =` begins: what was unfinished before it is a mistake of its own. */
function startsStatement(tokens: readonly Token[], at: number, pairs: ReadonlyMap<number, number>): boolean {
  if (declarationWords.has(tokens[at]?.text ?? '')) return true;
  const close = tokens[at]?.kind === 'name' ? pairs.get(at + 1) : undefined;
  return close !== undefined && tokens[at + 1]?.text === '[' && tokens[close + 1]?.text === '=';
}

/**
 * Drops the line breaks that do not end a statement: those inside brackets, those after a binary
 * operator, a comma or `=`, and those before `where`, `and` and `or`.
 */
export function joinLines(tokens: readonly Token[]): readonly Token[] {
  const pairs = bracketPairs(tokens);
  // Position of the first token at or after each that is no line break.
  const following: number[] = [];
  for (let i = tokens.length - 1; i >= 0; i--)
    following[i] = tokens[i]?.kind === 'newline' ? (following[i + 1] ?? i) : i;
  let insideUntil = -1;
  let last: Token | undefined;
  return tokens.filter((token, i) => {
    insideUntil = Math.max(insideUntil, pairs.get(i) ?? -1);
    if (token.kind !== 'newline') {
      last = token;
      return true;
    }
    const next = following[i] ?? i;
    const goesOn = last !== undefined && joining.has(last.text) && !startsStatement(tokens, next, pairs);
    const joined = i < insideUntil || goesOn || continuing.has(tokens[next]?.text ?? '');
    if (!joined) last = token;
    return !joined;
  });
}
