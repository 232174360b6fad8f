import { type Layout, type Tone, unpainted } from '../layout.ts';
import { widthOf, wordsOf, wrapText } from '../wrap-text.ts';

type Align = 'left' | 'right';

export type Column = {
  readonly title: string;
  readonly align?: Align;
  /** Words of this column go to further lines before those of other columns do. */
  readonly wrap?: boolean;
};

/** A text, or one that means more than its words. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

const gap = '  ';
/** A column with long words gets this narrow, and no narrower, where words have to be broken. */
const narrowest = 12;

const textOf = (cell: Cell | undefined): string => (typeof cell === 'object' ? cell.text : (cell ?? ''));

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

type Grid = { readonly columns: readonly Column[]; readonly rows: readonly (readonly Cell[])[] };

/** Widths of columns at their narrowest and as wide as they come. */
type Extent = { readonly least: number; readonly broken: number; readonly most: number };

function extentOf({ columns, rows }: Grid, i: number): Extent {
  const texts = [columns[i]!.title, ...rows.map((row) => textOf(row[i]))];
  const most = Math.max(...texts.map(widthOf));
  const words = Math.max(...texts.flatMap((text) => wordsOf(text).map(widthOf)));
  return { least: Math.min(most, Math.max(narrowest, words)), broken: Math.min(most, narrowest), most };
}

/** Takes what is too much from the widest columns, one character at a time, so that they end up even. */
function narrow(widths: number[], least: readonly number[], room: number): number[] {
  for (let excess = sum(widths) - room; excess > 0; excess--) {
    let widest: number | undefined;
    widths.forEach((width, i) => {
      if (width > least[i]! && (widest === undefined || width > widths[widest]!)) widest = i;
    });
    if (widest === undefined) break;
    widths[widest]!--;
  }
  return widths;
}

/**
 * Widths of columns that share `room`: those that wrap give way first, then the other texts, then words are broken;
 * numbers never are.
 */
function columnWidths(columns: readonly Column[], extents: readonly Extent[], room: number): number[] {
  const least = (of: (column: Column, extent: Extent) => number) => columns.map((c, i) => of(c, extents[i]!));
  const widths = extents.map((e) => e.most);
  narrow(
    widths,
    least((c, e) => (c.wrap === true ? e.least : e.most)),
    room,
  );
  narrow(
    widths,
    least((c, e) => (c.align === 'right' ? e.most : e.least)),
    room,
  );
  return narrow(
    widths,
    least((c, e) => (c.align === 'right' ? e.most : e.broken)),
    room,
  );
}

/** Where a table is too wide for its room: the columns of each of the tables that it becomes, all with the first column. */
function parted(columns: readonly Column[], extents: readonly Extent[], width: number): readonly (readonly number[])[] {
  const least = (i: number): number => (columns[i]!.align === 'right' ? extents[i]!.most : extents[i]!.least);
  const parts: number[][] = [[0]];
  let used = least(0);
  for (let i = 1; i < columns.length; i++) {
    const needs = gap.length + least(i);
    if (used + needs > width && parts.at(-1)!.length > 1) {
      parts.push([0]);
      used = least(0);
    }
    parts.at(-1)!.push(i);
    used += needs;
  }
  return parts;
}

function drawGrid(
  { columns, rows }: Grid,
  widths: readonly number[],
  { indent = '', paint = unpainted }: Layout,
): string {
  const line = (texts: readonly string[], tones: readonly (Tone | undefined)[]): string => {
    const cells = texts.map((text, i) => {
      const space = ' '.repeat(Math.max(0, widths[i]! - widthOf(text)));
      const tone = tones[i];
      const shown = tone === undefined || text === '' ? text : paint(text, tone);
      return columns[i]!.align === 'right' ? space + shown : shown + space;
    });
    return `${(indent + cells.join(gap)).trimEnd()}\n`;
  };
  const block = (cells: readonly (Cell | undefined)[]): string => {
    const wrapped = cells.map((cell, i) => {
      const text = textOf(cell);
      return widthOf(text) <= widths[i]! ? [text] : wrapText(text, widths[i]!);
    });
    const tones = cells.map((cell) => (typeof cell === 'object' ? cell.tone : undefined));
    const height = Math.max(...wrapped.map((lines) => lines.length));
    return Array.from({ length: height }, (_, k) =>
      line(
        wrapped.map((lines) => lines[k] ?? ''),
        tones,
      ),
    ).join('');
  };
  const rule = widths.map((w) => '-'.repeat(w)).join(gap);
  return [
    block(columns.map(({ title }): Cell => ({ text: title, tone: 'head' }))),
    `${indent}${paint(rule, 'rule')}\n`,
    ...rows.map((row) => block(columns.map((_, i) => row[i]))),
  ].join('');
}

/**
 * Text table: a line of titles, a rule, one or more lines a row; every line ends with a line break. What does not fit
 * beside each other stands below, each part with the first column. A row may have fewer cells than there are columns.
 * Numbers are the caller's business (quantity-text.ts).
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  layout: Layout = {},
): string {
  const all = { columns, rows };
  const extents = columns.map((_, i) => extentOf(all, i));
  if (layout.width === undefined)
    return drawGrid(
      all,
      extents.map((e) => e.most),
      layout,
    );
  const width = layout.width - widthOf(layout.indent ?? '');
  return parted(columns, extents, width)
    .map((part) => {
      const own = { columns: part.map((i) => columns[i]!), rows: rows.map((row) => part.map((i) => row[i] ?? '')) };
      const room = width - gap.length * (part.length - 1);
      return drawGrid(
        own,
        columnWidths(
          own.columns,
          part.map((i) => extents[i]!),
          room,
        ),
        layout,
      );
    })
    .join('\n');
}

/** Two columns without titles: names left, values right of them, or below where there is no room, wrapped under each other. */
export function renderPairs(pairs: readonly (readonly [string, Cell])[], layout: Layout = {}): string {
  const { width, indent = '', paint = unpainted } = layout;
  const left = Math.max(0, ...pairs.map(([name]) => widthOf(name)));
  const beside = width === undefined ? Number.POSITIVE_INFINITY : width - widthOf(indent) - left - gap.length;
  const isBelow = beside < narrowest;
  const inner = isBelow ? indent + gap : `${indent}${' '.repeat(left)}${gap}`;
  const room = isBelow ? Math.max(narrowest, width! - widthOf(inner)) : beside;
  return pairs
    .map(([name, value]) => {
      const tone = typeof value === 'object' ? value.tone : undefined;
      const lines = wrapText(textOf(value), room).map((text) =>
        tone === undefined || text === '' ? text : paint(text, tone),
      );
      const head = indent + name + ' '.repeat(left - widthOf(name)) + gap;
      const shown = isBelow
        ? [indent + name, ...lines.map((text) => inner + text)]
        : [head + lines[0]!, ...lines.slice(1).map((text) => inner + text)];
      return shown.map((line) => `${line.trimEnd()}\n`).join('');
    })
    .join('');
}
