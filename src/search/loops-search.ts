import { type KeepCounts, keepCounter } from './count-keeps.ts';
import { accessesOf, type Body, type Frame, frameOf, usesOf } from './frame.ts';
import type { Axis, Front } from './front.ts';
import { sharersOf } from './grid.ts';
import type { KeepChoices } from './keep-choices.ts';
import { addTo, bookAccess, bookBinding, bookKeeps, costOf, type Ledger, type Tariff, writeLedger } from './ledger.ts';
import type { Limits } from './mapspace.ts';
import type { Cost } from './objective.ts';
import { homeOf, isAtHome, type Nest, type NestKeep, type NestLoop, type Problem } from './plan.ts';
import type { Region } from './region.ts';
import type { Tally } from './tally.ts';
import type { Binding, Staff, TeamOf } from './workers.ts';

/** What a search for nests is about, and what it has so far. */
export type NestSearch = {
  readonly problem: Problem;
  readonly limits: Limits;
  readonly tariff: Tariff;
  readonly teamOf: TeamOf;
  readonly choicesOf: KeepChoices;
  /** What nests cost at least that have some loops outermost. */
  readonly leastUnder: (loops: readonly NestLoop[]) => readonly Cost[];
  readonly tensors: readonly number[];
  /** Cost of a nest; undefined: it is not legal. */
  readonly evaluate: (nest: Nest) => Cost | undefined;
  /** Gets the best. */
  readonly front: Front<Nest>;
  readonly tally: Tally;
  /** Whether a nest that costs no less than this is of no use. */
  readonly isNoUse: (least: Cost) => boolean;
  /** Asked before each list of loops and each evaluation. */
  readonly expired: () => boolean;
  /** Level whose room counts. */
  readonly room?: number | undefined;
  /** Gets what became of all nests, by their loops. */
  readonly regions?: Region[] | undefined;
};

/** A way to keep a tensor, what that moves and holds, and what it costs at least, whoever computes. */
export type Keeping = { readonly choice: readonly NestKeep[]; readonly counts: KeepCounts; readonly least: Ledger };

export type LoopsSearch = NestSearch & {
  readonly frame: Frame;
  readonly staff: readonly Staff[];
  readonly keepings: readonly (readonly Keeping[])[];
  /** Ways to keep the tensors that are no loop tree. */
  readonly malformed: bigint;
};

/** What is known of all nests with some loops. */
export function loopsSearch(search: NestSearch, loops: readonly NestLoop[]): LoopsSearch {
  const { problem, teamOf, choicesOf, tensors } = search;
  const tariff = { ...search.tariff, sharers: sharersOf(problem, search.tariff.resources, loops, true) };
  const einsums = problem.workload.einsums.map((_, e) => e);
  const frame = frameOf(problem, einsums, loops);
  const { staff } = teamOf(problem, loops);
  const choices = tensors.map((t) => choicesOf(loops, t));
  const keepings = tensors.map((t, i) => countedKeeps(tariff, frame, staff, t, choices[i]!));
  const malformed = productOf(choices.map((c) => c.length)) - productOf(keepings.map((k) => k.length));
  return { ...search, tariff, frame, staff, keepings, malformed };
}

function countedKeeps(
  tariff: Tariff,
  frame: Frame,
  staff: readonly Staff[],
  tensor: number,
  choices: readonly (readonly NestKeep[])[],
): readonly Keeping[] {
  const { problem, einsums } = frame;
  const users = usesOf(problem.workload, tensor, einsums);
  const home = isAtHome(problem, tensor) ? homeOf(problem.machine) : undefined;
  const counter = keepCounter(frame, tensor, home, (e) => staff[e]!.bindings());
  return choices.flatMap((choice) => {
    const counts = counter(choice);
    if (counts === undefined) return [];
    const least = writeLedger(tariff, (to) => bookKeeps(tariff, to, counts));
    for (const e of users) addTo(least, staff[e]!.leastAccess(tensor, counts.innermost.get(e)!.level));
    return [{ choice, counts, least }];
  });
}

export const productOf = (numbers: readonly number[]): bigint => numbers.reduce((n, x) => n * BigInt(x), 1n);

