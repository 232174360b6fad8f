import type { Machine } from '../arch/machine.ts';
import { lanes } from '../arch/peaks.ts';
import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { BoundAccess, Workload } from '../einsum/workload.ts';
import { isBelow } from './levels.ts';
import type { Compute, Keep, Loop, PlacedBinding, PlacedMapping } from './placed.ts';
import { isIndexedBy } from './tile.ts';

/**
 * Memories of which every lane of an array has one for itself (`private`). A lane holds the part of a tile that it works on: along
 * dimensions of the array that index the tensor the lanes divide the tile, along others each has a copy, of an operand or
 * of a sum that it adds to. What a lane adds up over several passes it adds up there.
 */

type LaidRanks = PlacedBinding['dimensions'];

/** A compute whose lanes hold tiles of a keep: ranks along the array that divide a tile among them, and ranks that copy it. */
export type LaneUse = {
  readonly compute: Compute;
  readonly dividing: LaidRanks;
  readonly copying: LaidRanks;
};

/** Whether the lanes of a unit have the private memories of a level. */
export function hasLanesIn({ levels, units }: Machine, level: number, unit: number): boolean {
  const at = units[unit]!.level;
  return levels[level]!.memory?.private === true && (at === level || isBelow(levels, at, level));
}

export function laneUse(compute: Compute, access: BoundAccess): LaneUse {
  const { dimensions } = compute.bindings[0]!;
  return {
    compute,
    dividing: dimensions.filter((d) => isIndexedBy(access, d.variable)),
    copying: dimensions.filter((d) => !isIndexedBy(access, d.variable)),
  };
}

/** Who holds the tiles of a keep in private memories; nobody if it is in another one. */
export function laneUses({ machine, computes }: PlacedMapping, keep: Keep): readonly LaneUse[] {
  if (machine.levels[keep.level]!.memory?.private !== true) return [];
  return computes.flatMap((compute) => {
    if (!hasLanesIn(machine, keep.level, compute.bindings[0]!.unit)) return [];
    const { einsum, operands, output } = compute;
    const used = [...operands, output];
    return [...einsum.operands, einsum.output].flatMap((access, i) =>
      isUnder(used[i]!, keep) ? [laneUse(compute, access)] : [],
    );
  });
}

function isUnder(inner: Keep, keep: Keep): boolean {
  for (let k: Keep | undefined = inner; k !== undefined; k = k.parent) if (k === keep) return true;
  return false;
}

/** Coordinates of a variable in the largest tile under loops. */
export const longest = ({ variables }: Workload, loops: readonly Loop[], variable: number): number =>
  loops.reduce((n, l) => (l.variable === variable ? Math.min(n, l.tile) : n), variables[variable]!.size);

/** Lanes that have a copy of what a compute works on, in its largest tile. */
export const copiesIn = ({ workload }: PlacedMapping, { compute, copying }: LaneUse): number =>
  copying.reduce((n, d) => n * Math.min(d.size, longest(workload, compute.above, d.variable)), 1);

/** Lanes that have a copy of a keep's tile; 1 where it is in no private memory. */
export const copiesOf = (p: PlacedMapping, keep: Keep): number =>
  laneUses(p, keep).reduce((most, use) => Math.max(most, copiesIn(p, use)), 1);

/** Lanes of the largest unit that has the private memories of a level. */
export const lanesOf = ({ levels, units }: Machine, level: number): number =>
  Math.max(1, ...units.filter((u) => u.level === level || isBelow(levels, u.level, level)).map(lanes));

/** What a tile of so many bytes takes of private memories: as if every lane held as much as the one that holds most. */
export function bytesInLanes(p: PlacedMapping, keep: Keep, bytes: number): number {
  const uses = laneUses(p, keep);
  if (uses.length === 0) return bytes;
  const part = ({ compute, dividing }: LaneUse): number =>
    dividing.reduce((n, { variable, size }) => {
      const extent = longest(p.workload, keep.above, variable);
      const lanes = Math.min(size, longest(p.workload, compute.above, variable));
      return (n / extent) * Math.ceil(extent / lanes);
    }, bytes);
  return Math.max(...uses.map(part)) * lanesOf(p.machine, keep.level);
}

/**
 * Lanes with private memories have no other place for what they use in several passes over the array: an operand that is read
 * again, or a sum that goes on.
 */
export function checkHeld(p: PlacedMapping): readonly Diagnostic[] {
  const { machine, workload } = p;
  return p.computes.flatMap((compute) => {
    const { einsum, bindings, operands, output, above, span } = compute;
    const { unit, dimensions } = bindings[0]!;
    const own = machine.levels.filter((_, l) => hasLanesIn(machine, l, unit));
    if (own.length === 0) return [];
    return [output, ...operands].flatMap((keep, i) => {
      if (own.includes(machine.levels[keep.level]!)) return [];
      const access = i === 0 ? einsum.output : einsum.operands[i - 1]!;
      const again = einsum.variables.find((v) => {
        const lanes = dimensions.find((d) => d.variable === v)?.size ?? 1;
        return !isIndexedBy(access, v) && longest(workload, above, v) > lanes;
      });
      if (again === undefined) return [];
      const [rank, tensor] = [workload.variables[again]!.name, workload.tensors[access.tensor]!.name];
      const use = i === 0 ? `adds to "${tensor}"` : `reads "${tensor}" again`;
      const message = `"${einsum.name}" ${use} in each pass over "${rank}", but the lanes of "${machine.units[unit]!.name}" do not keep it`;
      const help = `keep ${tensor} in "${own.at(-1)!.name}", or put a loop over "${rank}" around that leaves one pass`;
      return [diagnostic('not-held', message, span, { help })];
    });
  });
}
