import type { Simulation } from './cycle/simulate.ts';
import { shareOut } from './cycle/usage.ts';
import { type Difference, stallCauses } from './metrics.ts';
import type { Resources } from './resources.ts';

/**
 * Explains a simulated run by its bounding resource. All figures are whole ticks, so that they add up without
 * rounding. `work_cycles` is what the closed form says that the resource has to do, over all instances.
 */
export function explainDifference(
  s: Simulation,
  resources: Resources,
  resource: number,
  work_cycles: number,
  analytic_latency_cycles: number,
): Difference {
  const instances = resources.instances[resource]!;
  const { busy, stalls } = s.usage[resource]!;
  const parts = [busy, ...stallCauses.map((cause) => stalls.get(cause)!)];
  const [held, ...stood] = shareOut(parts, Math.floor(parts.reduce((a, b) => a + b, 0) / instances));
  const work = Math.floor((work_cycles / instances) * s.ticksPerCycle);
  const causes = stallCauses.map((cause, i) => [cause, stood[i]! / s.ticksPerCycle] as const);
  return {
    resource: resources.names[resource]!,
    analytic_latency_cycles,
    work_cycles: work / s.ticksPerCycle,
    beyond_cycles: (held! - work) / s.ticksPerCycle,
    stalls: new Map(causes.filter(([, cycles]) => cycles > 0)),
  };
}