/** Options by what they cost: by what weighs, or on an axis, or, of those that are equal, on another. Cheap ones first. */
export function byCost<T>(
  { tariff, front }: LoopsSearch,
  options: readonly T[],
  ledgerOf: (option: T) => Ledger,
  first: Axis,
): readonly T[] {
  const axes = [first, ...front.axes, 'energy_pj'] as const;
  const costed = options.map((option) => {
    const cost = costOf(tariff, ledgerOf(option));
    return { option, cost, weight: front.weigh?.(cost) ?? 0 };
  });
  costed.sort((a, b) => {
    if (a.weight !== b.weight) return a.weight < b.weight ? -1 : 1;
    for (const axis of axes) if (a.cost[axis] !== b.cost[axis]) return a.cost[axis] < b.cost[axis] ? -1 : 1;
    return 0;
  });
  return costed.map(({ option }) => option);
}

/** A binding and all that it costs, now that it is known where its tensors are. */
export type BoundLedger = { readonly option: Binding; readonly ledger: Ledger };

/** Bindings of each Einsum, cheap ones first, for tensors in such places. */
export function boundLedgers(
  s: LoopsSearch,
  axis: Axis,
): (placed: readonly Keeping[]) => readonly (readonly BoundLedger[])[] {
  const { tariff, tensors, problem } = s;
  const boundOf = s.staff.map(({ bindings }, e) => {
    const accesses = accessesOf(problem.workload.einsums[e]!).map(({ tensor }, i) => ({
      tensor,
      at: tensors.indexOf(tensor),
      operand: i === 0 ? undefined : i - 1,
    }));
    // Many ways to keep tensors have those of one Einsum in the same levels.
    const known = new Map<string, readonly BoundLedger[]>();
    return (placed: readonly Keeping[]): readonly BoundLedger[] => {
      const places = accesses.map(({ at }) => placed[at]!.counts.innermost.get(e)!);
      const key = places.map(({ level, filled, drained }) => `${level},${filled},${drained}`).join(';');
      const old = known.get(key);
      if (old !== undefined) return old;
      const ledgers = bindings().map((option) => ({
        option,
        ledger: writeLedger(tariff, (to) => {
          bookBinding(tariff, to, option.counts);
          accesses.forEach(({ tensor, operand }, i) => {
            bookAccess(tariff, to, option.counts, tensor, operand, places[i]!);
          });
        }),
      }));
      const sorted = byCost(s, ledgers, ({ ledger }) => ledger, axis);
      known.set(key, sorted);
      return sorted;
    };
  });
  return (placed) => boundOf.map((of) => of(placed));
}

export const nestOf = (
  s: LoopsSearch,
  chosen: readonly Binding[],
  placed: readonly Keeping[],
  inFlight: number,
): Nest => ({
  einsums: s.frame.einsums,
  loops: s.frame.loops,
  keeps: placed.flatMap((p) => p.choice),
  bindings: new Map(s.frame.einsums.map((e, i) => [e, chosen[i]!.form.choice])),
  inFlight,
});

/** Whether tiles need more than there is, whatever else is kept. */
export const isOverfull = (s: LoopsSearch, placed: readonly Keeping[]): boolean =>
  s.problem.machine.levels.some(
    ({ memory }, level) => memory !== undefined && neededBytes(s, placed, level) > memory.capacity_bytes,
  );

/** Bytes that tiles need in a level at least: those outside all loops, and the most that any place or, in a pipeline, any outermost loop has. */
export function neededBytes({ limits }: LoopsSearch, placed: readonly Keeping[], level: number): number {
  const pipelined = limits.inFlight.every((n) => n > 1);
  let outside = 0;
  let most = 0;
  const inside = new Map<Body, number>();
  for (const { counts } of placed)
    for (const h of counts.held) {
      if (h.level !== level) continue;
      if (h.branch === undefined) outside += h.bytes;
      else {
        const sum = (pipelined ? (inside.get(h.branch) ?? 0) : 0) + h.bytes;
        inside.set(h.branch, sum);
        most = Math.max(most, sum);
      }
    }
  return outside + most;
}
