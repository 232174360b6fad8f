import { keepChoices } from '../../src/search/keep-choices.ts';
import {
  bindingChoices,
  type Limits,
  type LoopSpace,
  loopSpaceOf,
  nextLoops,
  product,
  tensorsOf,
} from '../../src/search/mapspace.ts';
import { type Cost, type Objective, objectives } from '../../src/search/objective.ts';
import { isAtHomeOf, type Nest, type NestKeep, type NestLoop, type Problem } from '../../src/search/plan.ts';
import { evaluatePlan } from '../../src/search/search.ts';
import type { Obedience } from './obeys.ts';

/** All ways to cut a list into parts without changing its order. */
function* partitions(list: readonly number[]): Generator<readonly (readonly number[])[]> {
  if (list.length === 0) {
    yield [];
    return;
  }
  for (let n = 1; n <= list.length; n++)
    for (const rest of partitions(list.slice(n))) yield [list.slice(0, n), ...rest];
}

/** Every list of loops of a nest. */
function* loopLists(space: LoopSpace, loops: readonly NestLoop[] = []): Generator<readonly NestLoop[]> {
  yield loops;
  for (const next of nextLoops(space, loops)) yield* loopLists(space, [...loops, next]);
}

/** Every nest of some Einsums: the space itself, as far as it obeys. `atHome` says of each tensor whether it is in the outermost memory. */
function* nests(
  problem: Problem,
  limits: Limits,
  einsums: readonly number[],
  atHome: (tensor: number) => boolean,
  obey: Obedience | undefined,
): Generator<Nest> {
  if (obey?.nest(einsums) === false) return;
  const { workload } = problem;
  const tensors = tensorsOf(workload, einsums);
  const bindings = einsums.map((e) =>
    bindingChoices(problem, limits.constraints, e).filter((choice) => obey?.units(e, choice) !== false),
  );
  const inFlights = limits.inFlight.filter((n) => obey?.inFlight(einsums, n) !== false);
  // Where one has no choice left, those of the others would be gone through for nothing.
  if ([...bindings, inFlights].some((list) => list.length === 0)) return;
  const usual = loopSpaceOf(problem, limits, einsums);
  // Who says what loops may be says of batches, too, where they are.
  const all = new Map(
    usual.variables.map((v) => [
      v,
      [...new Set([...limits.tiles(workload.variables[v]!.size, v), ...usual.tiles.get(v)!])],
    ]),
  );
  const space = obey === undefined ? usual : { ...usual, batches: new Set<number>(), tiles: all };
  // Who says what places may be says of those, too, that need not be filled early.
  const choicesOf = keepChoices(problem, obey === undefined ? limits : { ...limits, stages: [1] }, einsums, atHome);
  const staged = (chain: readonly NestKeep[]): Iterable<readonly NestKeep[]> =>
    obey === undefined ? [chain] : product(chain.map((k) => limits.stages.map((stages) => ({ ...k, stages }))));
  for (const loops of loopLists(space)) {
    if (obey?.loops(einsums, loops) === false) continue;
    const kept = tensors.map((t) =>
      choicesOf(loops, t)
        .flatMap((chain) => [...staged(chain)])
        .filter((chain) => obey?.keeps(t, chain, atHome(t), loops) !== false),
    );
    if (kept.some((list) => list.length === 0)) continue;
    for (const keeps of product(kept))
      for (const bound of product(bindings))
        for (const inFlight of inFlights)
          yield {
            einsums,
            loops,
            keeps: keeps.flat(),
            bindings: new Map(einsums.map((e, i) => [e, bound[i]!])),
            inFlight,
          };
  }
}

/** What all plans of a space cost that obey and are legal, each written, placed and evaluated; undefined: too many. */
export function exhaust(problem: Problem, limits: Limits, most: number, obey?: Obedience): readonly Cost[] | undefined {
  const costs: Cost[] = [];
  let plans = 0;
  const einsums = problem.workload.einsums.map((_, e) => e);
  for (const parts of partitions(einsums)) {
    const shells = parts.map((e): Nest => ({ einsums: e, loops: [], keeps: [], bindings: new Map(), inFlight: 1 }));
    const lists: Nest[][] = [];
    for (const part of parts) {
      const list: Nest[] = [];
      for (const nest of nests(problem, limits, part, (t) => isAtHomeOf(problem, shells, t), obey)) {
        if (list.push(nest) > most) return undefined;
      }
      lists.push(list);
    }
    plans += lists.reduce((n, list) => n * list.length, 1);
    if (plans > most) return undefined;
    for (const plan of product(lists)) {
      const cost = evaluatePlan(problem, { nests: plan }, { accounting: 'physical', room: 1 });
      if (cost !== undefined) costs.push(cost);
    }
  }
  return costs;
}

/** The least value of an objective; infinite if there is nothing. */
export const leastOf = (costs: readonly Cost[], objective: Objective): number =>
  costs.reduce((least, cost) => Math.min(least, objectives[objective](cost)), Number.POSITIVE_INFINITY);
