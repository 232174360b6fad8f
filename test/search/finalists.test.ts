import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMapping } from '../../src/mapper/parse.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { type BestMappings, bestMappings, type FoundMapping, type Space } from '../../src/search/best-mappings.ts';
import { openNumbers } from '../../src/search/dataflow/dataflow.ts';
import { type Finalist, type FinalistOptions, simulateFinalists, usualFinalists } from '../../src/search/finalists.ts';
import { objectives } from '../../src/search/objective.ts';
import { weighingOf } from '../../src/search/search.ts';
import { spaceOf } from '../../src/search/space-size.ts';
import { must, shipped, shippedMachine, workloadOf } from '../mapper/inputs.ts';
import { endOnFailure, runs } from '../runs.ts';
import { anyProblem } from './random-problem.ts';

const small = anyProblem(2).filter((p) => spaceOf(p, p.limits, [...p.workload.einsums.keys()]) < 2000n);

const accounting = 'physical';
const options: FinalistOptions = {
  ...usualFinalists,
  accounting,
  value: objectives.latency,
  vary: true,
  most: 12,
  margin: 0.05,
};

const place = ({ mapping, space }: FoundMapping) =>
  must(placeMapping(mapping, space.problem.workload, space.problem.machine));
const simulated = (f: FoundMapping): number => evaluateMapping(place(f), 'cycle').latency_cycles;
const inClosedForm = (f: FoundMapping): number => evaluateMapping(place(f), 'analytic').latency_cycles;

function search(spaces: readonly Space[]): BestMappings {
  return bestMappings(spaces, { ...weighingOf('latency'), accounting, effort: 200 });
}

const cyclesOf = ({ outcome }: Finalist): number =>
  outcome.kind === 'simulated' ? outcome.latency_cycles : Number.POSITIVE_INFINITY;

test('the first finalist is the quickest in the simulator of all, and costs about what the best in closed form does', () => {
  let varied = 0;
  fc.assert(
    fc.property(small, (problem) => {
      const best = search([{ kind: 'nests', problem, limits: problem.limits }]);
      const finalists = simulateFinalists(best, options);
      expect(finalists.length === 0).toBe(best.found.length === 0);
      if (best.found.length === 0) return;
      const least = Math.min(...best.found.map(inClosedForm));
      const quickest = cyclesOf(finalists[0]!);
      expect(quickest).toBeLessThanOrEqual(simulated(best.found[0]!));
      for (const f of finalists) {
        const cycles = simulated(f);
        expect(cycles).toBeGreaterThanOrEqual(quickest);
        if (f.outcome.kind === 'simulated') expect(f.outcome.latency_cycles).toBe(cycles);
        if (f.outcome.kind === 'slower') expect(f.outcome.least_cycles).toBeLessThanOrEqual(cycles);
        const closed = inClosedForm(f);
        expect(Math.abs(f.cost.latency_cycles - closed)).toBeLessThanOrEqual(1e-9 * closed);
        expect(f.changes.length > 0).toBe(f.origin === 'varied');
        if (f.origin !== 'varied') continue;
        varied++;
        expect(closed).toBeLessThanOrEqual(least * 1.05 * (1 + 1e-9));
      }
      expect(finalists.filter((f) => f.origin === 'varied').length).toBeLessThanOrEqual(options.most);
      expect(simulateFinalists(best, options)).toEqual(finalists);
      for (const f of simulateFinalists(best, { ...options, vary: false })) expect(f.origin).toBe('found');
    }),
    { numRuns: runs(25), endOnFailure },
  );
  expect(varied).toBeGreaterThan(0);
});

test('of stages that make no difference in closed form those are chosen with which the simulator is quickest', async () => {
  const workload = workloadOf('attention-1-pass', { B: 4, H: 16, P: 1024, M: 1024, M0: 128, E: 128, F: 128 });
  // All overlap that there is, so that stages make no difference in closed form.
  const problem = { workload, machine: { ...(await shippedMachine('h100-sxm')), overlap: 1 } };
  const mapping = must(parseMapping(shipped('mappings', 'flash-attention-3.map')));
  const space: Space = { kind: 'dataflow', problem, dataflow: openNumbers(mapping, workload, new Set(['tiles'])) };
  const best = search([space]);
  const [first, ...others] = simulateFinalists(best, options);
  expect(first!.origin).toBe('varied');
  expect(cyclesOf(first!)).toBeLessThan(0.95 * simulated(best.found[0]!));
  expect(first!.cost.latency_cycles).toBeLessThanOrEqual(best.found[0]!.cost.latency_cycles * 1.05);
  // What is written is among them.
  expect(others.some((f) => f.changes.length === 0)).toBe(true);
});
