import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Objective, objectives } from '../../src/search/objective.ts';
import { axesOf, searchMappings } from '../../src/search/search.ts';
import { endOnFailure, runs } from '../runs.ts';
import { exhaust } from './exhaustive.ts';
import { anyProblem } from './random-problem.ts';

// Law 9 of the design.
test('the optimum that is found is that of all mappings of the space, one by one', { timeout: 600_000 }, () => {
  let problems = 0;
  let possible = 0;
  fc.assert(
    fc.property(anyProblem(4), (problem) => {
      const best = exhaust(problem, problem.limits, 400);
      fc.pre(best !== undefined);
      problems++;
      for (const objective of Object.keys(objectives) as Objective[]) {
        const { plans, remaining, tally } = searchMappings(problem, {
          limits: problem.limits,
          axes: axesOf[objective],
          accounting: 'physical',
        });
        const value = objectives[objective];
        const found = plans.reduce((least, p) => Math.min(least, value(p.cost)), Number.POSITIVE_INFINITY);
        const expected = best.get(objective)!;
        if (Number.isFinite(expected)) possible++;
        else expect(found).toBe(expected);
        if (Number.isFinite(expected)) expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-9 * expected);
        expect(remaining).toBeUndefined();
        const { space, evaluated, bounded, overfull, illegal, left } = tally;
        expect(evaluated + bounded + overfull + illegal).toBe(space);
        expect(left).toBe(0n);
      }
    }),
    { numRuns: runs(500), maxSkipsPerRun: 1000, endOnFailure },
  );
  expect(possible).toBeGreaterThan(problems);
});
