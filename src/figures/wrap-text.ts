import { textWidth } from './label-placement.ts';

/** Pieces of a word that are no wider than a line. */
function piecesOf(word: string, fontPixels: number, width: number): readonly string[] {
  const pieces: string[] = [];
  for (const letter of word) {
    const longer = `${pieces.at(-1) ?? ''}${letter}`;
    if (pieces.length === 0 || textWidth(longer, fontPixels) > width) pieces.push(letter);
    else pieces[pieces.length - 1] = longer;
  }
  return pieces;
}

/** A text in lines of at most some pixels, cut at spaces and, where a word is longer than a line, in the word. */
export function wrapText(text: string, width: number, fontPixels: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' '))
    for (const [i, piece] of piecesOf(word, fontPixels, width).entries()) {
      const longer = `${lines.at(-1)} ${piece}`;
      if (i > 0 || lines.length === 0 || textWidth(longer, fontPixels) > width) lines.push(piece);
      else lines[lines.length - 1] = longer;
    }
  return lines;
}
