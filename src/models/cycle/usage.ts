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
  /** Ticks that went by. */
  elapsed: number;
  /** Ticks that ports which instances share worked for all of them, and those for which the instances held them. */
  readonly work: Float64Array;
  readonly slowed: Float64Array;
};

export const createInstanceSums = (sharers: readonly number[], layout: CounterLayout): InstanceSums => ({
  sharers,
  totals: new Float64Array(layout.length),
  users: new Float64Array(sharers.length),
  ticks: 0,
  elapsed: 0,
  work: new Float64Array(sharers.length),
  slowed: new Float64Array(sharers.length),
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

/** Adds ticks for which all that instances have stood still; what they never use was idle. */
export function addStall(sums: InstanceSums, cause: StallCause, ticks: number, layout: CounterLayout): void {
  for (let r = 0; r < sums.sharers.length; r++) {
    const at = layout.stall(r, sums.users[r]! > 0 ? cause : 'idle');
    sums.totals[at] = sums.totals[at]! + ticks;
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
    for (const { sharers, totals, users, ticks: spent, elapsed, work } of sums) {
      const time = work[r]! > 0 ? elapsed : Math.floor(spent / sharers[r]!);
      const causes = stallCauses.map((cause) => totals[layout.stall(r, cause)]!);
      // Instances hold a shared port for longer than it works for them; why it does not work is what they all see.
      const held =
        work[r]! > 0 ? Math.min(time, Math.floor(work[r]!)) : shareOut([totals[layout.busy(r)]!, ...causes], time)[0]!;
      // What steps of a persistent instance overlap by is taken off cause by cause: of one it may be more than there was.
      const stood = shareOut(causes.some((c) => c < 0) ? causes.map((c) => Math.max(0, c)) : causes, time - held);
      busy += held;
      used = Math.max(used, Math.min(count, Math.ceil(users[r]! / sharers[r]!)));
      stallCauses.forEach((cause, i) => {
        stalls.set(cause, stalls.get(cause)! + stood[i]!);
      });
      idle -= held + stood.reduce((a, b) => a + b, 0);
    }
    stalls.set('idle', stalls.get('idle')! + idle);
    return { busy, stalls, used };
  });
}

/** Whole numbers in proportion to the parts, each less than one off, that add up to a total; all 0 if the parts are. */
export function shareOut(parts: readonly number[], total: number): readonly number[] {
  const all = parts.reduce((a, b) => a + b, 0);
  if (all === total) return parts;
  let sum = 0;
  let given = 0;
  return parts.map((part) => {
    sum += part;
    const share = (sum === all ? total : Math.floor((sum / all) * total)) - given;
    given += share;
    return all === 0 ? 0 : share;
  });
}
