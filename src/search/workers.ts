import type { BoundEinsum } from '../einsum/workload.ts';
import {
  type BindingCounts,
  type BindingForm,
  bindingCounter,
  formsOf,
  tileLengths,
  tileTimer,
} from './count-binding.ts';
import { type Frame, frameOf } from './frame.ts';
import { undominated } from './front.ts';
import {
  bookAccess,
  bookBinding,
  costOf,
  joined,
  type Ledger,
  leastLedgers,
  openLedger,
  type Tariff,
  writeLedger,
} from './ledger.ts';
import { product, stepwiseOf } from './mapspace.ts';
import type { NestLoop, Problem, UnitChoice } from './plan.ts';
import type { Vector } from './vector.ts';

export type Binding = { readonly form: BindingForm; readonly counts: BindingCounts };

/** Who can compute an Einsum under some loops, and what that costs at least. */
export type Staff = {
  readonly bindings: () => readonly Binding[];
  /** What it costs at least on the units alone, whatever loops are inside, of each binding that could be the best. */
  readonly least: readonly Ledger[];
  /** The least that its uses of a tensor cost at a level, whoever computes it and whatever loops are inside. */
  readonly leastAccess: (tensor: number, level: number) => Ledger;
  /** Bindings of which none takes less time than another on some unit for some tile, and more on none. */
  readonly quickest: () => readonly Timing[];
  /** Which of the Einsum's tiles has such extents. */
  readonly tileOf: (extents: readonly number[]) => number;
};

/** Cycles of a binding on each unit: tile by tile, and in all. */
export type Timing = { readonly binding: Binding; readonly times: Vector; readonly total: Ledger };

/** The staff of all Einsums of a nest. */
export type Team = {
  readonly staff: readonly Staff[];
  /** What they cost at least on the units, each with one of its bindings. */
  readonly least: readonly Ledger[];
  /** Einsums from the one that takes most to the one that takes least, and the cycles that those from each on take at least. */
  readonly byTime: () => { readonly order: readonly number[]; readonly later: readonly (readonly Ledger[])[] };
};

/** The team of all Einsums of a problem under some loops. */
export type TeamOf = (problem: Problem, loops: readonly NestLoop[]) => Team;

/**
 * The teams of nests. They depend on the tiles of the variables and not on the order of the loops, so each is worked out once for
 * all that are alike in that, and the staff of an Einsum once for all that are in its own variables, whatever nest it is in.
 * `bindingsOf`: what an Einsum can be bound to; `loopedOf`: variables that have loops around all Einsums that have them.
 */
export function staffing(
  tariff: Tariff,
  bindingsOf: (problem: Problem, position: number) => readonly (readonly UnitChoice[])[],
  loopedOf: typeof stepwiseOf = stepwiseOf,
): TeamOf {
  const known = new Map<BoundEinsum, Map<string, Staff>>();
  const forms = new Map<BoundEinsum, readonly BindingForm[]>();
  const teams = new Map<Problem, { readonly missing: readonly number[]; readonly byTiles: Map<string, Team> }>();
  const staffOf = (problem: Problem, loops: readonly NestLoop[], missing: readonly number[], e: number): Staff => {
    const einsum = problem.workload.einsums[e]!;
    const staffs = known.get(einsum) ?? new Map<string, Staff>();
    known.set(einsum, staffs);
    const whole = [...loops, ...missing.map((variable) => ({ variable, tile: 1 }))];
    const key = `${tilesKey(loops, einsum.variables)}|${tilesKey(whole, einsum.variables)}`;
    const old = staffs.get(key);
    if (old !== undefined) return old;
    const mine = forms.get(einsum) ?? formsOf(problem, e, tariff.accounting, bindingsOf(problem, e));
    forms.set(einsum, mine);
    const staff = hire(tariff, frameOf(problem, [e], loops), frameOf(problem, [e], whole), mine, e);
    staffs.set(key, staff);
    return staff;
  };
  return (problem, loops) => {
    const einsums = problem.workload.einsums.map((_, e) => e);
    const mine = teams.get(problem) ?? { missing: loopedOf(problem.workload, einsums), byTiles: new Map() };
    teams.set(problem, mine);
    const key = tilesKey(loops, problem.workload.variables.keys());
    const old = mine.byTiles.get(key);
    if (old !== undefined) return old;
    // Loops that all nests have, if only inside all others.
    const missing = mine.missing.filter((v) => loops.every((l) => l.variable !== v));
    const staff = einsums.map((e) => staffOf(problem, loops, missing, e));
    const team = {
      staff,
      least: joined(
        tariff,
        staff.map((s) => s.least),
      ),
      byTime: lazily(() => orderByTime(tariff, staff)),
    };
    mine.byTiles.set(key, team);
    return team;
  };
}

