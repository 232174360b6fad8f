import { hasLanesIn, lanesOf as lanesIn } from '../mapper/lanes.ts';
import { isIndexedBy } from '../mapper/tile.ts';
import { accessesOf, type Body, type Frame } from './frame.ts';
import { lanesOf, type UnitChoice } from './plan.ts';

/** What each Einsum of a frame, by position, can be bound to. */
export type ChoicesOf = (einsum: number) => readonly { readonly form: { readonly choice: readonly UnitChoice[] } }[];

/**
 * Bytes that a tile of so many takes of a level at least, in a body where some Einsums use it. Lanes with private memories hold what they work
 * on, all as much as the one that holds most (`bytesInLanes` in `mapper/lanes.ts`): as little as the best binding of each Einsum allows.
 */
export function leastRoom(
  f: Frame,
  level: number,
  tensor: number,
  { body, users }: { readonly body: Body; readonly users: readonly number[] },
  bytes: number,
  choicesOf: ChoicesOf,
): number {
  const { workload, machine } = f.problem;
  if (!machine.levels[level]!.memory!.private) return bytes;
  const longest =
    (above: readonly number[]) =>
    (variable: number): number =>
      above.reduce(
        (n, i) => (f.loops[i]!.variable === variable ? Math.min(n, f.loops[i]!.tile) : n),
        workload.variables[variable]!.size,
      );
  const kept = longest(body.above);
  const lanes = lanesIn(machine, level);
  const leastPart = (e: number): number => {
    const computed = longest(f.bodies.get(e)!.at(-1)!.above);
    const accesses = accessesOf(workload.einsums[e]!).filter((a) => a.tensor === tensor);
    let least = Number.POSITIVE_INFINITY;
    for (const { form } of choicesOf(e)) {
      const [main] = form.choice;
      if (!hasLanesIn(machine, level, main!.unit)) return 0;
      const laid = lanesOf(machine.units[main!.unit]!, main!, computed);
      const parts = accesses.map((access) =>
        laid.reduce((n, d) => {
          if (!isIndexedBy(access, d.variable)) return n;
          const extent = kept(d.variable);
          return (n / extent) * Math.ceil(extent / Math.min(d.lanes, computed(d.variable)));
        }, bytes),
      );
      least = Math.min(least, Math.max(...parts));
      // No lane can have less than its share.
      if (least * lanes <= bytes) break;
    }
    return least;
  };
  return users.reduce((most, e) => Math.max(most, leastPart(e) * lanes), bytes);
}
