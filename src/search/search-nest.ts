import { createHeap, popHeap, pushHeap } from '../models/cycle/heap.ts';
import { countKeeps, type Innermost, type KeepCounts } from './counts.ts';
import { type Body, type Frame, frameOf, usesOf } from './frame.ts';
import { covers, type Front, leastCosts, offer } from './front.ts';
import { leastOfLoops } from './least-cost.ts';
import { type Quickest, quickestBindings } from './least-latency.ts';
import {
  bookAccess,
  bookBinding,
  bookKeeps,
  costOf,
  joined,
  type Ledger,
  leastLedgers,
  openLedger,
  sum,
  type Tariff,
  writeLedger,
} from './ledger.ts';
import { isComplete, keepChoices, type Limits, loopSpaceOf, nextLoops, tensorsOf } from './mapspace.ts';
import type { Cost } from './objective.ts';
import { homeOf, isAtHome, type Nest, type NestKeep, type NestLoop, type Problem } from './plan.ts';
import { spaceOf } from './space-size.ts';
import type { Binding, Staff, Team } from './workers.ts';

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
  /** Not looked at: the effort was spent. */
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
type Evaluate = (nest: Nest) => Cost | undefined;

type Keeping = { readonly choice: readonly NestKeep[]; readonly counts: KeepCounts };

export type NestSearch = {
  readonly problem: Problem;
  readonly limits: Limits;
  readonly tariff: Tariff;
  readonly teamOf: (frame: Frame) => Team;
  readonly evaluate: Evaluate;
  /** Gets the best. */
  readonly front: Front<Nest>;
  readonly tally: Tally;
  /** Whether a nest that costs no less than this is of no use, whatever is in the front. */
  readonly isUseless: (least: Cost) => boolean;
  readonly expired: () => boolean;
};

/**
 * Finds the best nests of all Einsums of a workload: every nest of the space is evaluated, or shown to be no better than one that was.
 * Loops are tried from the outermost inwards; what loops cost at least, those inside cannot make less. Those that promise most go
 * first, and of each only one likely nest, until nothing promises more than what was found; then all nests of the loops that are left.
 *
 * Gives what nests that were not looked at cost at least; undefined if there are none.
 */
export function searchNest(search: NestSearch): Cost | undefined {
  const { problem, limits, tally, expired } = search;
  // A few tiles first: what they find is good enough to pass over most of the others.
  promising({ ...search, limits: { ...limits, tiles: limits.coarse } });
  const { open, waiting, under } = promising(search);
  const told = (): bigint => tally.evaluated + tally.overfull + tally.illegal + tally.bounded;
  const before = told();
  const missed = [...waiting];
  for (const { loops, least } of open) {
    if (isNoUse(search, least)) continue;
    if (expired()) missed.push(least);
    else searchLoops(under(loops));
  }
  const space = spaceOf(
    problem,
    limits,
    problem.workload.einsums.map((_, e) => e),
  );
  tally.space += space;
  // What was never come to is under loops that cost too much, as long as the effort sufficed.
  const rest = space - (told() - before);
  if (missed.length > 0) tally.left += rest;
  else tally.bounded += rest;
  return missed.length === 0 ? undefined : missed.reduce(leastCosts);
}

type Lists = {
  /** Loops of which one nest was tried. */
  readonly open: readonly { readonly loops: readonly NestLoop[]; readonly least: Cost }[];
  /** What those cost at least that were not tried. */
  readonly waiting: readonly Cost[];
  readonly under: (loops: readonly NestLoop[]) => LoopsSearch;
};

