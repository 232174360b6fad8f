import { type BindingCounts, countBinding, countKeeps, type KeepCounts } from './counts.ts';
import { type Body, type Frame, frameOf, usesOf } from './frame.ts';
import { covers, type Front, offer } from './front.ts';
import { leastAccesses, leastCost } from './least-cost.ts';
import {
  bookAccess,
  bookBinding,
  bookKeeps,
  costOf,
  type Ledger,
  leastOf,
  openLedger,
  sum,
  type Tariff,
  writeLedger,
} from './ledger.ts';
import { bindingChoices, keepChoices, type Limits, tensorsOf, tilesOf, variablesOf } from './mapspace.ts';
import type { Cost } from './objective.ts';
import { homeOf, isAtHome, type Nest, type NestKeep, type NestLoop, type Problem, type UnitChoice } from './plan.ts';
import { spaceOf } from './space-size.ts';

/** What became of the nests of a space: each is counted once. */
export type Tally = {
  /** All of them. */
  space: bigint;
  evaluated: bigint;
  /** Nothing that costs as little as they do at least could be better than what was found. */
  bounded: bigint;
  /** Their tiles do not fit. */
  overfull: bigint;
  /** Loop trees that are no legal mapping. */
  illegal: bigint;
  /** Not looked at: time was up. */
  left: bigint;
};

export const createTally = (): Tally => ({
  space: 0n,
  evaluated: 0n,
  bounded: 0n,
  overfull: 0n,
  illegal: 0n,
  left: 0n,
});

/** Cost of a nest; undefined: it is not legal. */
export type Evaluate = (nest: Nest) => Cost | undefined;

type Option<C, T> = { readonly choice: C; readonly counts: T };
type Binding = Option<readonly UnitChoice[], BindingCounts>;
type Keeping = Option<readonly NestKeep[], KeepCounts>;

/**
 * Finds the best nests of all Einsums of a workload: every nest of the space is evaluated, or shown to be no better than one that was.
 * Loops are tried from the outermost inwards; what loops cost at least, those inside cannot make less.
 */
export function searchNest(
  problem: Problem,
  limits: Limits,
  tariff: Tariff,
  evaluate: Evaluate,
  front: Front<Nest>,
  tally: Tally,
): void {
  const { workload } = problem;
  const einsums = workload.einsums.map((_, e) => e);
  const tensors = tensorsOf(workload, einsums);
  const choices = einsums.map((e) => bindingChoices(problem, e));
  const whole: Nest = { einsums, loops: [], keeps: [], bindings: new Map(), inFlight: 1 };
  const atHome = tensors.map((t) => isAtHome(problem, [whole], t));
  const homes = tensors.map((tensor, i) => ({ tensor, atHome: atHome[i]! }));
  const tiles = new Map(variablesOf(workload, einsums).map((v) => [v, tilesOf(problem, limits, v)]));
  const space = spaceOf(problem, limits, einsums, atHome);
  const told = (): bigint => tally.evaluated + tally.overfull + tally.illegal + tally.bounded;
  const before = told();

  const visit = (loops: readonly NestLoop[]): void => {
    if (covers(front, leastCost(problem, tariff, choices, homes, loops))) return;
    const frame = frameOf(problem, einsums, loops);
    const bindings = choices.map((options, e) =>
      options.map((choice) => ({ choice, counts: countBinding(frame, e, choice, tariff.accounting) })),
    );
    const places = tensors.map((t, i) => keepChoices(problem, limits, einsums, loops, t, atHome[i]!));
    const keepings = tensors.map((t, i) => countedKeeps(frame, t, places[i]!, atHome[i]!));
    const bound = productOf(bindings.map((b) => b.length)) * BigInt(limits.inFlight.length);
    tally.illegal += bound * (productOf(places.map((c) => c.length)) - productOf(keepings.map((k) => k.length)));
    searchLoops({ problem, limits, tariff, evaluate, front, tally, frame, tensors, bindings, keepings });
    for (const [variable, all] of tiles) {
      const chain = loops.filter((l) => l.variable === variable);
      if (chain.length === limits.loopsEach) continue;
      for (const tile of all)
        if (tile < (chain.at(-1)?.tile ?? Number.POSITIVE_INFINITY)) visit([...loops, { variable, tile }]);
    }
  };
  visit([]);
  tally.space += space;
  // What was never come to is under loops that cost too much.
  tally.bounded += space - (told() - before);
}

function countedKeeps(
  frame: Frame,
  tensor: number,
  choices: readonly (readonly NestKeep[])[],
  atHome: boolean,
): readonly Keeping[] {
  const home = atHome ? homeOf(frame.problem.machine) : undefined;
  return choices.flatMap((choice) => {
    const counts = countKeeps(frame, tensor, choice, home);
    return counts === undefined ? [] : [{ choice, counts }];
  });
}

const productOf = (numbers: readonly number[]): bigint => numbers.reduce((n, x) => n * BigInt(x), 1n);

type Search = {
  readonly problem: Problem;
  readonly limits: Limits;
  readonly tariff: Tariff;
  readonly evaluate: Evaluate;
  readonly front: Front<Nest>;
  readonly tally: Tally;
  readonly frame: Frame;
  readonly tensors: readonly number[];
  readonly bindings: readonly (readonly Binding[])[];
  readonly keepings: readonly (readonly Keeping[])[];
};

