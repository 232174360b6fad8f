/** A text that a user wrote, with the name to show for it (usually the path as given). */
export type Source = { readonly name: string; readonly text: string };

/** Half-open range of UTF-16 offsets in a source. */
export type Span = { readonly source: Source; readonly start: number; readonly end: number };

/** Line and column count from 1. */
export type Position = { readonly line: number; readonly column: number };

export const span = (source: Source, start: number, end: number): Span => ({ source, start, end });

/** Smallest span that covers both (they must be of one source). */
export const spanning = (a: Span, b: Span): Span => ({
  source: a.source,
  start: Math.min(a.start, b.start),
  end: Math.max(a.end, b.end),
});

/** Line and column of a place in a text. */
export function position(source: Source, offset: number): Position {
  const before = source.text.slice(0, offset);
  const lastBreak = before.lastIndexOf('\n');
  let line = 1;
  for (let i = before.indexOf('\n'); i >= 0; i = before.indexOf('\n', i + 1)) line++;
  return { line, column: offset - lastBreak };
}

/** Text of a line (counted from 1) without its line break. */
export function lineText(source: Source, line: number): string {
  let start = 0;
  for (let i = 1; i < line; i++) {
    const next = source.text.indexOf('\n', start);
    if (next < 0) return '';
    start = next + 1;
  }
  const end = source.text.indexOf('\n', start);
  return source.text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '');
}
