import type { BoundAccess, BoundEinsum } from '../../src/einsum/workload.ts';
import type { PlacedMapping } from '../../src/mapper/placed.ts';
import { type Accesses, movedPart, placesOf } from './access-counter.ts';

/** Bytes by level, as a memory that lanes divide among them is read and written; drains to the level above apart. */
export type LevelBytes = { read: number; drained: number; write: number };

/**
 * Counts what energy is charged for, the slow way: every point that a lane computes, one after the other. Tiles that
 * move are counted by `access-counter.ts`; shares nothing else with `src/models/energy.ts`.
 */
export function countLevelBytes(p: PlacedMapping, accesses: Accesses): readonly LevelBytes[] {
  const levels = p.machine.levels.map((): LevelBytes => ({ read: 0, drained: 0, write: 0 }));
  for (const keep of p.keeps) {
    const { id, level, parent } = keep;
    if (parent === undefined) continue;
    const part = movedPart(keep);
    levels[level]!.write += part * accesses.filled[id]!;
    levels[level]!.drained += part * accesses.drained[id]!;
    for (const place of placesOf(parent, part)) {
      levels[place.level]!.read += place.times * accesses.served[id]!;
      levels[place.level]!.write += place.times * accesses.drained[id]!;
    }
  }
  for (const c of p.computes) {
    const unit = p.machine.units[c.bindings[0]!.unit]!;
    const own = p.machine.levels[unit.level]!.memory!.perLane ? unit.level : undefined;
    c.operands.forEach((keep, i) => {
      for (const { level, times } of placesOf(keep))
        if (level !== own) levels[level]!.read += times * accesses.reads[c.id]![i]!;
    });
    for (const { level, times } of placesOf(c.output)) {
      if (level === own) continue;
      levels[level]!.read += times * accesses.updates[c.id]!;
      levels[level]!.write += times * accesses.writes[c.id]!;
    }
    if (own !== undefined) countLanes(p, c, levels[own]!, own, accesses);
  }
  return levels;
}

function countLanes(
  p: PlacedMapping,
  { id, einsum, operands, output }: PlacedMapping['computes'][number],
  own: LevelBytes,
  level: number,
  accesses: Accesses,
): void {
  const bytes = (access: BoundAccess): number => p.workload.tensors[access.tensor]!.bitsPerElement / 8;
  const begun = new Set<string>();
  for (const point of pointsOf(p, einsum)) {
    einsum.operands.forEach((access, i) => {
      own.read += bytes(access);
      if (operands[i]!.level !== level) own.write += bytes(access);
    });
    const element = einsum.output.indices.map((index) => point[index.terms[0]?.variable ?? 0]).join();
    if (begun.has(element)) own.read += bytes(einsum.output);
    begun.add(element);
    own.write += bytes(einsum.output);
  }
  if (output.level === level) return;
  own.drained += accesses.writes[id]!;
  own.write += accesses.updates[id]!;
}

export function pointsOf(p: PlacedMapping, { variables, domain }: BoundEinsum): readonly (readonly number[])[] {
  let points: number[][] = [[]];
  for (const v of variables)
    points = points.flatMap((point) =>
      Array.from({ length: p.workload.variables[v]!.size }, (_, i) => {
        const next = [...point];
        next[v] = i;
        return next;
      }),
    );
  return points.filter((point) =>
    domain.some((all) =>
      all.every(({ terms, offset }) => terms.reduce((s, t) => s + t.coefficient * point[t.variable]!, offset) >= 0),
    ),
  );
}
