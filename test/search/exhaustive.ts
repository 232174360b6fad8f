import { type Limits, nests, partitions, product } from '../../src/search/mapspace.ts';
import { type Cost, type Objective, objectives } from '../../src/search/objective.ts';
import { isAtHomeOf, type Nest, type Problem } from '../../src/search/plan.ts';
import { evaluatePlan } from '../../src/search/search.ts';

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
