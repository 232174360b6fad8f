import { type StallCause, stallCauses } from '../metrics.ts';
import type { CounterLayout } from './counters.ts';

/** Sums over runs on single instances that shared the machine's resources alike. */
export type InstanceSums = {
  /** Instances that had each resource between them, by position; 1: one of its own. */
  readonly sharers: readonly number[];
  /** By the layout of the counters. */
  readonly totals: Float64Array;
  /** Ticks that the instances spent; each resource was busy or stalled in all of them. */
  ticks: number;
};

/** Ticks of one resource over all its instances: busy + stalls = ticks of the run x instances, exactly. */
export type Usage = { readonly busy: number; readonly stalls: ReadonlyMap<StallCause, number> };

/**
 * What each resource of the machine did in `ticks`: the parts that instances had of it are put together, and those
 * that no instance had were idle. `instances` by resource.
 */
export function resourceUsage(
  sums: readonly InstanceSums[],
  layout: CounterLayout,
  instances: readonly number[],
  ticks: number,
): readonly Usage[] {
  return instances.map((count, r) => {
    let busy = 0;
    let idle = ticks * count;
    const stalls = new Map<StallCause, number>(stallCauses.map((cause) => [cause, 0]));
    for (const { sharers, totals, ticks: spent } of sums) {
      const causes = stallCauses.map((cause) => totals[layout.stall(r, cause)]!);
      const [held, ...stood] = shareOut([totals[layout.busy(r)]!, ...causes], sharers[r]!);
      busy += held!;
      stallCauses.forEach((cause, i) => {
        stalls.set(cause, stalls.get(cause)! + stood[i]!);
      });
      idle -= Math.floor(spent / sharers[r]!);
    }
    stalls.set('idle', stalls.get('idle')! + idle);
    return { busy, stalls };
  });
}

/** Whole numbers of parts over a divisor that add up to the sum of the parts over it, each less than one off. */
export function shareOut(parts: readonly number[], divisor: number): readonly number[] {
  let sum = 0;
  let given = 0;
  return parts.map((part) => {
    sum += part;
    const share = Math.floor(sum / divisor) - given;
    given += share;
    return share;
  });
}
