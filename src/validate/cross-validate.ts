import type { CrossValidated } from '../report/calibration.ts';
import { type Factor, type Observation, predict, refit, type TimeOf } from './calibrate.ts';
import { type Fitted, meanDeviation } from './fit-factors.ts';

/** As far as the fit of a part may be from that of all. */
const reach = 1.5;

/** What points have in common that are left out together. */
const ways: readonly { readonly left_out: string; readonly partOf: (o: Observation, position: number) => string }[] = [
  { left_out: 'a half', partOf: (_, position) => (position % 2 === 0 ? 'first, third, ...' : 'second, fourth, ...') },
  { left_out: 'a kernel', partOf: ({ point: { groups } }) => `${groups?.['family']} on ${groups?.['generation']}` },
  { left_out: 'a device', partOf: ({ point: { groups } }) => groups?.['device'] ?? '' },
];

/** Fits on a part of the observations, and judges on the rest. */
export async function crossValidate(
  factors: readonly Factor[],
  observations: readonly Observation[],
  { linearized }: Fitted,
  timeOf: TimeOf,
): Promise<readonly CrossValidated[]> {
  const judge = async (isJudged: (o: Observation, position: number) => boolean): Promise<readonly number[]> => {
    const fitted = observations.flatMap((o, i) => (isJudged(o, i) ? [] : [i]));
    const judged = observations.filter(isJudged);
    const values = refit(factors, linearized, fitted, reach);
    const times = await predict(factors, judged, values, timeOf);
    return times.map((time, i) => Math.log(time / judged[i]!.measured));
  };
  const results: CrossValidated[] = [];
  for (const { left_out, partOf } of ways) {
    const add = (which: string | null, residuals: readonly number[]): void => {
      results.push({ left_out, which, points: residuals.length, mean_absolute_error: meanDeviation(residuals) });
    };
    const parts = [...new Set(observations.map(partOf))].sort();
    const all: number[] = [];
    for (const part of parts) {
      const residuals = await judge((o, i) => partOf(o, i) === part);
      add(part, residuals);
      all.push(...residuals);
    }
    add(null, all);
  }
  return results;
}
