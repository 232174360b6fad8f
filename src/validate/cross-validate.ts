import { type Factor, type Observation, predict, refit, type TimeOf } from './calibrate.ts';
import { type Fitted, meanDeviation } from './fit-factors.ts';

/** How well points are predicted that were not fitted. */
export type CrossValidated = { readonly way: string; readonly judged: number; readonly mean: number };

/** As far as the fit of a part may be from that of all. */
const reach = 1.5;

/** Fits on a part of the observations, and judges on the rest. */
export async function crossValidate(
  factors: readonly Factor[],
  observations: readonly Observation[],
  { linearized }: Fitted,
  timeOf: TimeOf,
): Promise<readonly CrossValidated[]> {
  const judge = async (isJudged: (o: Observation, i: number) => boolean): Promise<readonly number[]> => {
    const fitted = observations.flatMap((o, i) => (isJudged(o, i) ? [] : [i]));
    const judged = observations.filter(isJudged);
    const values = refit(factors, linearized, fitted, reach);
    const times = await predict(factors, judged, values, timeOf);
    return times.map((time, i) => Math.log(time / judged[i]!.measured));
  };
  const halves = [...(await judge((_, i) => i % 2 === 0)), ...(await judge((_, i) => i % 2 === 1))];
  const results: CrossValidated[] = [
    {
      way: 'fitted on half of the points, judged on the other half',
      judged: halves.length,
      mean: meanDeviation(halves),
    },
  ];
  for (const [by, group] of [
    ['kernel', (o: Observation) => `${o.point.groups?.['family']} on ${o.point.groups?.['generation']}`],
    ['device', (o: Observation) => o.point.groups?.['device'] ?? ''],
  ] as const) {
    const all: number[] = [];
    for (const left of [...new Set(observations.map(group))].sort()) {
      const residuals = await judge((o) => group(o) === left);
      all.push(...residuals);
      results.push({ way: `without ${by} ${left}`, judged: residuals.length, mean: meanDeviation(residuals) });
    }
    results.push({ way: `fitted without a ${by}, judged on it`, judged: all.length, mean: meanDeviation(all) });
  }
  return results;
}
