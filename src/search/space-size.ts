import { bindingChoices, chainsOf, keepChoices, type Limits, tensorsOf, variablesOf } from './mapspace.ts';
import type { NestLoop, Problem } from './plan.ts';

/**
 * How many nests a space has. Ways to keep and to bind depend on the order of the loops, not on their tiles, so orders are gone
 * through and tiles counted.
 */
export function spaceOf(
  problem: Problem,
  limits: Limits,
  einsums: readonly number[],
  atHome: readonly boolean[],
): bigint {
  const { workload } = problem;
  const variables = variablesOf(workload, einsums);
  const tensors = tensorsOf(workload, einsums);
  // By variable, then by length: chains of tiles.
  const chains = variables.map((v) => {
    const counts: bigint[] = [];
    for (const { length } of chainsOf(problem, limits, v)) counts[length] = (counts[length] ?? 0n) + 1n;
    return counts;
  });
  const bound = einsums.reduce((n, e) => n * BigInt(bindingChoices(problem, e).length), BigInt(limits.inFlight.length));
  let space = 0n;
  const extend = (loops: readonly NestLoop[]): void => {
    const tiled = variables.reduce(
      (n, v, i) => n * (chains[i]![loops.filter((l) => l.variable === v).length] ?? 0n),
      1n,
    );
    const kept = tensors.reduce(
      (n, t, i) => n * BigInt(keepChoices(problem, limits, einsums, loops, t, atHome[i]!).length),
      1n,
    );
    space += tiled * kept;
    variables.forEach((variable, i) => {
      const more = loops.filter((l) => l.variable === variable).length + 1;
      if (more < chains[i]!.length) extend([...loops, { variable, tile: 1 }]);
    });
  };
  extend([]);
  return space * bound;
}
