import { type StallCause, stallCauses } from '../metrics.ts';
import type { CounterLayout } from './counters.ts';
import type { BlockRun } from './run.ts';

/** Sums over runs on single instances that shared the machine's resources alike. */
export type InstanceSums = {
  /** Instances that had each resource between them, by position; 1: one of its own. */
  readonly sharers: readonly number[];
  /** By the layout of the counters. */
  readonly totals: Float64Array;
  /** Most instances that used each resource in one grid, or 1 outside of grids. */
  readonly users: Float64Array;
  /** Ticks that the instances spent; each resource was busy or stalled in all of them. */
  ticks: number;
};

export const createInstanceSums = (sharers: readonly number[], layout: CounterLayout): InstanceSums => ({
  sharers,
  totals: new Float64Array(layout.length),
  users: new Float64Array(sharers.length),
  ticks: 0,
});

/** Adds a run on one instance, `times` over; in the grid, or alone, `instances` took part. */
export function addRun(
  sums: InstanceSums,
  run: BlockRun,
  times: number,
  instances: number,
  layout: CounterLayout,
): void {
  const { totals, users } = sums;
  for (let i = 0; i < totals.length; i++) totals[i] = totals[i]! + times * run.totals[i]!;
  for (let r = 0; r < users.length; r++)
    if (run.totals[layout.busy(r)]! > 0 && users[r]! < instances) users[r] = instances;
  sums.ticks += times * run.ticks;
}

/** Adds ticks in which instances had nothing left to do. */
export function addTail(sums: InstanceSums, ticks: number, layout: CounterLayout): void {
  for (let r = 0; r < sums.sharers.length; r++) {
    const tail = layout.stall(r, 'tail');
    sums.totals[tail] = sums.totals[tail]! + ticks;
  }
  sums.ticks += ticks;
}

/** Ticks of one resource over all its instances: busy + stalls = ticks of the run x instances, exactly. */
export type Usage = {
  readonly busy: number;
  readonly stalls: ReadonlyMap<StallCause, number>;
  /** Most instances that were in use at a time. */
  readonly used: number;
};

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
    let used = 0;
    let idle = ticks * count;
    const stalls = new Map<StallCause, number>(stallCauses.map((cause) => [cause, 0]));
    for (const { sharers, totals, users, ticks: spent } of sums) {
      const causes = stallCauses.map((cause) => totals[layout.stall(r, cause)]!);
      const [held, ...stood] = shareOut([totals[layout.busy(r)]!, ...causes], sharers[r]!);
      busy += held!;
      used = Math.max(used, Math.min(count, Math.ceil(users[r]! / sharers[r]!)));
      stallCauses.forEach((cause, i) => {
        stalls.set(cause, stalls.get(cause)! + stood[i]!);
      });
      idle -= Math.floor(spent / sharers[r]!);
    }
    stalls.set('idle', stalls.get('idle')! + idle);
    return { busy, stalls, used };
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
