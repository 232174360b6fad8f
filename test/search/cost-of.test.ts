import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeMapping } from '../../src/mapper/place.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { computingCycles } from '../../src/search/cost-of.ts';
import { anyTriple } from '../arbitraries/triple/triple.ts';
import { must } from '../mapper/inputs.ts';
import { endOnFailure, runs } from '../runs.ts';

test('no unit computes for less than its points take, as many at a time as lanes can have', () => {
  let tight = 0;
  fc.assert(
    fc.property(anyTriple(), ({ workload, machine, mapping }) => {
      const placed = must(placeMapping(mapping, workload, machine));
      const { units } = machine;
      const computed = evaluateMapping(placed, 'analytic').busy_cycles;
      const most = Math.max(...units.map(({ name }) => computed.get(name)!.cycles / computed.get(name)!.instances));
      const least = computingCycles(placed);
      expect(least).toBeLessThanOrEqual(most * (1 + 1e-12));
      if (least > 0.99 * most) tight++;
    }),
    { numRuns: runs(150), endOnFailure },
  );
  expect(tight).toBeGreaterThan(20);
});
