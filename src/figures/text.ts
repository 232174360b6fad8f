import { textWidth } from './label-placement.ts';
import { fontSize, ink } from './style.ts';
import type { Svg } from './svg.ts';

/** Texts of figures: in lines, shortened, drawn. Lengths are pixels. */

/** From the edge of a figure to what is written on it. */
export const margin = 16;

/** Of lines of text, in parts of the size of their letters. */
export const lineHeight = 1.3;

/** Parts of a word that are as long as a line. */
function cut(word: string, width: number, size: number): readonly string[] {
  const parts: string[] = [];
  for (const letter of word) {
    const longer = `${parts.at(-1) ?? ''}${letter}`;
    if (parts.length > 0 && textWidth(longer.trimEnd(), size) <= width) parts[parts.length - 1] = longer;
    else parts.push(letter);
  }
  return parts;
}

/** A line may end after a space, and after a mark inside a long name. */
const words = (text: string): readonly string[] => text.split(/(?<=[ \-_/=,])/);

/** How wide a text is at least, if no word of it is cut. */
export const widestWord = (text: string, size: number): number =>
  Math.max(...words(text).map((word) => textWidth(word.trimEnd(), size)));

/** Words, those that are wider than a line cut wherever it is full. */
const pieces = (text: string, width: number, size: number): readonly string[] =>
  words(text).flatMap((word) => cut(word, width, size));

/** A text in lines of at most a width. */
export function wrapText(text: string, width: number, size: number): readonly string[] {
  const lines: string[] = [];
  for (const piece of pieces(text, width, size)) {
    const longer = `${lines.at(-1) ?? ''}${piece}`;
    if (lines.length > 0 && textWidth(longer.trimEnd(), size) <= width) lines[lines.length - 1] = longer;
    else lines.push(piece);
  }
  return lines.map((line) => line.trimEnd());
}

/** A text that is cut where it would be wider. */
export function shortenText(text: string, width: number, size: number): string {
  if (textWidth(text, size) <= width) return text;
  const letters = [...text];
  while (letters.length > 1 && textWidth(`${letters.join('')}…`, size) > width) letters.pop();
  return `${letters.join('').trimEnd()}…`;
}

export type TextStyle = {
  /** At the middle of the line if it is not given: "start" or "end" of the text. */
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly size?: number;
  readonly colour?: string;
  readonly weight?: 'bold';
};

/** One line with its foot at y. */
export const drawText = (svg: Svg, text: string, x: number, y: number, style: TextStyle = {}): Svg =>
  svg
    .append('text')
    .attr('x', x)
    .attr('y', y)
    .attr('text-anchor', style.anchor ?? 'start')
    .attr('font-size', style.size ?? fontSize.label)
    .attr('font-weight', style.weight ?? null)
    .attr('fill', style.colour ?? ink.text)
    .text(text);

/** Lines below each other, the first with its foot at y. */
export function drawLines(svg: Svg, lines: readonly string[], x: number, y: number, style: TextStyle = {}): void {
  const step = (style.size ?? fontSize.label) * lineHeight;
  lines.forEach((line, i) => {
    drawText(svg, line, x, y + i * step, style);
  });
}

/** What is written at the head of a figure, and at its foot: as many lines as they need. */
export const titleLines = (title: string, width: number): readonly string[] =>
  // A bold face is a little wider.
  wrapText(title, (width - 2 * margin) / 1.08, fontSize.title);

export const noteLines = (note: string, width: number): readonly string[] =>
  wrapText(note, width - 2 * margin, fontSize.note);

export const titleHeight = (lines: readonly string[]): number => 14 + lines.length * fontSize.title * lineHeight;

export const noteHeight = (lines: readonly string[]): number => 10 + lines.length * fontSize.note * lineHeight;

export const drawTitle = (svg: Svg, lines: readonly string[]): void =>
  drawLines(svg, lines, margin, 8 + fontSize.title, { size: fontSize.title, weight: 'bold' });

/** Where the numbers come from, at the bottom of a figure. */
export const drawNote = (svg: Svg, lines: readonly string[], bottom: number): void =>
  drawLines(svg, lines, margin, bottom - noteHeight(lines) + 3 + fontSize.note, {
    size: fontSize.note,
    colour: ink.axis,
  });
