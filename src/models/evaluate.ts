import { totalArea } from '../arch/peaks.ts';
import { flops, totalOperations } from '../einsum/operations.ts';
import { requiredBytes } from '../mapper/capacity.ts';
import type { PlacedMapping } from '../mapper/placed.ts';
import { analyticTime, type Busy, busyCycles } from './analytic/evaluate.ts';
import { type Simulation, simulateCycles } from './cycle/simulate.ts';
import { countEnergy } from './energy.ts';
import { type Metrics, type StallCause, stallCauses } from './metrics.ts';
import { machineResources, type Resources } from './resources.ts';
import { countTraffic } from './traffic.ts';

/** Evaluates a mapping with the closed-form model, or by simulating it in cycles. */
export function evaluateMapping(p: PlacedMapping, model: Metrics['model']): Metrics {
  const traffic = countTraffic(p);
  const busy = busyCycles(p, traffic);
  const resources = machineResources(p.machine);
  const analytic = analyticTime(p, traffic, busy);
  const simulation = model === 'cycle' ? simulateCycles(p, traffic) : undefined;
  const latency_cycles =
    simulation === undefined ? analytic.latency_cycles : simulation.ticks / simulation.ticksPerCycle;
  const required = requiredBytes(p);
  const held = (r: number): number =>
    simulation === undefined
      ? busy.cycles[r]!
      : simulation.totals[simulation.layout.busy(r)]! * countedOnce(simulation, resources, r);
  const share = (r: number): number => held(r) / (latency_cycles * resources.instances[r]!);
  return {
    model,
    latency_cycles,
    lower_bound_cycles: analytic.lower_bound_cycles,
    traffic: traffic.levels,
    operations: totalOperations(p.workload),
    flops: flops(p.workload),
    energy_pj: countEnergy(p, traffic),
    area_mm2: totalArea(p.machine),
    buffers: new Map(
      p.machine.levels.flatMap((level, l) =>
        level.memory === undefined
          ? []
          : [[level.name, { required_bytes: required[l]!, capacity_bytes: level.memory.capacity_bytes }]],
      ),
    ),
    busy_cycles: new Map(
      resources.names.map((name, r) => [name, { cycles: held(r), instances: resources.instances[r]! }]),
    ),
    utilization: new Map(
      resources.names.flatMap((name, r) => (resources.kinds[r] === 'unit' ? [[name, share(r)] as const] : [])),
    ),
    busy_by_einsum: busyByEinsum(p, busy, resources),
    stalls: simulation === undefined ? undefined : stallCycles(simulation, resources),
    bound: findBound(resources, share),
    events: simulation?.events,
  };
}

function busyByEinsum(p: PlacedMapping, busy: Busy, resources: Resources): Metrics['busy_by_einsum'] {
  const table = new Map<string, Map<string, number>>();
  p.computes.forEach((compute, c) => {
    resources.names.forEach((name, r) => {
      const cycles = busy.byCompute[c]![r]!;
      if (cycles === 0) return;
      const row = table.get(name) ?? new Map<string, number>();
      row.set(compute.einsum.name, cycles);
      table.set(name, row);
    });
  });
  return table;
}

/** Cycles a tick of a resource's counters; parts of one resource that instances share were counted by each of them. */
function countedOnce(s: Simulation, resources: Resources, r: number): number {
  if (s.ticks === 0) return 0;
  const seen = s.accounted[r]! / s.ticks;
  return Math.min(resources.instances[r]!, seen) / seen / s.ticksPerCycle;
}

/** Idle cycles by cause; with the busy ones they add up to the latency of each instance that took part. */
function stallCycles(s: Simulation, resources: Resources): ReadonlyMap<string, ReadonlyMap<StallCause, number>> {
  return new Map(
    resources.names.map((name, r) => {
      const scale = countedOnce(s, resources, r);
      const causes = stallCauses.map((c) => [c, s.totals[s.layout.stall(r, c)]! * scale] as const);
      return [name, new Map(causes.filter(([, cycles]) => cycles > 0))];
    }),
  );
}

/**
 * What limits the run: the busiest resource, if it is busy most of the time; else the chain of operations that wait
 * for each other.
 */
function findBound(resources: Resources, share: (r: number) => number): Metrics['bound'] {
  let busiest = 0;
  for (let r = 1; r < resources.names.length; r++) if (share(r) > share(busiest)) busiest = r;
  const resource = resources.names[busiest] ?? '';
  if (!(share(busiest) >= 0.5)) return { resource, kind: 'latency' };
  return { resource, kind: resources.kinds[busiest] === 'unit' ? 'compute' : 'bandwidth' };
}
