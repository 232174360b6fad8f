import { diagnostic } from '../diagnostic.ts';
import { spanning } from '../source.ts';
import { parseArithmetic, printArithmetic } from './arithmetic.ts';
import type { Selection } from './ast.ts';
import type { TokenCursor } from './cursor.ts';

/** The words that begin a selection, which are also the names of the operations that it counts. */
const selectionWords = ['top', 'bottom', 'above', 'below'] as const;

const isWord = (text: string): text is Selection['word'] => (selectionWords as readonly string[]).includes(text);

/** True before `top(m, K) ...`, `below(0.1) ...`. */
export const atSelection = (cursor: TokenCursor): boolean =>
  cursor.peek().kind === 'name' && isWord(cursor.peek().text) && cursor.peek(1).text === '(';

/** Only called where `atSelection` is true. */
export function parseSelection(cursor: TokenCursor): Selection | undefined {
  const word = cursor.next();
  const open = cursor.next();
  const { text } = word;
  if (text === 'top' || text === 'bottom') {
    const variable = cursor.expectName('an index variable');
    if (variable === undefined) return undefined;
    if (cursor.accept(',') === undefined)
      return cursor.fail(`"," and how many to keep`, `write ${text}(m, K) ... to keep K of each fibre over m`);
    const count = parseArithmetic(cursor);
    const close = count && cursor.expect(')', open);
    if (count === undefined || close === undefined) return undefined;
    const span = spanning(word.span, close.span);
    return { kind: 'rank', word: text, variable: { name: variable.text, span: variable.span }, count, span };
  }
  const minus = cursor.accept('-');
  const number = cursor.peek();
  const value = Number(number.text);
  if (number.kind !== 'number')
    return cursor.fail(
      'the number to compare with',
      `write ${text}(0.1) ...; top(m, K) keeps the K largest of each fibre over m`,
    );
  cursor.next();
  if (!Number.isFinite(value))
    return cursor.report(diagnostic('number-range', `${number.text} is beyond the largest float64`, number.span));
  const close = cursor.expect(')', open);
  if (close === undefined) return undefined;
  const span = spanning(word.span, close.span);
  return {
    kind: 'threshold',
    word: text === 'above' ? text : 'below',
    value: minus === undefined ? value : -value,
    span,
  };
}

export const printSelection = (s: Selection): string =>
  s.kind === 'rank' ? `${s.word}(${s.variable.name}, ${printArithmetic(s.count)})` : `${s.word}(${s.value})`;
