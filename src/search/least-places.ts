import { vectorFront } from './front.ts';
import { type Vector, zeros } from './vector.ts';

/** One way to keep a tensor: sums that are to be least, then bytes that it takes of rooms. */
export type PlaceOption<T> = { readonly option: T; readonly vector: Vector };

/** Ways to keep all tensors that no other is better than in every sum. */
export type Places<T> = { readonly options: readonly T[]; readonly vector: Vector };

/** More than these are merged: what they say is then the least of some, of rooms as well. */
const mostPartial = 400;

type Partial<T> = {
  readonly before: Partial<T> | undefined;
  readonly option: T | undefined;
  readonly vector: Vector;
};

/**
 * What one way to keep each tensor costs at least, if all fit together: tensors are added one by one, and those so far are dropped
 * that are no better than others in any sum or room, do not fit, or are of no use whatever follows. None: nothing fits that is of use.
 * `most`: what the sums and rooms can be.
 */
export function leastPlaces<T>(
  lists: readonly (readonly PlaceOption<T>[])[],
  most: Vector,
  isUseless: (vector: Vector) => boolean,
): readonly Places<T>[] {
  const entries = [...most.keys()];
  const vectorOf = ({ vector }: { readonly vector: Vector }): Vector => vector;
  let partial: readonly Partial<T>[] = [{ before: undefined, option: undefined, vector: zeros(most.length) }];
  const vector = zeros(most.length);
  for (const list of lists) {
    const next: Partial<T>[] = [];
    const useful = vectorFront(list, entries, vectorOf);
    for (const before of partial)
      for (const { option, vector: own } of useful)
        if (add(before.vector, own, most, vector) && !isUseless(vector))
          next.push({ before, option, vector: vector.slice() });
    partial = merged(vectorFront(next, entries, vectorOf));
  }
  return partial.map((p) => ({ options: optionsOf(p), vector: p.vector }));
}

/** Whether a sum is within limits. */
function add(a: Vector, b: Vector, most: Vector, sum: Vector): boolean {
  for (let i = 0; i < sum.length; i++) {
    sum[i] = a[i]! + b[i]!;
    if (sum[i]! > most[i]!) return false;
  }
  return true;
}

function optionsOf<T>(partial: Partial<T>): readonly T[] {
  const options: T[] = [];
  for (let p = partial; p.before !== undefined; p = p.before) options.unshift(p.option!);
  return options;
}

/** Neighbours as one, where there are too many. */
function merged<T>(some: readonly Partial<T>[]): readonly Partial<T>[] {
  const size = Math.ceil(some.length / mostPartial);
  if (size < 2) return some;
  return Array.from({ length: Math.ceil(some.length / size) }, (_, i) => {
    const group = some.slice(i * size, (i + 1) * size);
    const vector = group[0]!.vector.map((_, d) => group.reduce((x, p) => Math.min(x, p.vector[d]!), Infinity));
    return { ...group[0]!, vector };
  });
}
