import { expect } from 'vitest';
import type { Machine, Unit } from '../../../src/arch/machine.ts';
import { countOperations } from '../../../src/einsum/operations.ts';
import type { Workload } from '../../../src/einsum/workload.ts';
import type { PlacedMapping } from '../../../src/mapper/placed.ts';
import type { Simulation } from '../../../src/models/cycle/simulate.ts';
import { evaluateMapping } from '../../../src/models/evaluate.ts';
import { machineResources } from '../../../src/models/resources.ts';
import { none, onUnit, placeAgain, withNodes } from './change.ts';
import { type Law, slack } from './law.ts';

/**
 * Law 4: simulated cycles >= analytic lower bound >= roofline bound, equal where nothing contends; folded = unfolded;
 * and the time of every resource is accounted for.
 */
export const lawsOfTime: readonly Law[] = [
  {
    name: 'law 4: folding changes no number',
    holds: ({ folded, unfolded, oneByOne }) => {
      expectSame(folded(), oneByOne());
      expectSame(unfolded(), oneByOne());
    },
  },
  {
    name: 'law 4: busy and stalled ticks of every instance of every resource add up to the run',
    holds: ({ machine, folded }) => {
      const { usage, ticks } = folded();
      const { names, instances } = machineResources(machine);
      usage.forEach(({ busy, stalls, used }, r) => {
        for (const [cause, stood] of stalls) expect(stood, `${names[r]} ${cause}`).toBeGreaterThanOrEqual(0);
        expect(busy + sum(stalls), names[r]).toBe(ticks * instances[r]!);
        // All that was done, the instances that are said to be used have done.
        expect(used, names[r]).toBeLessThanOrEqual(instances[r]!);
        expect(busy, names[r]).toBeLessThanOrEqual(ticks * used);
      });
    },
  },
  {
    name: 'law 4: so do the cycles of the metrics, to the last bit, and those that explain the latency',
    holds: ({ simulated }) => {
      const { busy_cycles, stalls, latency_cycles, difference } = simulated();
      for (const [resource, { cycles, instances }] of busy_cycles)
        expect(cycles + sum(stalls!.get(resource)!), resource).toBe(latency_cycles * instances);
      const { work_cycles, beyond_cycles, stalls: causes } = difference!;
      expect(work_cycles + beyond_cycles + sum(causes)).toBe(latency_cycles);
    },
  },
  {
    name: 'law 4: no resource does less than the closed form says',
    holds: ({ analytic, simulated }) => {
      const { busy_cycles } = simulated();
      // Every tick that is lost to rounding is at most a thousandth of a cycle.
      for (const [resource, work] of analytic().busy_cycles)
        expect(busy_cycles.get(resource)!.cycles, resource).toBeGreaterThanOrEqual(work.cycles * (1 - 1e-9) - 0.1);
    },
  },
  {
    name: 'law 4: simulated >= lower bound >= what each unit and port has to do',
    holds: ({ placed, analytic, simulated }) => {
      const bound = analytic().lower_bound_cycles;
      expect(simulated().lower_bound_cycles).toBe(bound);
      expect(simulated().latency_cycles).toBeGreaterThanOrEqual(bound - slack(bound));
      expect(analytic().latency_cycles).toBeGreaterThanOrEqual(bound);
      for (const [resource, busy] of analytic().busy_cycles)
        expect(bound, resource).toBeGreaterThanOrEqual(busy.cycles / busy.instances - slack(bound));
      for (const unit of placed.machine.units)
        expect(bound, unit.name).toBeGreaterThanOrEqual(rooflineCycles(placed, unit) - slack(bound));
    },
  },
  {
    name: 'law 4: one unit that never waits is busy all the time, by simulation, analytic model and bound',
    applies: ({ placed }) => placed.grids.length === 0,
    holds: ({ mapping, workload, machine }) => {
      const unit = machine.units[0]!.name;
      const alone = withNodes(mapping, (n) => (n.kind === 'compute' ? { ...n, bindings: onUnit(unit), lag: none } : n));
      const p = placeAgain({ ...alone, ordered: [] }, workload, onlyUnits(machine));
      const { latency_cycles } = evaluateMapping(p, 'cycle');
      const analytic = evaluateMapping(p, 'analytic');
      // Tiles are computed whole, so only dense cascades take exactly their operations.
      if (isDense(workload)) expect(latency_cycles).toBeCloseTo(cyclesOnOneLane(p), 6);
      expect(latency_cycles).toBeCloseTo(analytic.lower_bound_cycles, 6);
      expect(analytic.latency_cycles).toBeCloseTo(analytic.lower_bound_cycles, 6);
    },
  },
];

function expectSame(a: Simulation, b: Simulation): void {
  expect(a.ticks).toBe(b.ticks);
  expect([...a.totals]).toEqual([...b.totals]);
  expect(a.usage).toEqual(b.usage);
}

const sum = (parts: ReadonlyMap<unknown, number>): number => [...parts.values()].reduce((a, b) => a + b, 0);

/** Operations bound to a unit over its peak: no lane ever idle. */
function rooflineCycles(p: PlacedMapping, unit: Unit): number {
  const lanes = unit.dimensions.reduce((n, d) => n * d.size, 1) * p.machine.levels[unit.level]!.totalInstances;
  const counts = countOperations(p.workload);
  let cycles = 0;
  for (const compute of p.computes)
    for (const binding of compute.bindings)
      if (p.machine.units[binding.unit] === unit)
        for (const o of binding.operations) cycles += counts.get(compute.einsum.name)!.get(o.operator)! * o.cycles;
  return cycles / lanes;
}

/** One instance of each level, memories that no lane has for itself, ports without limit, no latencies, no ramps: only the units take time. */
const onlyUnits = (machine: Machine): Machine => ({
  ...machine,
  levels: machine.levels.map((l) => ({
    ...l,
    instances: 1,
    totalInstances: 1,
    memory: l.memory && {
      ...l.memory,
      read_bytes_per_cycle: Number.POSITIVE_INFINITY,
      write_bytes_per_cycle: Number.POSITIVE_INFINITY,
      private: false,
      latency_cycles: 0,
    },
  })),
  units: machine.units.map((u) => ({ ...u, ramp_up_cycles: 0, ramp_down_cycles: 0 })),
});

/** Cycles of all points of all Einsums, one after the other. */
function cyclesOnOneLane(p: PlacedMapping): number {
  const pointsIn = (e: Workload['einsums'][number]): number =>
    e.variables.reduce((n, v) => n * p.workload.variables[v]!.size, 1);
  let total = 0;
  for (const { einsum, bindings } of p.computes)
    for (const { operator, perPoint } of einsum.operations) {
      const { cycles } = bindings[0]!.operations.find((o) => o.operator === operator)!;
      total += pointsIn(einsum) * perPoint * cycles;
    }
  return total;
}

/** Every Einsum computes at every point. */
const isDense = (w: Workload): boolean => w.einsums.every((e) => e.domain.length === 1 && e.domain[0]!.length === 0);
