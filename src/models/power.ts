import type { Machine } from '../arch/machine.ts';

/** What a run takes of time and power, with the clock that the machine's limit leaves it. */
export type BoardPower = {
  readonly time_s: number;
  /** On average over the run. */
  readonly average_w: number;
  /** Standard error of it. */
  readonly uncertainty_w: number;
  /** On average over the run. */
  readonly clock_hz: number;
};

/**
 * Power of the whole machine over a run: what it takes anyway, and the energy of the run's actions over its time. Where
 * that is more than the limit, the clock falls until it is not: dynamic power goes with the third power of the
 * clock, as voltage goes with it (P = C V^2 f; Rabaey, Digital Integrated Circuits, chapter 5). It falls gradually, as
 * exp(-t / window).
 */
export function boardPower(
  { clock_hz, power }: Pick<Machine, 'clock_hz' | 'power'>,
  latency_cycles: number,
  energy_pj: number,
): BoardPower {
  const full_s = latency_cycles / clock_hz;
  const dynamic_w = full_s === 0 ? 0 : (power.scale * energy_pj * 1e-12) / full_s;
  const left_w = Math.max(power.limit_w - power.idle_w, 0);
  const ratio = dynamic_w <= left_w ? 1 : Math.max(Math.cbrt(left_w / dynamic_w), leastClock);
  // The part of the cycles that go by before the clock has fallen.
  const before = power.window_s === 0 ? 0 : (power.window_s / full_s) * -Math.expm1(-full_s / power.window_s);
  const time_s = ratio === 1 ? full_s : full_s * (before + (1 - before) / ratio);
  const spent_j = full_s * dynamic_w * (before + (1 - before) * ratio ** 2);
  const average_w = time_s === 0 ? power.idle_w : power.idle_w + spent_j / time_s;
  const mean_hz = time_s === 0 ? clock_hz : latency_cycles / time_s;
  return { time_s, average_w, uncertainty_w: power.uncertainty * average_w, clock_hz: mean_hz };
}

/** Devices do not clock down for ever; what is left over the limit is then power that they cannot take. */
const leastClock = 0.3;
