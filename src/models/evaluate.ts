import { totalArea } from '../arch/peaks.ts';
import { flops, totalOperations } from '../einsum/operations.ts';
import { invariant } from '../invariant.ts';
import { requiredBytes } from '../mapper/capacity.ts';
import type { PlacedMapping } from '../mapper/placed.ts';
import { analyticTime, type Busy, busyCycles } from './analytic/evaluate.ts';
import { boundBy, busiestResource } from './bound.ts';
import { detailOf } from './cycle/detail.ts';
import { type Simulation, simulateCycles } from './cycle/simulate.ts';
import { explainDifference } from './difference.ts';
import { countAccesses, countActions, physicalEnergy } from './energy.ts';
import { laneUtilization } from './lane-utilization.ts';
import type { Metrics, StallCause } from './metrics.ts';
import { boardPower } from './power.ts';
import { machineResources, type Resources } from './resources.ts';
import { countTraffic } from './traffic.ts';
import type { MostWork } from './work-limit.ts';

/** How energy is charged, and how closely a simulation is looked at. */
export type EvaluationOptions = {
  /** How energy is charged: the name of one of the machine's accountings. Not given: `physical`. */
  readonly accounting?: string;
  /** Look at a simulation operation by operation (`Metrics.detail`), which takes about as long again. */
  readonly detail?: boolean;
  /** Of a simulation: more throws `WorkLimit`. */
  readonly mostWork?: MostWork;
  /** Gets the simulation, where there is one, to look at it further. */
  readonly onSimulated?: (simulation: Simulation) => void;
};

/** Evaluates a mapping with the closed-form model, or by simulating it in cycles. */
export function evaluateMapping(p: PlacedMapping, model: Metrics['model'], options: EvaluationOptions = {}): Metrics {
  const traffic = countTraffic(p);
  const busy = busyCycles(p, traffic);
  const resources = machineResources(p.machine);
  const analytic = analyticTime(p, traffic, busy);
  const simulation = model === 'cycle' ? simulateCycles(p, traffic, options) : undefined;
  if (simulation !== undefined) options.onSimulated?.(simulation);
  const energy_accounting = options.accounting ?? 'physical';
  const accounting = p.machine.accountings.get(energy_accounting);
  invariant(accounting !== undefined, `machine "${p.machine.name}" has no accounting "${energy_accounting}"`);
  const charged = countAccesses(p, traffic, accounting);
  const actions = countActions(p, charged, accounting);
  const latency_cycles =
    simulation === undefined ? analytic.latency_cycles : simulation.ticks / simulation.ticksPerCycle;
  const required = requiredBytes(p);
  const held = (r: number): number =>
    simulation === undefined ? busy.cycles[r]! : simulation.usage[r]!.busy / simulation.ticksPerCycle;
  // A run that computes nothing takes no time.
  const share = (r: number): number =>
    latency_cycles === 0 ? 0 : held(r) / (latency_cycles * resources.instances[r]!);
  const used = (r: number): number => simulation?.usage[r]?.used ?? resources.instances[r]!;
  const busiest = busiestResource(resources, (r) => (share(r) * resources.instances[r]!) / Math.max(1, used(r)));
  return {
    model,
    latency_cycles,
    lower_bound_cycles: analytic.lower_bound_cycles,
    traffic: traffic.levels,
    accesses: new Map(
      charged.map((tensors, l) => [
        p.machine.levels[l]!.name,
        new Map([...tensors].map(([t, bytes]) => [p.workload.tensors[t]!.name, bytes])),
      ]),
    ),
    operations: totalOperations(p.workload),
    flops: flops(p.workload),
    energy_accounting,
    board: boardPower(p.machine, latency_cycles, physicalEnergy(p, traffic)),
    energy_pj: new Map([...actions].map(([part, { count, each_pj }]) => [part, count * each_pj])),
    actions,
    area_mm2: totalArea(p.machine),
    buffers: new Map(
      p.machine.levels.flatMap((level, l) =>
        level.memory === undefined
          ? []
          : [[level.name, { required_bytes: required[l]!, capacity_bytes: level.memory.capacity_bytes }]],
      ),
    ),
    busy_cycles: new Map(
      resources.names.map((name, r) => [
        name,
        {
          cycles: held(r),
          instances: resources.instances[r]!,
          used: simulation?.usage[r]?.used,
          kind: resources.kinds[r]!,
          slowdown: simulation?.slowdown[r],
        },
      ]),
    ),
    utilization: new Map(
      resources.names.flatMap((name, r) => (resources.kinds[r] === 'unit' ? [[name, share(r)] as const] : [])),
    ),
    lane_utilization: laneUtilization(p, latency_cycles),
    busy_by_einsum: busyByEinsum(p, busy, resources),
    busy_by_operator: busyByOperator(p, busy, resources),
    stalls: simulation === undefined ? undefined : stallCycles(simulation, resources),
    bound: boundBy(p, resources, busiest, share(busiest)),
    difference:
      simulation === undefined
        ? undefined
        : explainDifference(simulation, resources, busiest, busy.cycles[busiest]!, analytic.latency_cycles),
    events: simulation?.events,
    detail: simulation === undefined || options.detail !== true ? undefined : detailOf(p, simulation),
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

function busyByOperator(p: PlacedMapping, busy: Busy, resources: Resources): Metrics['busy_by_operator'] {
  const table = new Map<string, Map<string, number>>();
  p.computes.forEach(({ bindings }, c) => {
    for (const unit of new Set(bindings.map((b) => b.unit))) {
      const r = resources.ofUnit(unit);
      const cycles = busy.byCompute[c]![r]!;
      if (cycles === 0) continue;
      const operations = bindings.flatMap((b) => (b.unit === unit ? b.operations : []));
      const whole = operations.reduce((sum, o) => sum + o.perPoint * o.cycles, 0);
      const row = table.get(resources.names[r]!) ?? new Map<string, number>();
      for (const { operator, perPoint, cycles: each } of operations) {
        // Engines that select have their time by the row, not by the operation.
        const share = whole > 0 ? (perPoint * each) / whole : 1 / operations.length;
        if (share > 0) row.set(operator, (row.get(operator) ?? 0) + share * cycles);
      }
      table.set(resources.names[r]!, row);
    }
  });
  return table;
}

/** Cycles that each resource stood still, by cause. */
function stallCycles(s: Simulation, resources: Resources): ReadonlyMap<string, ReadonlyMap<StallCause, number>> {
  return new Map(
    resources.names.map((name, r) => {
      const causes = [...s.usage[r]!.stalls].map(([cause, ticks]) => [cause, ticks / s.ticksPerCycle] as const);
      return [name, new Map(causes.filter(([, cycles]) => cycles > 0))];
    }),
  );
}
