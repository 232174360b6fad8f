import { runSchedule, scheduleOf } from './compute-schedule.ts';
import type { Frame } from './frame.ts';
import { sharersOf, wavesOf } from './grid.ts';
import { type Ledger, openLedger, sum, type Tariff } from './ledger.ts';
import type { Vector } from './vector.ts';
import type { Binding, Team, Timing } from './workers.ts';

/** Bindings of a nest's Einsums, and the cycles that they take without transfers, in as many waves as there are. */
export type Quickest = { readonly cycles: number; readonly bindings: readonly Binding[] };

/**
 * The bindings under some loops that take least time without transfers, if they take less than a limit: no nest with these loops takes
 * less. Einsums are bound one by one; those that are not bound yet count as the least of what any binding takes of each unit,
 * and all units together as what is left for them at least.
 */
export function quickestBindings(
  tariff: Tariff,
  frame: Frame,
  { staff, byTime }: Team,
  inFlight: number,
  limit: number,
): Quickest | undefined {
  const waves = wavesOf(frame.problem, frame.loops);
  const sharers = sharersOf(frame.problem, tariff.resources, frame.loops, true);
  const schedule = scheduleOf(frame, (e, extents) => staff[e]!.tileOf(extents), inFlight);
  const times: Vector[] = staff.map(({ quickest }) => leastTimes(quickest()));
  const { order, later } = byTime();
  const chosen: Binding[] = [];
  let best: Quickest | undefined;
  let least = limit;
  const bind = (at: number, spent: Ledger): void => {
    const e = order[at];
    if (e === undefined) {
      least = waves * runSchedule(schedule, times, inFlight);
      best = { cycles: least, bindings: [...chosen] };
      return;
    }
    const open = times[e]!;
    const options: { readonly option: Timing; readonly now: Ledger; readonly took: number }[] = [];
    for (const option of staff[e]!.quickest()) {
      const now = sum(spent, option.total);
      if (later[at + 1]!.every((l) => busiest(now, l, sharers) >= least)) continue;
      times[e] = option.times;
      options.push({ option, now, took: waves * runSchedule(schedule, times, inFlight) });
    }
    for (const { option, now, took } of options.toSorted((a, b) => a.took - b.took)) {
      if (took >= least) break;
      times[e] = option.times;
      chosen[e] = option.binding;
      bind(at + 1, now);
    }
    times[e] = open;
  };
  bind(0, openLedger(tariff));
  return best;
}

/** The least of each, whatever the binding. */
const leastTimes = (options: readonly Timing[]): Vector =>
  options[0]!.times.map((_, i) => options.reduce((least, o) => Math.min(least, o.times[i]!), Number.POSITIVE_INFINITY));

/** The most cycles of any resource. */
function busiest(a: Ledger, b: Ledger, sharers: readonly number[]): number {
  let most = 0;
  for (let r = 0; r < sharers.length; r++) most = Math.max(most, (a[r]! + b[r]!) / sharers[r]!);
  return most;
}
