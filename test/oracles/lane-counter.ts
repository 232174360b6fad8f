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
    const copies = holdersOf(p, keep);
    levels[level]!.write += copies * part * accesses.filled[id]!;
    levels[level]!.drained += copies * part * accesses.drained[id]!;
    for (const place of placesOf(parent, part)) {
      const times = place.times * (place.level === parent.level ? holdersOf(p, parent) : 1);
      levels[place.level]!.read += times * (accesses.served[id]! + (keep.rereads ? accesses.drained[id]! : 0));
      levels[place.level]!.write += times * accesses.drained[id]!;
    }
  }
  for (const c of p.computes) {
    const unit = p.machine.units[c.bindings[0]!.unit]!;
    const own = p.machine.levels[unit.level]!.memory!.perLane ? unit.level : undefined;
    const mine = (level: number): boolean => isPrivate(p, level, unit.level);
    c.operands.forEach((keep, i) => {
      for (const { level, times } of placesOf(keep))
        if (level !== own && !mine(level)) levels[level]!.read += times * accesses.reads[c.id]![i]!;
    });
    for (const { level, times } of placesOf(c.output)) {
      if (level === own || mine(level)) continue;
      levels[level]!.read += times * accesses.updates[c.id]!;
      levels[level]!.write += times * accesses.writes[c.id]!;
    }
    if (own !== undefined) countLanes(p, c, levels[own]!, own, accesses);
    countPrivate(p, c, mine, levels);
  }
  return levels;
}

/** Whether a unit of a level has a part of another level's memory for each of its lanes. */
function isPrivate(p: PlacedMapping, level: number, unit: number): boolean {
  for (let l: number | undefined = unit; l !== undefined; l = p.machine.levels[l]!.parent)
    if (l === level) return p.machine.levels[level]!.memory!.private;
  return false;
}

/** Lanes that see the same element of an access: all that differ in ranks which do not index it. */
function lanesBeside(p: PlacedMapping, c: PlacedMapping['computes'][number], access: BoundAccess): number {
  let product = 1;
  for (const { variable, size } of c.bindings[0]!.dimensions) {
    if (access.indices.some((index) => index.terms.some((t) => t.variable === variable))) continue;
    const seen = new Set<number>();
    for (let x = 0; x < p.workload.variables[variable]!.size; x++) {
      let at = x;
      for (const l of c.above) if (l.variable === variable) at %= l.tile;
      seen.add(at % size);
    }
    product *= seen.size;
  }
  return product;
}

/** Lanes that hold a keep's tile: as many as the compute inside has that wants most. */
function holdersOf(p: PlacedMapping, keep: PlacedMapping['keeps'][number]): number {
  let most = 1;
  for (const c of p.computes) {
    const unit = p.machine.units[c.bindings[0]!.unit]!;
    if (!isPrivate(p, keep.level, unit.level)) continue;
    [...c.operands, c.output].forEach((innermost, i) => {
      for (let k: typeof innermost | undefined = innermost; k !== undefined; k = k.parent)
        if (k === keep) most = Math.max(most, lanesBeside(p, c, c.einsum.operands[i] ?? c.einsum.output));
    });
  }
  return most;
}

/** At each point a lane reads what it keeps, and writes its sum, which it reads from the second point on. */
function countPrivate(
  p: PlacedMapping,
  c: PlacedMapping['computes'][number],
  mine: (level: number) => boolean,
  levels: readonly LevelBytes[],
): void {
  const { einsum, operands, output } = c;
  const bytes = (access: BoundAccess): number => p.workload.tensors[access.tensor]!.bitsPerElement / 8;
  const begun = new Set<string>();
  let points = 0;
  for (const point of pointsOf(p, einsum)) {
    points++;
    einsum.operands.forEach((access, i) => {
      if (mine(operands[i]!.level)) levels[operands[i]!.level]!.read += bytes(access);
    });
    begun.add(einsum.output.indices.map((index) => point[index.terms[0]?.variable ?? 0]).join());
  }
  if (!mine(output.level)) return;
  const first = Math.min(points, begun.size * lanesBeside(p, c, einsum.output));
  levels[output.level]!.write += points * bytes(einsum.output);
  levels[output.level]!.read += (points - first) * bytes(einsum.output);
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
