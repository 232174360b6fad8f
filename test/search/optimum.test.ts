import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Axis } from '../../src/search/front.ts';
import { type Cost, type Objective, objectives } from '../../src/search/objective.ts';
import { searchMappings, weighingOf } from '../../src/search/search.ts';
import { endOnFailure, runs } from '../runs.ts';
import { exhaust, leastOf } from './exhaustive.ts';
import { anyProblem } from './random-problem.ts';

// Law 9 of the design.
test('the optimum that is found is that of all mappings of the space, one by one', { timeout: 600_000 }, () => {
  let problems = 0;
  let possible = 0;
  fc.assert(
    fc.property(anyProblem(5), (problem) => {
      const best = exhaust(problem, problem.limits, 400);
      fc.pre(best !== undefined);
      problems++;
      for (const objective of Object.keys(objectives) as Objective[]) {
        const { plans, remaining, tally } = searchMappings(problem, {
          limits: problem.limits,
          ...weighingOf(objective),
          accounting: 'physical',
          room: 1,
        });
        const value = objectives[objective];
        const found = plans.reduce((least, p) => Math.min(least, value(p.cost)), Number.POSITIVE_INFINITY);
        const expected = leastOf(best, objective);
        if (Number.isFinite(expected)) possible++;
        else expect(found).toBe(expected);
        if (Number.isFinite(expected)) expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-9 * expected);
        expect(remaining).toBeUndefined();
        const { space, evaluated, bounded, overfull, illegal, left } = tally;
        expect(evaluated + bounded + overfull + illegal).toBe(space);
        expect(left).toBe(0n);
        if (Number.isFinite(expected)) {
          const near = searchMappings(problem, {
            limits: problem.limits,
            ...weighingOf(objective),
            accounting: 'physical',
            gap: 0.3,
          });
          const costs = near.plans.map((p) => value(p.cost));
          expect(Math.min(...costs)).toBeLessThanOrEqual(1.3 * expected * (1 + 1e-9));
          // The least of all is what was found, or was passed over as no better than this.
          const bounds = near.remaining === undefined ? costs : [...costs, value(near.remaining)];
          expect(Math.min(...bounds)).toBeLessThanOrEqual(expected * (1 + 1e-9));
        }
      }
    }),
    { numRuns: runs(500), maxSkipsPerRun: 1000, endOnFailure },
  );
  expect(possible).toBeGreaterThan(problems);
});

test('the front that is found is that of all mappings of the space', { timeout: 600_000 }, () => {
  let points = 0;
  const axes: readonly Axis[] = ['latency_cycles', 'energy_pj', 'home_bytes', 'room_bytes'];
  const isNoWorse = (a: Cost, b: Cost): boolean => axes.every((x) => a[x] <= b[x] * (1 + 1e-9));
  fc.assert(
    fc.property(anyProblem(3), (problem) => {
      const all = exhaust(problem, problem.limits, 400);
      fc.pre(all !== undefined);
      const { plans, remaining } = searchMappings(problem, {
        limits: problem.limits,
        axes,
        accounting: 'physical',
        room: 1,
      });
      expect(remaining).toBeUndefined();
      for (const cost of all) expect(plans.some((p) => isNoWorse(p.cost, cost))).toBe(true);
      for (const { cost } of plans) expect(all.some((c) => isNoWorse(c, cost))).toBe(true);
      points = Math.max(points, plans.length);
    }),
    { numRuns: runs(50), maxSkipsPerRun: 1000, endOnFailure },
  );
  expect(points).toBeGreaterThan(1);
});
