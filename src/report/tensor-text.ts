import type { Layout } from '../layout.ts';
import { wrapSentence } from '../wrap-text.ts';
import { plainText as number } from './quantity-text.ts';

/** A tensor's elements, row-major; those that do not exist have a 0 in `exists`. */
export type ShownTensor = {
  readonly name: string;
  readonly ranks: readonly string[];
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
  readonly exists: ArrayLike<number>;
};

export type TensorStatistics = {
  readonly elements: number;
  readonly existing: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
};

/** Over the elements that exist; all NaN if none does. */
export function tensorStatistics(tensor: ShownTensor): TensorStatistics {
  let existing = 0;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < tensor.values.length; i++) {
    if (tensor.exists[i] !== 1) continue;
    const value = tensor.values[i]!;
    existing++;
    sum += value;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  const elements = tensor.values.length;
  if (existing === 0) return { elements, existing, min: Number.NaN, max: Number.NaN, mean: Number.NaN };
  return { elements, existing, min, max, mean: sum / existing };
}

/** Largest tensor that is printed whole, in elements, and its longest row. */
const mostElements = 64;
const longestRow = 8;

const isSmall = (tensor: ShownTensor): boolean =>
  tensor.values.length <= mostElements && (tensor.shape.at(-1) ?? 1) <= longestRow;

/** Rows of the last rank, each with the coordinates of the others; "." is an element that does not exist. */
function rowsText(tensor: ShownTensor, layout: Layout): string {
  const width = tensor.shape.at(-1) ?? 1;
  const cells = Array.from({ length: tensor.values.length }, (_, i) =>
    tensor.exists[i] === 1 ? number(tensor.values[i]!) : '.',
  );
  const widest = Math.max(...cells.map((c) => c.length));
  const lines: string[] = [];
  for (let start = 0; start < cells.length; start += width) {
    const coordinates: number[] = [];
    let rest = start / width;
    for (let d = tensor.shape.length - 2; d >= 0; d--) {
      coordinates.unshift(rest % tensor.shape[d]!);
      rest = Math.floor(rest / tensor.shape[d]!);
    }
    const row = cells.slice(start, start + width).map((c) => c.padStart(widest));
    const head = `  [${coordinates.join(',')}]`;
    const perLine = Math.max(1, Math.floor(((layout.width ?? Number.POSITIVE_INFINITY) - head.length) / (widest + 2)));
    for (let i = 0; i < width; i += perLine)
      lines.push(`${i === 0 ? head : ' '.repeat(head.length)}  ${row.slice(i, i + perLine).join('  ')}\n`);
  }
  return lines.join('');
}

/** Name, shape and statistics on one line, and the values of a small tensor below. */
export function tensorText(tensor: ShownTensor, layout: Layout = {}): string {
  const s = tensorStatistics(tensor);
  const shape = tensor.ranks.map((rank, i) => `${rank}=${tensor.shape[i]}`).join(', ');
  const missing = s.existing < s.elements ? `, ${s.existing} of ${s.elements} elements exist` : '';
  const range = s.existing === 0 ? '' : `, min ${number(s.min)}, max ${number(s.max)}, mean ${number(s.mean)}`;
  const head = wrapSentence(`${tensor.name}[${shape}]${range}${missing}`, layout);
  return head + (isSmall(tensor) && s.existing > 0 ? rowsText(tensor, layout) : '');
}
