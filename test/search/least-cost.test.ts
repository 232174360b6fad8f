import fc from 'fast-check';
import { expect, test } from 'vitest';
import { physical } from '../../src/arch/machine.ts';
import { requiredBytes } from '../../src/mapper/capacity.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import { crowding } from '../../src/search/crowding.ts';
import type { Axis } from '../../src/search/front.ts';
import { leastOfLoops } from '../../src/search/least-cost.ts';
import { tariffOf } from '../../src/search/ledger.ts';
import { bindingChoices } from '../../src/search/mapspace.ts';
import { homeOf } from '../../src/search/plan.ts';
import { evaluatePlan } from '../../src/search/search.ts';
import { staffing } from '../../src/search/workers.ts';
import { writePlan } from '../../src/search/write-plan.ts';
import { endOnFailure, runs } from '../runs.ts';
import { anyNest } from './random-nest.ts';

const axes: readonly Axis[] = ['latency_cycles', 'energy_pj', 'home_bytes'];

test('no nest costs less than what its outermost loops cost at least, in as much room as it needs and no more', () => {
  let legal = 0;
  let crowded = 0;
  fc.assert(
    fc.property(anyNest, ({ workload, machine, nest }) => {
      const sized = (bytes: readonly number[]): typeof machine => ({
        ...machine,
        levels: machine.levels.map((l, at) => ({ ...l, memory: { ...l.memory!, capacity_bytes: bytes[at]! } })),
      });
      const endless = machine.levels.map(() => Number.POSITIVE_INFINITY);
      const plan = { nests: [nest] };
      const mapping = writePlan({ workload, machine }, plan, 'random');
      const placed = placeMapping(mapping, workload, sized(endless));
      if (!placed.ok) return;
      const needed = requiredBytes(placed.value);
      const home = homeOf(machine);
      const problem = { workload, machine: sized(needed.map((b, l) => (l === home ? Number.POSITIVE_INFINITY : b))) };
      const cost = evaluatePlan(problem, plan, { accounting: 'physical', room: undefined });
      expect(cost).toBeDefined();
      legal++;
      const tariff = tariffOf(workload, problem.machine, physical, axes);
      const teamOf = staffing(tariff, (p, e) => bindingChoices(p, [], e));
      const leastUnder = leastOfLoops(problem, tariff, teamOf, { constraints: [], inFlight: [nest.inFlight] });
      if (nest.inFlight > 1 && crowding(problem, teamOf(problem, [])).length > 1) crowded++;
      for (let depth = 0; depth <= nest.loops.length; depth++) {
        const least = leastUnder(nest.loops.slice(0, depth));
        const isLess = least.some((l) => axes.every((axis) => l[axis] <= cost![axis] * (1 + 1e-9)));
        expect(isLess).toBe(true);
      }
    }),
    { numRuns: runs(300), endOnFailure },
  );
  expect(legal).toBeGreaterThan(runs(300) / 4);
  expect(crowded).toBeGreaterThan(runs(300) / 100);
});