/** One likely nest of each list of loops, those that promise most first, as long as any promises more than what was found. */
function promising(search: NestSearch): Lists {
  const { problem, limits, tariff, teamOf, front, expired } = search;
  const { axes } = front;
  const { workload } = problem;
  const einsums = workload.einsums.map((_, e) => e);
  const tensors = tensorsOf(workload, einsums);
  const leastOf = leastOfLoops(problem, tariff, teamOf);
  const loopSpace = loopSpaceOf(problem, limits, einsums);
  const under = (loops: readonly NestLoop[]): LoopsSearch => {
    const frame = frameOf(problem, einsums, loops);
    const { staff } = teamOf(frame);
    const choices = tensors.map((t) => keepChoices(problem, limits, einsums, loops, t, isAtHome(problem, t)));
    const keepings = tensors.map((t, i) => countedKeeps(frame, t, choices[i]!));
    const malformed = productOf(choices.map((c) => c.length)) - productOf(keepings.map((k) => k.length));
    return { ...search, frame, tensors, staff, keepings, malformed };
  };
  const waiting = createHeap();
  const lists: Waiting[] = [];
  const add = (list: Waiting): void => pushHeap(waiting, -lists.push(list), list.least[front.axes[0]!]);
  // Of equals the last, which has more loops and so smaller tiles.
  const addOpen = (loops: readonly NestLoop[]): void => {
    const costs = leastOf(loops);
    if (!costs.every((least) => isNoUse(search, least)))
      add({ loops, least: costs.reduce(leastCosts), closed: undefined });
  };
  const addClosed = ({ loops, least }: Waiting): void => {
    const isTimed = axes.includes('latency_cycles');
    const closed = isTimed ? quickest(search, einsums, loops) : { cycles: 0, bindings: [] };
    if (closed === undefined) return;
    const cost = { ...least, latency_cycles: Math.max(least.latency_cycles, closed.cycles) };
    if (!isNoUse(search, cost)) add({ loops, least: cost, closed });
  };
  const open: Lists['open'][number][] = [];
  addOpen([]);
  while (waiting.length > 0 && !expired()) {
    const list = lists[-popHeap(waiting) - 1]!;
    if (isNoUse(search, list.least)) continue;
    if (list.closed === undefined) {
      if (isComplete(loopSpace, list.loops)) addClosed(list);
      for (const next of nextLoops(loopSpace, list.loops)) addOpen([...list.loops, next]);
      continue;
    }
    dive(under(list.loops), list.closed);
    open.push(list);
  }
  const left: Cost[] = [];
  while (waiting.length > 0) left.push(lists[-popHeap(waiting) - 1]!.least);
  return { open, waiting: left, under };
}

/** Loops, and what nests cost at least that have them outermost, or, once it is known how quick they can be, have no others. */
type Waiting = {
  readonly loops: readonly NestLoop[];
  readonly least: Cost;
  readonly closed: Quickest | undefined;
};

/** The quickest bindings under some loops, if they are quicker than what was found. */
function quickest(
  { problem, tariff, teamOf, front, limits }: NestSearch,
  einsums: readonly number[],
  loops: readonly NestLoop[],
): Quickest | undefined {
  const frame = frameOf(problem, einsums, loops);
  const found = front.axes.length === 1 ? front.found[0]?.cost.latency_cycles : undefined;
  return quickestBindings(
    tariff,
    frame,
    teamOf(frame),
    Math.max(...limits.inFlight),
    found ?? Number.POSITIVE_INFINITY,
  );
}

const isNoUse = ({ front, isUseless }: NestSearch, least: Cost): boolean => covers(front, least) || isUseless(least);

const isNoUseWith = (s: LoopsSearch, spent: Ledger, later: readonly Ledger[]): boolean =>
  later.every((l) => isNoUse(s, costOf(s.tariff, sum(spent, l))));

