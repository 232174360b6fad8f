import type { Compute, Keep, PlacedMapping } from '../mapper/placed.ts';
import type { LevelTraffic } from './metrics.ts';
import type { ComputeTraffic, Movement } from './traffic.ts';

/** What one movement or compute reads and writes at one level. */
export type Access = {
  readonly keep: Keep;
  /** The keep's, or the one that has what of it spilled. */
  readonly level: number;
  /** Undefined: a tile moves. */
  readonly compute: Compute | undefined;
  readonly read_bytes: number;
  readonly write_bytes: number;
  /** It is a tile of this keep that comes from the level above or goes there. */
  readonly moves: 'fill' | 'drain' | undefined;
};

/** The part of a keep's tiles that is in its level. */
export const keptShare = ({ spill }: Keep): number => 1 - (spill?.share ?? 0);

/** What spills is in the parent already: the rest is filled and drained. */
export function accessesOfMovement({ keep, ...moved }: Movement): readonly Access[] {
  const kept = keptShare(keep);
  const [filled, drained] = [kept * moved.fill_bytes, kept * moved.drain_bytes];
  const own = { keep, level: keep.level, compute: undefined };
  if (keep.parent === undefined) return [];
  return [
    { ...own, read_bytes: 0, write_bytes: filled, moves: 'fill' },
    { ...own, read_bytes: drained, write_bytes: 0, moves: 'drain' },
    ...inTile(keep.parent, undefined, kept * moved.parent_read_bytes + (keep.rereads ? drained : 0), drained),
  ];
}

export function accessesOfCompute(c: ComputeTraffic): readonly Access[] {
  const { compute, read_bytes, update_read_bytes, write_bytes } = c;
  return [
    ...compute.operands.flatMap((keep, i) => inTile(keep, compute, read_bytes[i]!, 0)),
    ...inTile(compute.output, compute, update_read_bytes, write_bytes),
  ];
}

/** Reads and writes of a keep's tile: the share that spilled is read and written further out as well. */
function inTile(keep: Keep, compute: Compute | undefined, read_bytes: number, write_bytes: number): readonly Access[] {
  const { level, spill, parent } = keep;
  const own: Access = { keep, level, compute, read_bytes, write_bytes, moves: undefined };
  if (spill === undefined) return [own];
  const [read, written] = [spill.share * read_bytes, spill.share * write_bytes];
  if (parent !== undefined) return [own, ...inTile(parent, compute, read, written)];
  return [own, { ...own, level: spill.level, read_bytes: read, write_bytes: written }];
}

/** By keep, bytes of its tiles that others read and write. */
export function accessedBytes(
  p: PlacedMapping,
  accesses: readonly Access[],
): readonly { readonly read: number; readonly written: number }[] {
  const sums = p.keeps.map(() => ({ read: 0, written: 0 }));
  for (const { keep, level, moves, read_bytes, write_bytes } of accesses) {
    if (level !== keep.level || moves !== undefined) continue;
    const sum = sums[keep.id]!;
    sum.read += read_bytes;
    sum.written += write_bytes;
  }
  return sums;
}

export function sumByLevel(p: PlacedMapping, accesses: readonly Access[]): ReadonlyMap<string, LevelTraffic> {
  const sums = p.machine.levels.map(() => new Map<string, { read_bytes: number; write_bytes: number }>());
  for (const { keep, level, read_bytes, write_bytes } of accesses) {
    const name = p.workload.tensors[keep.tensor]!.name;
    const old = sums[level]!.get(name) ?? { read_bytes: 0, write_bytes: 0 };
    sums[level]!.set(name, { read_bytes: old.read_bytes + read_bytes, write_bytes: old.write_bytes + write_bytes });
  }
  const levels = new Map<string, LevelTraffic>();
  p.machine.levels.forEach((level, l) => {
    const by_tensor = sums[l]!;
    if (by_tensor.size === 0) return;
    let read_bytes = 0;
    let write_bytes = 0;
    for (const t of by_tensor.values()) {
      read_bytes += t.read_bytes;
      write_bytes += t.write_bytes;
    }
    levels.set(level.name, { read_bytes, write_bytes, by_tensor });
  });
  return levels;
}
