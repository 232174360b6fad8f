import {
  bindingChoices,
  keepChoices,
  type Limits,
  type LoopSpace,
  loopSpaceOf,
  nextLoops,
  product,
  tensorsOf,
} from '../../src/search/mapspace.ts';
import { type Cost, type Objective, objectives } from '../../src/search/objective.ts';
import { isAtHomeOf, type Nest, type NestLoop, type Problem } from '../../src/search/plan.ts';
import { evaluatePlan } from '../../src/search/search.ts';

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

/** Every nest of some Einsums: the space itself. `atHome` says of each tensor whether it is in the outermost memory. */
function* nests(
  problem: Problem,
  limits: Limits,
  einsums: readonly number[],
  atHome: (tensor: number) => boolean,
): Generator<Nest> {
  const { workload } = problem;
  const tensors = tensorsOf(workload, einsums);
  const bindings = einsums.map((e) => bindingChoices(problem, e));
  for (const loops of loopLists(loopSpaceOf(problem, limits, einsums))) {
    const kept = tensors.map((t) => keepChoices(problem, limits, einsums, loops, t, atHome(t)));
    for (const keeps of product(kept))
      for (const bound of product(bindings))
        for (const inFlight of limits.inFlight)
          yield {
            einsums,
            loops,
            keeps: keeps.flat(),
            bindings: new Map(einsums.map((e, i) => [e, bound[i]!])),
            inFlight,
          };
  }
}

/** The least value of each objective over all plans of a space, each written, placed and evaluated; undefined: too many. */
export function exhaust(problem: Problem, limits: Limits, most: number): ReadonlyMap<Objective, number> | undefined {
  const costs: Cost[] = [];
  let plans = 0;
  const einsums = problem.workload.einsums.map((_, e) => e);
  for (const parts of partitions(einsums)) {
    const shells = parts.map((e): Nest => ({ einsums: e, loops: [], keeps: [], bindings: new Map(), inFlight: 1 }));
    const lists: Nest[][] = [];
    for (const part of parts) {
      const list: Nest[] = [];
      for (const nest of nests(problem, limits, part, (t) => isAtHomeOf(problem, shells, t))) {
        if (list.push(nest) > most) return undefined;
      }
      lists.push(list);
    }
    plans += lists.reduce((n, list) => n * list.length, 1);
    if (plans > most) return undefined;
    for (const plan of product(lists)) {
      const cost = evaluatePlan(problem, { nests: plan }, 'physical');
      if (cost !== undefined) costs.push(cost);
    }
  }
  return new Map(
    (Object.keys(objectives) as Objective[]).map((objective) => [
      objective,
      costs.reduce((least, cost) => Math.min(least, objectives[objective](cost)), Number.POSITIVE_INFINITY),
    ]),
  );
}
