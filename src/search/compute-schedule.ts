import { branchesAt } from './branches.ts';
import { accessesOf, type Frame } from './frame.ts';
import { gridDepth } from './grid.ts';
import type { Problem } from './plan.ts';
import { type Vector, zeros } from './vector.ts';

/**
 * The time of a nest without its transfers: what its Einsums take on their units, one after the other where they wait for each other.
 * The formulas are those of `models/analytic/span.ts`. With transfers nothing is sooner, and nothing is later if an Einsum takes
 * less of every unit; so Einsums that are not bound yet can stand for the least that any of their bindings takes.
 */
export type Schedule = {
  readonly items: readonly Item[];
  readonly strict: boolean;
  /** Cycles that one iteration takes and holds each unit, as of the last run. */
  took: number;
  readonly busy: Vector;
  readonly free: Vector;
};

/** An Einsum, or a loop: its full steps and, where its tile does not divide, the last one. */
type Item = {
  readonly einsum: number;
  /** Which of the Einsum's tiles it is. */
  readonly tile: number;
  readonly runs: readonly { readonly steps: number; readonly body: Schedule }[];
  /** Positions of those before it in the body that it waits for. */
  readonly waits: readonly number[];
  readonly busy: Vector;
  cycles: number;
  end: number;
};

/** Of each Einsum: cycles that each of its tiles takes on each unit, tile by tile. */
export type Times = readonly Vector[];

/** The schedule of the Einsums of a frame, or, where loops are spread, of a full step. `tileOf`: which tile of an Einsum has such extents. */
export function scheduleOf(
  { problem, einsums, loops }: Frame,
  tileOf: (einsum: number, extents: readonly number[]) => number,
  inFlight: number,
): Schedule {
  const { workload, machine } = problem;
  const units = machine.units.length;
  const extents = workload.variables.map((v) => v.size);
  const body = (some: readonly number[], depth: number, strict: boolean): Schedule => {
    const items: Item[] = [];
    const members: (readonly number[])[] = [];
    const add = (those: readonly number[], item: Pick<Item, 'einsum' | 'tile' | 'runs'>): void => {
      const waits = members.flatMap((before, at) => (isAwaited(problem, before, those) ? [at] : []));
      items.push({ ...item, waits, busy: zeros(units), cycles: 0, end: 0 });
      members.push(those);
    };
    const collect = (inside: readonly number[], at: number): void => {
      const loop = loops[at];
      if (loop === undefined) {
        for (const e of inside) add([e], { einsum: e, tile: tileOf(e, extents), runs: [] });
        return;
      }
      for (const branch of branchesAt(workload, inside, loop.variable)) {
        if (!branch.looped) {
          collect(branch.einsums, at + 1);
          continue;
        }
        const size = extents[loop.variable]!;
        const run = (length: number, steps: number): Item['runs'] => {
          if (steps === 0 || length === 0) return [];
          extents[loop.variable] = length;
          const inner = body(branch.einsums, at + 1, inFlight === 1);
          extents[loop.variable] = size;
          return [{ steps, body: inner }];
        };
        const runs = [...run(loop.tile, Math.floor(size / loop.tile)), ...run(size % loop.tile, 1)];
        add(branch.einsums, { einsum: -1, tile: 0, runs });
      }
    };
    collect(some, depth);
    return { items, strict, took: 0, busy: zeros(units), free: zeros(units) };
  };
  const grid = gridDepth(loops);
  for (const { variable, tile } of loops.slice(0, grid)) extents[variable] = tile;
  return body(einsums, grid, grid === 0 || inFlight === 1);
}

/** Whether some Einsums read what others before them make, and do not make it as well. */
function isAwaited({ workload }: Problem, before: readonly number[], those: readonly number[]): boolean {
  const written = (some: readonly number[], tensor: number): boolean =>
    some.some((e) => workload.einsums[e]!.output.tensor === tensor);
  return those.some((e) =>
    accessesOf(workload.einsums[e]!).some(({ tensor }) => written(before, tensor) && !written(those, tensor)),
  );
}

/** Runs a schedule with such times of each Einsum; gives the cycles that it takes. */
export function runSchedule(s: Schedule, times: Times, inFlight: number): number {
  const { items, strict, busy, free } = s;
  busy.fill(0);
  free.fill(0);
  let took = 0;
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    if (item.einsum < 0) runLoop(item, times, inFlight);
    else {
      const own = times[item.einsum]!;
      for (let u = 0, at = item.tile * item.busy.length; u < item.busy.length; u++) item.busy[u] = own[at + u]!;
      item.cycles = mostOf(item.busy);
    }
    const held = item.busy;
    let start = 0;
    if (strict) start = took;
    else {
      for (let w = 0; w < item.waits.length; w++) start = Math.max(start, items[item.waits[w]!]!.end);
      for (let u = 0; u < held.length; u++) if (held[u]! > 0) start = Math.max(start, free[u]!);
    }
    for (let u = 0; u < held.length; u++) {
      busy[u]! += held[u]!;
      if (held[u]! > 0) free[u] = start + held[u]!;
    }
    item.end = start + item.cycles;
    took = Math.max(took, item.end);
  }
  s.took = Math.max(took, mostOf(busy));
  return s.took;
}

function runLoop(loop: Item, times: Times, inFlight: number): void {
  loop.busy.fill(0);
  loop.cycles = 0;
  let ramp = 0;
  for (const { steps, body } of loop.runs) {
    const took = runSchedule(body, times, inFlight);
    for (let u = 0; u < loop.busy.length; u++) loop.busy[u]! += steps * body.busy[u]!;
    const steady = inFlight === 1 ? took : Math.max(mostOf(body.busy), took / inFlight);
    loop.cycles += steps * steady;
    ramp = took - steady;
  }
  loop.cycles += ramp;
}

function mostOf(cycles: Vector): number {
  let most = 0;
  for (let u = 0; u < cycles.length; u++) if (cycles[u]! > most) most = cycles[u]!;
  return most;
}
