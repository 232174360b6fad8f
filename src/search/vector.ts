/**
 * Numbers by position, as a plain array: a typed array of more than eight takes memory of its own, which is slow to get and to give
 * back, and a search makes millions.
 */
export type Vector = number[];

const patterns: Vector[] = [];

/** So many zeros. */
export function zeros(length: number): Vector {
  // An array that begins as integers is made anew at its first fraction.
  patterns[length] ??= Array.from({ length }, () => 0.5).fill(0);
  return patterns[length].slice();
}