/** Evaluates one nest: the cheapest places that fit, one tensor after the other, and the cheapest bindings for them. */
function dive(s: LoopsSearch, quickest: Quickest): void {
  const { tensors } = s;
  const placed: Keeping[] = [];
  for (const [i, options] of s.keepings.entries()) {
    const fitting = byPromise(s, tensors[i]!, options).find(({ option }) => !isOverfull(s, [...placed, option]));
    if (fitting === undefined) return;
    placed.push(fitting.option);
  }
  const isQuick = s.front.axes[0] === 'latency_cycles';
  const chosen = isQuick ? quickest.bindings : boundLedgers(s, placed).map((options) => options[0]!.option);
  const nest = nestOf(s, chosen, placed, Math.max(...s.limits.inFlight));
  const cost = s.evaluate(nest);
  if (cost !== undefined) offer(s.front, cost, nest);
}

function countedKeeps(frame: Frame, tensor: number, choices: readonly (readonly NestKeep[])[]): readonly Keeping[] {
  const home = isAtHome(frame.problem, tensor) ? homeOf(frame.problem.machine) : undefined;
  return choices.flatMap((choice) => {
    const counts = countKeeps(frame, tensor, choice, home);
    return counts === undefined ? [] : [{ choice, counts }];
  });
}

const productOf = (numbers: readonly number[]): bigint => numbers.reduce((n, x) => n * BigInt(x), 1n);

type LoopsSearch = NestSearch & {
  readonly frame: Frame;
  readonly tensors: readonly number[];
  readonly staff: readonly Staff[];
  readonly keepings: readonly (readonly Keeping[])[];
  /** Ways to keep the tensors that are no loop tree. */
  readonly malformed: bigint;
};

/** Ways to keep a tensor with what they cost at least: cheap ones first, of equals those with small tiles. */
const byPromise = (
  s: LoopsSearch,
  tensor: number,
  options: readonly Keeping[],
): readonly { readonly option: Keeping; readonly ledger: Ledger }[] =>
  options
    .map((option) => ({ option, ledger: leastOfKeeping(s, tensor, option) }))
    .toSorted((a, b) => byCost(s, a.ledger, b.ledger) || heldBytes(a.option) - heldBytes(b.option));

/** All nests of some loops: first where tensors are kept, which decides whether tiles fit, then who computes. */
function searchLoops(s: LoopsSearch): void {
  const { tariff, tensors, staff, limits } = s;
  const keepings = s.keepings.map((options, i) => byPromise(s, tensors[i]!, options));
  const bound = productOf(staff.map((x) => x.bindings().length)) * BigInt(limits.inFlight.length);
  s.tally.illegal += bound * s.malformed;
  const later = suffixes(tariff, [...keepings.map((k) => k.map((x) => x.ledger)), ...staff.map((x) => x.least)]);
  const under = keepings.map((_, i) => bound * productOf(keepings.slice(i + 1).map((k) => k.length)));
  const placed: Keeping[] = [];
  const place = (at: number, spent: Ledger): void => {
    if (at === keepings.length) {
      bindEinsums(s, placed);
      return;
    }
    for (const { option, ledger } of keepings[at]!) {
      const now = sum(spent, ledger);
      if (isNoUseWith(s, now, later[at + 1]!)) {
        s.tally.bounded += under[at]!;
        continue;
      }
      placed[at] = option;
      placed.length = at + 1;
      if (isOverfull(s, placed)) s.tally.overfull += under[at]!;
      else place(at + 1, now);
    }
  };
  place(0, openLedger(tariff));
}

const heldBytes = ({ counts }: Keeping): number => counts.held.reduce((n, h) => n + h.bytes, 0);

function byCost({ tariff, front }: LoopsSearch, a: Ledger, b: Ledger): number {
  const [x, y] = [costOf(tariff, a), costOf(tariff, b)];
  for (const axis of front.axes) if (x[axis] !== y[axis]) return x[axis] < y[axis] ? -1 : 1;
  return 0;
}

/** What the places of a tensor cost at least, whoever computes. */
function leastOfKeeping(s: LoopsSearch, tensor: number, { counts }: Keeping): Ledger {
  const { tariff, frame, problem } = s;
  return usesOf(problem.workload, tensor, frame.einsums).reduce(
    (total, e) => sum(total, s.staff[e]!.leastAccess(tensor, counts.innermost.get(e)!.level)),
    writeLedger(tariff, (to) => bookKeeps(tariff, to, counts)),
  );
}

