import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bestMappings, type Space } from '../../src/search/best-mappings.ts';
import { type Objective, objectives } from '../../src/search/objective.ts';
import { weighingOf } from '../../src/search/search.ts';
import { spaceOf } from '../../src/search/space-size.ts';
import { endOnFailure, runs } from '../runs.ts';
import { anyProblem } from './random-problem.ts';

const small = anyProblem(2).filter((p) => spaceOf(p, p.limits, [...p.workload.einsums.keys()]) < 200n);

test('the best of several spaces is the best of each, and what it says of each holds', () => {
  let better = 0;
  fc.assert(
    fc.property(fc.array(small, { minLength: 2, maxLength: 3 }), (problems) => {
      const spaces = problems.map((problem): Space => ({ kind: 'nests', problem, limits: problem.limits }));
      for (const objective of Object.keys(objectives) as Objective[]) {
        const value = objectives[objective];
        const search = (some: readonly Space[]) =>
          bestMappings(some, { ...weighingOf(objective), accounting: 'physical', effort: 100_000 });
        const least = (found: ReturnType<typeof search>['found']): number =>
          found.reduce((n, f) => Math.min(n, value(f.cost)), Number.POSITIVE_INFINITY);
        const alone = spaces.map((space) => least(search([space]).found));
        const { found, searched } = search(spaces);
        const best = Math.min(...alone);
        if (Number.isFinite(best)) expect(Math.abs(least(found) - best)).toBeLessThanOrEqual(1e-9 * best);
        else expect(found).toEqual([]);
        searched.forEach((s, i) => {
          expect(s.space).toBe(spaces[i]);
          if (Number.isFinite(alone[i]!)) expect(value(s.bound)).toBeLessThanOrEqual(alone[i]! * (1 + 1e-9));
          for (const f of s.found) expect(f.space).toBe(spaces[i]);
        });
        if (searched.filter((s) => s.found.length > 0).length > 1) better++;
      }
    }),
    { numRuns: runs(25), endOnFailure },
  );
  expect(better).toBeGreaterThan(0);
});
