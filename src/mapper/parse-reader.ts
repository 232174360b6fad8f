import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { TokenCursor } from '../einsum/cursor.ts';
import type { Token } from '../einsum/lex.ts';
import { reservedWords } from '../einsum/words.ts';
import type { Span } from '../source.ts';
import { dispatches } from './mapping.ts';

/** A mapping file that is being read. */
export type Reader = {
  readonly cursor: TokenCursor;
  readonly mostDiagnostics: number;
  readonly mostNodes: number;
  /** Nodes read so far. */
  nodes: number;
};

export type Named = { readonly name: string; readonly span: Span };

/** A line that is not empty: its first token and the column of it, which is the line's indentation. */
export type Line = { readonly token: Token; readonly indent: number };

const words: ReadonlySet<string> = new Set([
  ...reservedWords,
  'mapping',
  'ordered',
  'sequence',
  'pipeline',
  'keep',
  'cache',
  'for',
  'compute',
  'in',
  'by',
  'on',
  'across',
  ...dispatches,
  'persistent',
  'stages',
  'over',
  'spill',
  'to',
  'if',
  'ramp',
  'lag',
  'priority',
  'trailing',
]);

/** Words that a parameter cannot be named after, because an expression would end at them. */
export const isWord = (text: string): boolean => words.has(text);

export const moreThan = (most: number, what: string, at: Span): Diagnostic =>
  diagnostic('too-large', `a mapping has at most ${most} ${what}`, at);

/** Column of a place, counted from 1. */
function indentOf({ source, start }: Span): number {
  return start === 0 ? 1 : start - source.text.lastIndexOf('\n', start - 1);
}

/** Moves to the first token of the next line that is not empty. None where reading has been given up. */
export function nextLine({ cursor, mostDiagnostics, mostNodes, nodes }: Reader): Line | undefined {
  while (cursor.peek().kind === 'newline') cursor.next();
  const token = cursor.peek();
  if (token.kind === 'end' || cursor.diagnostics.length >= mostDiagnostics || nodes > mostNodes) return undefined;
  return { token, indent: indentOf(token.span) };
}

/** Takes the end of the line, or reports what is there instead and skips it. */
export function endLine(cursor: TokenCursor, help?: string): boolean {
  const { kind } = cursor.peek();
  if (kind === 'newline' || kind === 'end') {
    cursor.next();
    return true;
  }
  // What an expression could not go on with has been reported at this very place.
  if (cursor.diagnostics.at(-1)?.span?.start !== cursor.peek().span.start) cursor.fail('the end of the line', help);
  cursor.skipLine();
  return false;
}
