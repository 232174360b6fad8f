import type { Workload } from 'attnsim';
import { branches, type Loop, positionOf } from './loops.ts';
import type { Work } from './units.ts';

type Span = { readonly cycles: number; readonly busy: readonly number[] };
type Item = Span & { readonly einsums: readonly number[]; readonly end: number };

/** Cycles of each unit that an Einsum takes for a tile with such extents of the variables. */
export type TimeOf = (einsum: number, extents: readonly number[]) => Work;

/**
 * Cycles of a nest with just these loops if all its transfers were instant: Einsums that wait for each other follow each other inside
 * an iteration, and of iterations so many overlap. A nest that moves its tiles takes no less.
 */
export function cyclesWithoutTransfers(
  w: Workload,
  einsums: readonly number[],
  loops: readonly Loop[],
  inFlight: number,
  timeOf: TimeOf,
): number {
  const most = (busy: readonly number[]): number => Math.max(0, ...busy);
  const isAwaited = (before: readonly number[], those: readonly number[]): boolean =>
    those.some((e) =>
      w.einsums[e]!.operands.some(({ tensor }) => {
        const { producer } = w.tensors[tensor]!;
        return producer !== undefined && before.includes(producer) && !those.includes(producer);
      }),
    );
  const loop = (some: readonly number[], depth: number, extents: readonly number[]): Span => {
    const [name, tile] = loops[depth]!;
    const v = positionOf(w, name);
    const size = extents[v]!;
    const busy: number[] = [];
    let cycles = 0;
    let ramp = 0;
    for (const [length, steps] of [
      [tile, Math.floor(size / tile)],
      [size % tile, 1],
    ] as const) {
      if (length === 0 || steps === 0) continue;
      const inner = body(some, depth + 1, extents.with(v, length), inFlight === 1);
      const steady = inFlight === 1 ? inner.cycles : Math.max(most(inner.busy), inner.cycles / inFlight);
      inner.busy.forEach((x, u) => {
        busy[u] = (busy[u] ?? 0) + steps * x;
      });
      cycles += steps * steady;
      ramp = inner.cycles - steady;
    }
    return { cycles: cycles + ramp, busy };
  };
  const body = (all: readonly number[], outside: number, extents: readonly number[], strict: boolean): Span => {
    const items: Item[] = [];
    const free: number[] = [];
    const add = (those: readonly number[], { cycles, busy }: Span): void => {
      const awaited = items.filter((i) => strict || isAwaited(i.einsums, those)).map((i) => i.end);
      const start = Math.max(0, ...awaited, ...busy.map((x, u) => (x > 0 ? (free[u] ?? 0) : 0)));
      busy.forEach((x, u) => {
        if (x > 0) free[u] = start + x;
      });
      items.push({ einsums: those, cycles, busy, end: start + cycles });
    };
    const collect = (some: readonly number[], depth: number): void => {
      if (depth === loops.length) {
        for (const e of some) {
          const busy = timeOf(e, extents);
          add([e], { cycles: most(busy), busy });
        }
        return;
      }
      for (const b of branches(w, some, positionOf(w, loops[depth]![0])))
        if (b.isLooped) add(b.einsums, loop(b.einsums, depth, extents));
        else collect(b.einsums, depth + 1);
    };
    collect(all, outside);
    const busy = items.reduce<number[]>((sum, i) => i.busy.map((x, u) => x + (sum[u] ?? 0)), []);
    return { cycles: Math.max(0, ...items.map((i) => i.end), ...busy), busy };
  };
  return body(
    einsums,
    0,
    w.variables.map((v) => v.size),
    true,
  ).cycles;
}
