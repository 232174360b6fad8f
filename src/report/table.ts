type Align = 'left' | 'right';

export type Column = {
  readonly title: string;
  readonly align?: Align;
  /** Words of this column go to further lines where the table would be wider than allowed. */
  readonly wrap?: boolean;
};

export type TableOptions = {
  /** Characters a line; unlimited if not given, as when the output is no terminal. */
  readonly width?: number | undefined;
  readonly indent?: string;
};

const gap = '  ';
/** A wrapped column never gets narrower than this, whatever the terminal. */
const narrowest = 12;

/** Characters on the screen, for text without wide characters; surrogate pairs count once. */
const widthOf = (text: string): number => [...text].length;

function pad(text: string, width: number, align: Align): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + space : space + text;
}

/** Lines of at most `width` characters, broken at spaces, inside a word only if the word is longer than a line. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let rest = word;
    while (widthOf(rest) > width) {
      if (line !== '') {
        lines.push(line);
        line = '';
      }
      lines.push([...rest].slice(0, width).join(''));
      rest = [...rest].slice(width).join('');
    }
    if (line === '') line = rest;
    else if (widthOf(line) + 1 + widthOf(rest) <= width) line += ` ${rest}`;
    else {
      lines.push(line);
      line = rest;
    }
  }
  lines.push(line);
  return lines;
}

function columnWidths(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: TableOptions,
): number[] {
  const widths = columns.map((column, i) =>
    Math.max(widthOf(column.title), ...rows.map((row) => widthOf(row[i] ?? ''))),
  );
  if (options.width === undefined) return widths;
  const fixed = widthOf(options.indent ?? '') + gap.length * (columns.length - 1);
  let excess = fixed + widths.reduce((a, b) => a + b, 0) - options.width;
  // The widest wrapping column gives way first, one character at a time, so that they end up even.
  while (excess > 0) {
    let widest: number | undefined;
    columns.forEach((column, i) => {
      if (column.wrap !== true || widths[i]! <= narrowest) return;
      if (widest === undefined || widths[i]! > widths[widest]!) widest = i;
    });
    if (widest === undefined) break;
    widths[widest]!--;
    excess--;
  }
  return widths;
}

/**
 * Text table: a line of titles, a rule, one or more lines a row; every line ends with a line break.
 * A row may have fewer cells than there are columns. Numbers are the caller's business (quantity-text.ts).
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string {
  const widths = columnWidths(columns, rows, options);
  const indent = options.indent ?? '';
  const line = (cells: readonly string[]): string =>
    (indent + cells.map((cell, i) => pad(cell, widths[i]!, columns[i]!.align ?? 'left')).join(gap)).trimEnd();
  const block = (row: readonly string[]): string[] => {
    const cells = columns.map((column, i) => {
      const text = row[i] ?? '';
      return column.wrap === true ? wrapText(text, widths[i]!) : [text];
    });
    const height = Math.max(...cells.map((c) => c.length));
    return Array.from({ length: height }, (_, k) => line(cells.map((c) => c[k] ?? '')));
  };
  const lines = [
    ...block(columns.map((c) => c.title)),
    indent + widths.map((w) => '-'.repeat(w)).join(gap),
    ...rows.flatMap(block),
  ];
  return lines.map((l) => `${l}\n`).join('');
}

/** Two columns without titles: names left, values left and wrapped under each other. */
export function renderPairs(pairs: readonly (readonly [string, string])[], options: TableOptions = {}): string {
  const indent = options.indent ?? '';
  const left = Math.max(0, ...pairs.map(([name]) => widthOf(name)));
  const room =
    options.width === undefined
      ? Number.POSITIVE_INFINITY
      : Math.max(narrowest, options.width - widthOf(indent) - left - gap.length);
  return pairs
    .map(([name, value]) =>
      wrapText(value, room)
        .map((text, i) => `${(indent + pad(i === 0 ? name : '', left, 'left') + gap + text).trimEnd()}\n`)
        .join(''),
    )
    .join('');
}
