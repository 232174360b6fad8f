import { gapsIn, joined } from './range-set.ts';
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

/** What is in `ranges` and in none of `others`, in order of `ranges`. */
export function without(ranges: readonly Range[], others: readonly Range[]): readonly Range[] {
  const taken = joined(others);
  return taken.length === 0 ? ranges : ranges.flatMap((range) => gapsIn(range, taken));
}

export const pointsIn = (ranges: readonly Range[]): number => ranges.reduce((sum, { count }) => sum + count, 0);
