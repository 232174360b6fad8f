import { expect, test } from 'vitest';
import { parseMapping } from '../../src/mapper/parse.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { bestMappings, type Space } from '../../src/search/best-mappings.ts';
import { openNumbers } from '../../src/search/dataflow/dataflow.ts';
import { explainBest } from '../../src/search/explain.ts';
import { must, shipped, shippedMachine, workloadOf } from '../mapper/inputs.ts';

test('an explanation says what limits the mapping, what others cost, and what does not fit', async () => {
  const workload = workloadOf('attention-1-pass', { B: 1, H: 2, P: 512, M: 1024, E: 64, F: 64 });
  const machine = await shippedMachine('fusemax');
  const problem = { workload, machine };
  const mappings = ['fusemax-architecture', 'fusemax-binding'].map((n) =>
    must(parseMapping(shipped('mappings', `${n}.map`))),
  );
  const spaces = mappings.map(
    (mapping): Space => ({
      kind: 'dataflow',
      problem,
      dataflow: openNumbers(mapping, workload, new Set(['tiles'])),
    }),
  );
  const found = bestMappings(spaces, { axes: ['latency_cycles'], accounting: 'physical', effort: 1000 });
  const [best] = found.found;
  const { metrics, runnerUp, alternatives } = explainBest(found, best!, (c) => c.latency_cycles, {
    accounting: 'physical',
  });
  expect(best!.mapping.name).toBe('fusemax-binding');
  expect(metrics.latency_cycles).toBe(best!.cost.latency_cycles);
  expect(runnerUp!.found.mapping.name).toBe('fusemax-architecture');
  expect(runnerUp!.found.cost.latency_cycles).toBeGreaterThan(metrics.latency_cycles);
  for (const { number, instead, outcome } of alternatives.filter((a) => a.number === 'P0' || a.number === 'SLICE')) {
    const placed = placeMapping(best!.mapping, workload, machine, new Map([[number, instead]]));
    if ('cost' in outcome)
      expect(evaluateMapping(must(placed), 'analytic').latency_cycles).toBe(outcome.cost.latency_cycles);
    else expect(placed.ok).toBe(false);
  }
  // Twice as many queries as the arrays have columns take two passes each; none that fits is better.
  for (const { outcome } of alternatives)
    if ('cost' in outcome) expect(outcome.cost.latency_cycles).toBeGreaterThanOrEqual(metrics.latency_cycles * 0.999);
  expect(alternatives.map((a) => a.number)).toContain('keep SPNV in RF1D stages');
});
