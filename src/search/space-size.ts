import { keepChoices } from './keep-choices.ts';
import { bindingChoices, isComplete, type Limits, loopSpaceOf, nextKinds, tensorsOf } from './mapspace.ts';
import type { NestLoop, Problem } from './plan.ts';

/**
 * How many nests a space has. Ways to keep and to bind depend on the order of the loops, not on their tiles, so orders are gone
 * through and tiles counted.
 */
export function spaceOf(problem: Problem, limits: Limits, einsums: readonly number[]): bigint {
  const space = loopSpaceOf(problem, limits, einsums);
  const tensors = tensorsOf(problem.workload, einsums);
  const bound = einsums.reduce(
    (n, e) => n * BigInt(bindingChoices(problem, limits.constraints, e).length),
    BigInt(limits.inFlight.length),
  );
  const lengthOf = (loops: readonly NestLoop[], variable: number): number =>
    loops.filter((l) => l.variable === variable).length;
  const choicesOf = keepChoices(problem, limits, einsums);
  let nests = 0n;
  const extend = (loops: readonly NestLoop[]): void => {
    const tiled = space.variables.reduce((n, v) => n * choose(space.tiles.get(v)!.length, lengthOf(loops, v)), 1n);
    if (tiled === 0n) return;
    if (isComplete(space, loops)) {
      const kept = tensors.map((t) => choicesOf(loops, t).length);
      nests += kept.reduce((n, k) => n * BigInt(k), tiled);
    }
    for (const kind of nextKinds(space, loops)) extend([...loops, { ...kind, tile: 1 }]);
  };
  extend([]);
  return nests * bound;
}

/** Ways to take so many tiles, in falling order. */
function choose(from: number, taken: number): bigint {
  let ways = 1n;
  for (let i = 0; i < taken; i++) ways = (ways * BigInt(from - i)) / BigInt(i + 1);
  return ways;
}
