import { invariant } from '../invariant.ts';
import { directions } from './sobol-directions.ts';

const bits = 32;

/**
 * The direction numbers of a dimension, counted from 0, as fractions of 2^32: of the binary digits of a point's
 * number each that is 1 turns over one of them (Bratley and Fox, ACM TOMS 14, 88 (1988)).
 */
export function directionNumbers(dimension: number): Int32Array {
  const numbers = new Int32Array(bits);
  if (dimension === 0) return numbers.map((_, i) => 1 << (bits - 1 - i));
  const found = directions[dimension - 1];
  invariant(found !== undefined, `Sobol's sequence has no dimension ${dimension}`);
  const { a, m } = found;
  const degree = m.length;
  for (let i = 0; i < bits; i++) {
    if (i < degree) {
      numbers[i] = m[i]! << (bits - 1 - i);
      continue;
    }
    const before = numbers[i - degree]!;
    let number = before ^ (before >>> degree);
    for (let k = 1; k < degree; k++) if ((a >>> (degree - 1 - k)) & 1) number ^= numbers[i - k]!;
    numbers[i] = number;
  }
  return numbers;
}

/** A coordinate of a point as a fraction of 2^32, in the order of Gray's code, as it is published. */
export function sobolCoordinate(numbers: Int32Array, point: number): number {
  let coordinate = 0;
  for (let digits = point ^ (point >>> 1), i = 0; digits !== 0; digits >>>= 1, i++)
    coordinate ^= numbers[i]! & -(digits & 1);
  return coordinate >>> 0;
}
