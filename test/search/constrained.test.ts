import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderDiagnostic } from '../../src/diagnostic.ts';
import { bindConstraints } from '../../src/search/constraints/bind.ts';
import { parseConstraints } from '../../src/search/constraints/parse.ts';
import { nothingLeft } from '../../src/search/constraints/possible.ts';
import { innerVariables } from '../../src/search/dense.ts';
import type { Limits } from '../../src/search/mapspace.ts';
import { type Objective, objectives } from '../../src/search/objective.ts';
import { searchMappings, weighingOf } from '../../src/search/search.ts';
import { decided } from '../arbitraries/choices.ts';
import { endOnFailure, runs } from '../runs.ts';
import { exhaust, leastOf } from './exhaustive.ts';
import { obedience } from './obeys.ts';
import { chooseConstraints } from './random-constraints.ts';
import { chooseProblem, type SmallProblem } from './random-problem.ts';

const anyConstrained = decided((c) => {
  const problem = chooseProblem(c, 3);
  return problem && { problem, text: chooseConstraints(c, problem) };
})
  .filter((x) => x !== undefined)
  .map((x) => x as { problem: SmallProblem; text: string });

test('the optimum under constraints is that of the mappings that obey them, one by one', { timeout: 600_000 }, () => {
  let possible = 0;
  let impossible = 0;
  fc.assert(
    fc.property(anyConstrained, ({ problem, text }) => {
      const { workload, machine, limits } = problem;
      const lines = parseConstraints({ name: 'constraints', text });
      if (!lines.ok) throw new Error(lines.diagnostics.map(renderDiagnostic).join('\n'));
      const bound = bindConstraints(lines.value, [workload], machine);
      if (!bound.ok) throw new Error(bound.diagnostics.map(renderDiagnostic).join('\n'));
      const inner = innerVariables(workload);
      const wide: Limits = {
        ...limits,
        tiles: (size, v) => (inner.has(v) ? [] : Array.from({ length: size - 1 }, (_, i) => size - 1 - i)),
        stages: [1, 2],
        inFlight: [1, 2],
      };
      const usual = { stages: limits.stages, inFlight: limits.inFlight, tiles: limits.tiles(9, -1) };
      const best = exhaust(problem, wide, 200, obedience(lines.value, problem, usual));
      fc.pre(best !== undefined);
      const own = { ...limits, constraints: bound.value[0]! };
      const left = nothingLeft(problem, own).length === 0;
      for (const objective of Object.keys(objectives) as Objective[]) {
        const options = { limits: own, ...weighingOf(objective), accounting: 'physical', room: 1 };
        const { plans, tally } = searchMappings(problem, options);
        const value = objectives[objective];
        const found = plans.reduce((least, p) => Math.min(least, value(p.cost)), Number.POSITIVE_INFINITY);
        const expected = leastOf(best, objective);
        if (!left || !Number.isFinite(expected)) expect([text, found]).toEqual([text, expected]);
        else expect(Math.abs(found - expected), text).toBeLessThanOrEqual(1e-9 * expected);
        expect(tally.evaluated + tally.bounded + tally.overfull + tally.illegal).toBe(tally.space);
        if (!left) expect(tally.space).toBe(0n);
      }
      if (left) possible++;
      else impossible++;
    }),
    { numRuns: runs(40), maxSkipsPerRun: 1000, endOnFailure },
  );
  expect(possible).toBeGreaterThan(impossible);
});
