import {
  type Factor,
  type Linearized,
  linearize,
  numberOf,
  type Observation,
  refit,
  type TimeOf,
} from './calibrate.ts';

export type Fitted = { readonly values: readonly number[]; readonly linearized: Linearized };

/** Mean absolute deviation of predicted from measured, of logarithms of their ratios. */
export const meanDeviation = (residuals: readonly number[]): number =>
  residuals.reduce((sum, r) => sum + Math.abs(Math.exp(r) - 1), 0) / Math.max(1, residuals.length);

/** How far a round goes at most, in the scale of steps; a round that made things worse is tried again with half of it. */
const firstReach = 0.4;
const leastReach = 0.02;

/** Fits factors to observations, beginning with the values that stand in the specs. */
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
  let reach = firstReach;
  onRound(0, meanDeviation(best.linearized.residuals));
  for (let round = 1; round <= rounds && reach >= leastReach; round++) {
    const values = refit(factors, best.linearized, all, reach);
    const linearized = await linearize(factors, observations, values, timeOf);
    const [before, after] = [best.linearized, linearized].map(({ residuals }) => meanDeviation(residuals));
    onRound(round, after!);
    if (after! < before!) best = { values, linearized };
    if (after! > before! * 0.995) reach /= 2;
  }
  return best;
}
