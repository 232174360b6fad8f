import type { CrossValidated } from '../report/calibration.ts';
import { type Factor, type Observation, predict, refit, type TimeOf } from './calibrate.ts';
import { type Fitted, fitFactors, meanDeviation } from './fit-factors.ts';

/** As far as the fit of a part may be from that of all. */
const reach = 1.5;

/** What is left out together, and judged by the fit of the others. */
type Way = {
  readonly left_out: string;
  /** By observation and its position: of which part it is. */
  readonly partOf: (o: Observation, position: number) => string;
  /**
   * Its fit begins anew, with what is known before anything is measured. Otherwise it goes as far as the derivatives at the fit
   * of all points reach, which is exact for the factors of what is left out: nothing else depends on them.
   */
  readonly anew: boolean;
};

const ways: readonly Way[] = [
  { left_out: 'a half', partOf: (_, i) => (i % 2 === 0 ? 'first, third, ...' : 'second, fourth, ...'), anew: true },
  {
    left_out: 'a kernel',
    partOf: ({ point: { groups } }) => `${groups?.['family']} on ${groups?.['generation']}`,
    anew: false,
  },
  { left_out: 'a device', partOf: ({ point: { groups } }) => groups?.['device'] ?? '', anew: false },
];

/** Fits on a part of the observations, and judges on the rest. */
export async function crossValidate(
  factors: readonly Factor[],
  observations: readonly Observation[],
  { linearized }: Fitted,
  timeOf: TimeOf,
  rounds: number,
): Promise<readonly CrossValidated[]> {
  const usual = factors.map(({ range }) => range.usual);
  const fitWithout = async (isLeftOut: readonly boolean[], anew: boolean): Promise<readonly number[]> => {
    const kept = observations.flatMap((_, i) => (isLeftOut[i] ? [] : [i]));
    if (!anew) return refit(factors, linearized, kept, reach);
    const some = kept.map((i) => observations[i]!);
    return (await fitFactors(factors, some, timeOf, rounds, () => {}, usual)).values;
  };
  const results: CrossValidated[] = [];
  for (const { left_out, partOf, anew } of ways) {
    const add = (which: string | null, residuals: readonly number[]): void => {
      results.push({ left_out, which, points: residuals.length, mean_absolute_error: meanDeviation(residuals) });
    };
    const all: number[] = [];
    for (const part of [...new Set(observations.map(partOf))].sort()) {
      const isLeftOut = observations.map((o, i) => partOf(o, i) === part);
      const judged = observations.filter((_, i) => isLeftOut[i]);
      const times = await predict(factors, judged, await fitWithout(isLeftOut, anew), timeOf);
      const residuals = times.map((time, i) => Math.log(time / judged[i]!.measured));
      add(part, residuals);
      all.push(...residuals);
    }
    add(null, all);
  }
  return results;
}
