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
  let open: number[] = [];
  tokens.forEach((token, i) => {
    const startsLine = i === 0 || tokens[i - 1]?.kind === 'newline';
    // Neither stands inside brackets, so a bracket still open here was never closed and must not
    // swallow the statements that follow.
    if (token.text === '=' || (startsLine && declarationWords.has(token.text))) open = [];
    else if (token.kind === 'symbol' && openers.has(token.text)) open.push(i);
    else if (token.kind === 'symbol' && opening.has(token.text)) {
      const partner = open.findLastIndex((o) => tokens[o]?.text === opening.get(token.text));
      if (partner < 0) return;
      pairs.set(open[partner]!, i);
      open.length = partner;
    }
  });
  return pairs;
}

/** A line that begins with one of these belongs to the line before, since no statement begins so. */
const continuing: ReadonlySet<string> = new Set(['where', 'and', 'or']);

/**
 * Drops the line breaks that do not end a statement: those inside brackets, those after a binary
 * operator, a comma or the `=` of an Einsum, and those before `where`, `and` and `or`.
 */
export function joinLines(tokens: readonly Token[]): readonly Token[] {
  const pairs = bracketPairs(tokens);
  let insideUntil = -1;
  let last: Token | undefined;
  let inDeclaration = false;
  return tokens.filter((token, i) => {
    insideUntil = Math.max(insideUntil, pairs.get(i) ?? -1);
    if (last === undefined || last.kind === 'newline') inDeclaration = declarationWords.has(token.text);
    // The value of a declaration is short; joined to it, the next statement would be misread.
    const goesOn = last !== undefined && joining.has(last.text) && !(inDeclaration && last.text === '=');
    const joined = i < insideUntil || goesOn || continuing.has(tokens[i + 1]?.text ?? '');
    if (token.kind === 'newline' && joined) return false;
    last = token;
    return true;
  });
}