/** The tiles of some variables. */
function tilesKey(loops: readonly NestLoop[], variables: Iterable<number>): string {
  let key = '';
  for (const v of variables) {
    for (const l of loops) if (l.variable === v) key += `${l.tile},`;
    key += ';';
  }
  return key;
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** `whole`: with the loops that are missing. */
function hire(tariff: Tariff, frame: Frame, whole: Frame, forms: readonly BindingForm[], e: number): Staff {
  const open = forms.map(bindingCounter(whole, e, true));
  const bindings = lazily(() => {
    const count = bindingCounter(frame, e);
    return forms.map((form) => ({ form, counts: count(form) }));
  });
  return {
    bindings,
    least: leastLedgers(
      tariff,
      open.map((counts) => writeLedger(tariff, (to) => bookBinding(tariff, to, counts))),
    ),
    leastAccess: accessing(tariff, frame, e, open),
    ...timing(tariff, frame, e, bindings),
  };
}

function accessing(t: Tariff, f: Frame, e: number, bindings: readonly BindingCounts[]): Staff['leastAccess'] {
  const known = new Map<number, Ledger>();
  const { output, operands } = f.problem.workload.einsums[e]!;
  const { length } = f.problem.machine.levels;
  return (tensor, level) => {
    const key = tensor * length + level;
    const old = known.get(key);
    if (old !== undefined) return old;
    const alone = { level, filled: 0, drained: 0 };
    const least = openLedger(t).fill(Number.POSITIVE_INFINITY);
    const ledger = openLedger(t);
    for (const counts of bindings) {
      ledger.fill(0);
      if (output.tensor === tensor) bookAccess(t, ledger, counts, tensor, undefined, alone);
      operands.forEach((o, i) => {
        if (o.tensor === tensor) bookAccess(t, ledger, counts, tensor, i, alone);
      });
      for (let i = 0; i < least.length; i++) if (ledger[i]! < least[i]!) least[i] = ledger[i]!;
    }
    known.set(key, least);
    return least;
  };
}

function timing(t: Tariff, f: Frame, e: number, bindings: Staff['bindings']): Pick<Staff, 'quickest' | 'tileOf'> {
  const { variables } = f.problem.workload.einsums[e]!;
  const tiles = [...product(tileLengths(f, e))];
  const cyclesOf = tileTimer(f, e);
  const positions = new Map(tiles.map((tile, i) => [tile.join(), i]));
  const timed = (binding: Binding): Timing => ({
    binding,
    times: tiles.flatMap((tile) => cyclesOf(binding.form, tile)),
    total: writeLedger(t, (to) => bookBinding(t, to, binding.counts)),
  });
  return {
    quickest: lazily(() =>
      undominated(bindings().map(timed), (a, b) => a.times.every((cycles, i) => cycles <= b.times[i]!)),
    ),
    tileOf: (extents) => positions.get(variables.map((v) => extents[v]).join())!,
  };
}

function orderByTime(t: Tariff, staff: readonly Staff[]): ReturnType<Team['byTime']> {
  const totals = staff.map((s) => s.quickest().map((q) => q.total));
  const quickest = totals.map((options) => Math.min(...options.map((o) => costOf(t, o).latency_cycles)));
  const order = staff.map((_, e) => e).toSorted((a, b) => quickest[b]! - quickest[a]!);
  const cycles = { weighed: t.resources.names.map((_, r) => r), homeAt: t.homeAt };
  const later = [joined(cycles, [])];
  for (const e of order.toReversed()) later.unshift(joined(cycles, [totals[e]!, later[0]!]));
  return { order, later };
}
