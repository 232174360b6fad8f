import { type Diagnostic, diagnostic } from '../../diagnostic.ts';
import { keepChoices } from '../keep-choices.ts';
import {
  bindingChoices,
  isComplete,
  type Limits,
  type LoopSpace,
  limitsOf,
  loopSpaceOf,
  nextKinds,
  tensorsOf,
} from '../mapspace.ts';
import { isSeparable, partOf } from '../part.ts';
import type { NestLoop, Problem } from '../plan.ts';
import { allowsNest } from './allow.ts';
import type { Constraint } from './constraints.ts';
import { printConstraint } from './print.ts';

/** Whether constraints leave any nest of some Einsums in a row. */
export function isPossible({ workload: whole, machine }: Problem, limits: Limits, first: number, end: number): boolean {
  if (!isSeparable(whole, first, end)) return false;
  const einsums = Array.from({ length: end - first }, (_, i) => first + i);
  const own = limitsOf(limits, whole, einsums);
  if (own.constraints.length === 0) return true;
  if (!allowsNest(own.constraints, whole, einsums) || own.inFlight.length === 0) return false;
  const problem = { workload: partOf(whole, einsums), machine };
  const all = einsums.map((_, e) => e);
  if (all.some((e) => bindingChoices(problem, own.constraints, e).length === 0)) return false;
  // Places outside all loops are there whatever the loops are.
  const choicesOf = keepChoices(problem, own, all);
  const kept = (t: number): boolean => choicesOf([], t).length > 0;
  return tensorsOf(problem.workload, all).every(kept) && hasLoops(loopSpaceOf(problem, own, all));
}

/** Whether any list of loops is complete: the shortest, if no list is said to be the only one. */
function hasLoops(space: LoopSpace): boolean {
  const [spread = []] = space.spread.exact;
  const list = space.exact[0] ?? shortest(space, spread);
  const loops: NestLoop[] = [];
  for (const [at, variable] of (list ?? []).entries()) {
    const across = at < spread.length ? space.spread.levels[0] : undefined;
    const isNext = [...nextKinds(space, loops)].some((k) => k.variable === variable && k.across === across);
    if (!isNext) return false;
    loops.push({ variable, tile: 1, across });
  }
  const tiled = space.variables.every(
    (v) => loops.filter((l) => l.variable === v).length <= space.tiles.get(v)!.length,
  );
  return list !== undefined && tiled && isComplete(space, loops);
}

/**
 * As few loops over each variable as it must have, some of which are outermost, in an order that all orders allow; undefined if there is
 * none.
 */
function shortest(
  { variables, batches, counts, orders }: LoopSpace,
  outermost: readonly number[],
): readonly number[] | undefined {
  const list = [...outermost];
  const missing = (v: number): number => Math.min(...counts.get(v)!) - outermost.filter((o) => o === v).length;
  // Loops over batches are outside all others.
  let needed = variables
    .toSorted((a, b) => Number(batches.has(b)) - Number(batches.has(a)) || a - b)
    .filter((v) => missing(v) > 0);
  while (needed.length > 0) {
    const isBefore = (u: number, v: number): boolean =>
      orders.some((order) => order.includes(u) && order.indexOf(u) < order.indexOf(v));
    const next = needed.find((v) => !needed.some((u) => isBefore(u, v)));
    if (next === undefined) return undefined;
    for (let n = missing(next); n > 0 && Number.isFinite(n); n--) list.push(next);
    needed = needed.filter((v) => v !== next);
  }
  return list;
}

/** Whether a workload can be cut into nests that constraints allow. */
function isWholePossible(problem: Problem, limits: Limits): boolean {
  const { length } = problem.workload.einsums;
  const reached = [true];
  for (let end = 1; end <= length; end++)
    reached[end] = reached.some((r, first) => r && first < end && isPossible(problem, limits, first, end));
  return reached[length]!;
}

/** Says which line, with those before it, leaves no mapping at all; nothing, if they leave some. */
export function nothingLeft(problem: Problem, limits: Limits): readonly Diagnostic[] {
  const { constraints } = limits;
  const leaves = (lines: number): boolean =>
    isWholePossible(problem, { ...limits, constraints: constraints.slice(0, lines) });
  if (leaves(constraints.length)) return [];
  let lines = 1;
  while (leaves(lines)) lines++;
  const { line } = constraints[lines - 1]!;
  const alone = isWholePossible(problem, { ...limits, constraints: [constraints[lines - 1]!] });
  const given = alone ? ' with the lines before it' : '';
  const message = `"${printConstraint(line)}" leaves no mapping of "${problem.workload.cascade.name}" on "${problem.machine.name}"${given}`;
  return [diagnostic('nothing-left', message, line.span, { help: helpFor[line.kind] })];
}

/** What else may be the reason. */
const helpFor: Readonly<Record<Constraint['kind'], string | undefined>> = {
  fuse: 'a nest has Einsums that follow each other, and all that lie between those that it fuses',
  loops: undefined,
  order: undefined,
  across:
    'on machines with several instances of a level, loops outside all others can be spread, over ranks that all Einsums of a nest have and none combines',
  cut: 'a loop has a tile that is smaller than the rank, and one over ranks of batches takes one coordinate a step',
  tile: 'a tile is smaller than the rank, and a loop needs one',
  keep: 'inputs, outputs and what passes from nest to nest are in the outermost memory; a place is in a level below the one before it',
  compute: 'a unit must have the operations, and each rank is along one dimension at most',
  schedule: undefined,
  dataflow: undefined,
};
