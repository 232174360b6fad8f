import stringWidth from 'string-width';
import type { Layout } from './layout.ts';

/** Columns on a screen: two for wide characters, none for those that change the one before. */
export const widthOf = (text: string): number => (/^[ -~]*$/.test(text) ? text.length : stringWidth(text));

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The characters that fit into `width` columns, at least one, and the rest. */
function cut(text: string, width: number): readonly [string, string] {
  let end = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    if (end > 0 && widthOf(text.slice(0, index + segment.length)) > width) break;
    end = index + segment.length;
  }
  return [text.slice(0, end), text.slice(end)];
}

/** The text itself if it fits into `width` columns; else as much as does, and a mark that there is more. */
export const clipped = (text: string, width: number): string =>
  widthOf(text) <= width ? text : `${width > 1 ? cut(text, width - 1)[0] : ''}…`;

/**
 * The words of a text, which lines are broken between: a number goes with its unit, and spaces at the beginning with
 * the first word.
 */
export function wordsOf(text: string): readonly string[] {
  const lead = /^ */.exec(text)![0];
  const [first = '', ...others] = text.slice(lead.length).split(/(?<!\d) | (?![A-Za-zµ]\S{0,7}(?:[ ,;)]|$))/);
  return [lead + first, ...others];
}

/** Lines of at most `width` columns, broken between words, inside a word only if it is longer than a line. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of wordsOf(text)) {
    let rest = word;
    if (line !== '' && widthOf(line) + 1 + widthOf(rest) <= width) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== '') lines.push(line);
    while (widthOf(rest) > width) {
      const [first, more] = cut(rest, width);
      if (more === '') break;
      lines.push(first);
      rest = more;
    }
    line = rest;
  }
  lines.push(line);
  return lines;
}

/** No line gets narrower than this, whatever the terminal. */
const narrowest = 12;

/** A sentence on lines of its own, those after the first further in; ends with a line break. */
export function wrapSentence(text: string, { width, indent = '' }: Layout): string {
  const room = width === undefined ? Number.POSITIVE_INFINITY : Math.max(narrowest, width - indent.length - 2);
  return wrapText(text, room)
    .map((line, i) => `${indent}${i === 0 ? '' : '  '}${line}\n`)
    .join('');
}
