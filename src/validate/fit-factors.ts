import {
  type Factor,
  type Linearized,
  linearize,
  numberOf,
  type Observation,
  predict,
  refit,
  type TimeOf,
} from './calibrate.ts';

export type Fitted = { readonly values: readonly number[]; readonly linearized: Linearized };

/** Mean absolute deviation of predicted from measured, of logarithms of their ratios. */
export const meanDeviation = (residuals: readonly number[]): number =>
  residuals.reduce((sum, r) => sum + Math.abs(Math.exp(r) - 1), 0) / Math.max(1, residuals.length);

/** How far a round goes, in the scale of steps: at first, and when it is over. */
const firstReach = 0.4;
const leastReach = 0.01;

/**
 * Fits factors to observations, beginning with the values that stand in the specs. Each round fits what is linear around the
 * best values so far, as far as it reaches; where that makes nothing better, it reaches half as far.
 */
export async function fitFactors(
  factors: readonly Factor[],
  observations: readonly Observation[],
  timeOf: TimeOf,
  rounds: number,
  onRound: (round: number, mean: number) => void,
): Promise<Fitted> {
  const all = observations.map((_, i) => i);
  const start = factors.map(({ value }) => numberOf(value.text)!.number);
  let best: Fitted = { values: start, linearized: await linearize(factors, observations, start, timeOf) };
  let mean = meanDeviation(best.linearized.residuals);
  let reach = firstReach;
  onRound(0, mean);
  for (let round = 1; round <= rounds && reach >= leastReach; ) {
    const values = refit(factors, best.linearized, all, reach);
    const times = await predict(factors, observations, values, timeOf);
    const now = meanDeviation(times.map((time, i) => Math.log(time / observations[i]!.measured)));
    if (now >= mean) {
      reach /= 2;
      continue;
    }
    if (now > 0.98 * mean) reach /= 2;
    best = { values, linearized: await linearize(factors, observations, values, timeOf) };
    mean = now;
    onRound(round++, mean);
  }
  return best;
}