/** Bindings and all that they cost, now that it is known where tensors are; cheap ones first. */
function boundLedgers(
  s: LoopsSearch,
  placed: readonly Keeping[],
): readonly (readonly { option: Binding; ledger: Ledger }[])[] {
  const { tariff, tensors, problem } = s;
  return s.staff.map(({ bindings }, e) => {
    const { output, operands } = problem.workload.einsums[e]!;
    const placeOf = (tensor: number): Innermost => placed[tensors.indexOf(tensor)]!.counts.innermost.get(e)!;
    return bindings()
      .map((option) => ({
        option,
        ledger: writeLedger(tariff, (to) => {
          bookBinding(tariff, to, option.counts);
          bookAccess(tariff, to, option.counts, output.tensor, undefined, placeOf(output.tensor));
          operands.forEach((o, i) => {
            bookAccess(tariff, to, option.counts, o.tensor, i, placeOf(o.tensor));
          });
        }),
      }))
      .toSorted((a, b) => byCost(s, a.ledger, b.ledger));
  });
}

/** All bindings, now that it is known where tensors are. */
function bindEinsums(s: LoopsSearch, placed: readonly Keeping[]): void {
  const { tariff, limits } = s;
  const bindings = boundLedgers(s, placed);
  const later = suffixes(
    tariff,
    bindings.map((options) => options.map((o) => o.ledger)),
  );
  const under = bindings.map(
    (_, i) => BigInt(limits.inFlight.length) * productOf(bindings.slice(i + 1).map((b) => b.length)),
  );
  const moved = writeLedger(tariff, (to) => {
    for (const { counts } of placed) bookKeeps(tariff, to, counts);
  });
  const chosen: Binding[] = [];
  const bind = (at: number, spent: Ledger): void => {
    if (at === bindings.length) {
      for (const inFlight of limits.inFlight) finish(s, chosen, placed, inFlight, spent);
      return;
    }
    for (const { option, ledger } of bindings[at]!) {
      const now = sum(spent, ledger);
      if (isNoUseWith(s, now, later[at + 1]!)) {
        s.tally.bounded += under[at]!;
        continue;
      }
      chosen[at] = option;
      bind(at + 1, now);
    }
  };
  bind(0, moved);
}

function finish(
  s: LoopsSearch,
  chosen: readonly Binding[],
  placed: readonly Keeping[],
  inFlight: number,
  spent: Ledger,
): void {
  if (isNoUse(s, costOf(s.tariff, spent))) {
    s.tally.bounded++;
    return;
  }
  const nest = nestOf(s, chosen, placed, inFlight);
  const cost = s.evaluate(nest);
  if (cost === undefined) {
    s.tally.illegal++;
    return;
  }
  s.tally.evaluated++;
  offer(s.front, cost, nest);
}

const nestOf = (s: LoopsSearch, chosen: readonly Binding[], placed: readonly Keeping[], inFlight: number): Nest => ({
  einsums: s.frame.einsums,
  loops: s.frame.loops,
  keeps: placed.flatMap((p) => p.choice),
  bindings: new Map(s.frame.einsums.map((e, i) => [e, chosen[i]!.choice])),
  inFlight,
});

/** Whether tiles need more than there is whatever else is kept: those outside all loops, and the most that any place or, in a pipeline, any outermost loop has. */
function isOverfull({ problem: { machine }, limits }: LoopsSearch, placed: readonly Keeping[]): boolean {
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

/** By position, what one of each list from there on costs together at least. */
function suffixes(t: Tariff, lists: readonly (readonly Ledger[])[]): readonly (readonly Ledger[])[] {
  const sums = [joined(t, [])];
  for (const list of lists.toReversed()) sums.unshift(joined(t, [leastLedgers(t, list), sums[0]!]));
  return sums;
}
