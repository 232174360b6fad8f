import type { Range } from './table.ts';

/** One of several runs that share the points of a sweep, numbered from 1. */
export type Shard = { readonly index: number; readonly of: number };

/** A shard has about so many blocks, so that regions of a space that cost more are shared out too. */
const blocksOfShard = 32;

/** Points of a block. Blocks go round among the shards: block b is of shard b mod `of` + 1. */
export const blockOfShards = (points: number, shards: number): number =>
  Math.min(65536, Math.max(1, Math.ceil(points / (shards * blocksOfShard))));

/** The points of a shard, as ranges in order: a function of the number of points and of the shard alone. */
export function rangesOfShard(points: number, { index, of }: Shard): readonly Range[] {
  if (of === 1) return points === 0 ? [] : [{ first: 0, count: points }];
  const block = blockOfShards(points, of);
  const ranges: Range[] = [];
  for (let first = (index - 1) * block; first < points; first += of * block)
    ranges.push({ first, count: Math.min(block, points - first) });
  return ranges;
}

/** What is in `ranges` and in none of `others`, in order; `ranges` are in order and do not overlap. */
export function without(ranges: readonly Range[], others: readonly Range[]): readonly Range[] {
  const taken = others.filter((r) => r.count > 0).toSorted((a, b) => a.first - b.first);
  const left: Range[] = [];
  let t = 0;
  for (const { first, count } of ranges) {
    const end = first + count;
    let from = first;
    while (t < taken.length && endOf(taken[t]!) <= from) t++;
    for (let i = t; i < taken.length && taken[i]!.first < end; i++) {
      if (taken[i]!.first > from) left.push({ first: from, count: taken[i]!.first - from });
      from = Math.max(from, endOf(taken[i]!));
    }
    if (from < end) left.push({ first: from, count: end - from });
  }
  return left;
}

const endOf = ({ first, count }: Range): number => first + count;

export const pointsIn = (ranges: readonly Range[]): number => ranges.reduce((sum, { count }) => sum + count, 0);
