import type { CrossValidated } from '../report/calibration.ts';
import { type Factor, type Observation, predict, refit, type TimeOf } from './calibrate.ts';
import { type Fitted, meanDeviation } from './fit-factors.ts';

/** As far as the fit of a part may be from that of all, in the scale of steps. */
const reach = 1.5;

/** What points have in common that are left out together, by observation and its position. */
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
  const results: CrossValidated[] = [];
  for (const { left_out, partOf } of ways) {
    const add = (which: string | null, residuals: readonly number[]): void => {
      results.push({ left_out, which, points: residuals.length, mean_absolute_error: meanDeviation(residuals) });
    };
    const all: number[] = [];
    for (const part of [...new Set(observations.map(partOf))].sort()) {
      const fitted = observations.flatMap((o, i) => (partOf(o, i) === part ? [] : [i]));
      const judged = observations.filter((o, i) => partOf(o, i) === part);
      const times = await predict(factors, judged, refit(factors, linearized, fitted, reach), timeOf);
      const residuals = times.map((time, i) => Math.log(time / judged[i]!.measured));
      add(part, residuals);
      all.push(...residuals);
    }
    add(null, all);
  }
  return results;
}