/** All nests of some loops. */
function searchLoops(s: Search): void {
  const { tariff, tensors, bindings, keepings } = s;
  const accesses = leastAccesses(
    tariff,
    s.frame,
    bindings.map((options) => options.map((o) => o.counts)),
  );
  const moving = keepings.map((options, i) =>
    leastOf(
      tariff,
      options.map(({ counts }) =>
        usesOf(s.problem.workload, tensors[i]!, s.frame.einsums).reduce(
          (total, e) => sum(tariff, total, accesses(e, tensors[i]!, counts.innermost.get(e)!)),
          writeLedger(tariff, (to) => bookKeeps(tariff, to, counts)),
        ),
      ),
    ),
  );
  const bound = bindings.map((options) =>
    options.map((o) => writeLedger(tariff, (to) => bookBinding(tariff, to, o.counts))),
  );
  const later = suffixes(tariff, [...bound.map((options) => leastOf(tariff, options)), ...moving]);
  const keeps = productOf(keepings.map((k) => k.length)) * BigInt(s.limits.inFlight.length);
  const under = bindings.map((_, i) => keeps * productOf(bindings.slice(i + 1).map((b) => b.length)));
  const chosen: Binding[] = [];
  const bind = (at: number, spent: Ledger): void => {
    if (at === bindings.length) {
      placeTensors(s, tensors, chosen, spent);
      return;
    }
    bindings[at]!.forEach((option, i) => {
      const now = sum(tariff, spent, bound[at]![i]!);
      if (covers(s.front, costOf(tariff, sum(tariff, now, later[at + 1]!)))) {
        s.tally.bounded += under[at]!;
        return;
      }
      chosen[at] = option;
      bind(at + 1, now);
    });
  };
  bind(0, openLedger(tariff));
}

/** All places of the tensors, now that it is known who computes. */
function placeTensors(s: Search, tensors: readonly number[], chosen: readonly Binding[], bound: Ledger): void {
  const { tariff, frame, keepings, limits } = s;
  const booked = keepings.map((options, i) =>
    options.map((o) =>
      writeLedger(tariff, (to) => {
        bookKeeps(tariff, to, o.counts);
        for (const e of usesOf(s.problem.workload, tensors[i]!, frame.einsums))
          bookUses(s, to, e, tensors[i]!, chosen[e]!, o.counts);
      }),
    ),
  );
  const later = suffixes(
    tariff,
    booked.map((options) => leastOf(tariff, options)),
  );
  const under = keepings.map(
    (_, i) => BigInt(limits.inFlight.length) * productOf(keepings.slice(i + 1).map((k) => k.length)),
  );
  const placed: Keeping[] = [];
  const place = (at: number, spent: Ledger): void => {
    if (at === keepings.length) {
      for (const inFlight of limits.inFlight) finish(s, chosen, placed, inFlight, spent);
      return;
    }
    keepings[at]!.forEach((option, i) => {
      const now = sum(tariff, spent, booked[at]![i]!);
      if (covers(s.front, costOf(tariff, sum(tariff, now, later[at + 1]!)))) {
        s.tally.bounded += under[at]!;
        return;
      }
      placed[at] = option;
      if (isOverfull(s, placed.slice(0, at + 1))) {
        s.tally.overfull += under[at]!;
        return;
      }
      place(at + 1, now);
    });
  };
  place(0, bound);
}

function bookUses(s: Search, to: Ledger, e: number, tensor: number, { counts }: Binding, kept: KeepCounts): void {
  const { output, operands } = s.problem.workload.einsums[e]!;
  const level = kept.innermost.get(e)!;
  if (output.tensor === tensor) bookAccess(s.tariff, to, counts, tensor, undefined, level);
  operands.forEach((o, i) => {
    if (o.tensor === tensor) bookAccess(s.tariff, to, counts, tensor, i, level);
  });
}

function finish(
  s: Search,
  chosen: readonly Binding[],
  placed: readonly Keeping[],
  inFlight: number,
  spent: Ledger,
): void {
  if (covers(s.front, costOf(s.tariff, spent))) {
    s.tally.bounded++;
    return;
  }
  const nest: Nest = {
    einsums: s.frame.einsums,
    loops: s.frame.loops,
    keeps: placed.flatMap((p) => p.choice),
    bindings: new Map(s.frame.einsums.map((e, i) => [e, chosen[i]!.choice])),
    inFlight,
  };
  const cost = s.evaluate(nest);
  if (cost === undefined) {
    s.tally.illegal++;
    return;
  }
  s.tally.evaluated++;
  offer(s.front, cost, nest);
}

/** Whether tiles need more than there is whatever else is kept: those outside all loops, and the most that any place or, in a pipeline, any outermost loop has. */
function isOverfull({ problem: { machine }, limits }: Search, placed: readonly Keeping[]): boolean {
  const pipelined = limits.inFlight.every((n) => n > 1);
  for (let level = 0; level < machine.levels.length; level++) {
    const capacity = machine.levels[level]!.memory?.capacity_bytes ?? Number.POSITIVE_INFINITY;
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
    if (outside + most > capacity) return true;
  }
  return false;
}

/** By position, the sum of all from there on. */
function suffixes(t: Tariff, parts: readonly Ledger[]): readonly Ledger[] {
  const sums = [openLedger(t)];
  for (const part of parts.toReversed()) sums.unshift(sum(t, part, sums[0]!));
  return sums;
}
