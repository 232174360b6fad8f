import type { Calibration, CrossValidated } from '../report/calibration.ts';
import type { Source } from '../source.ts';
import { type Factor, factorText, type Observation } from './calibrate.ts';
import { type Fitted, meanDeviation } from './fit-factors.ts';

const specOf = ({ value }: Factor): string => value.span.source.name;

export function calibrationOf(
  factors: readonly Factor[],
  observations: readonly Observation[],
  { values, linearized: { residuals } }: Fitted,
  cross_validation: readonly CrossValidated[],
): Calibration {
  const series = new Map<string, number[]>();
  observations.forEach(({ point }, i) => {
    series.set(point.series, [...(series.get(point.series) ?? []), residuals[i]!]);
  });
  return {
    points: observations.length,
    mean_absolute_error: meanDeviation(residuals),
    factors: factors.map((factor, f) => ({
      spec: specOf(factor),
      kernel: factor.kernel ?? null,
      name: factor.name,
      value: factorText(factor, values[f]!),
    })),
    series: [...series].map(([name, some]) => ({
      name,
      points: some.length,
      mean_absolute_error: meanDeviation(some),
      worst_error: Math.expm1(some.reduce((a, b) => (Math.abs(Math.expm1(b)) > Math.abs(Math.expm1(a)) ? b : a))),
    })),
    cross_validation,
  };
}

/** The specs with those of the fitted values that are to be written in place of those that stand there, and in their header what the fit leaves. */
export function calibratedSpecs(
  factors: readonly Factor[],
  observations: readonly Observation[],
  { values, linearized: { residuals } }: Fitted,
  written: (position: number) => boolean,
): readonly Source[] {
  const texts = new Map<string, Source>();
  // From the end of each text, so that places before stay where they are. A spec that others extend was read several times.
  const order = factors
    .flatMap((factor, f) => (written(f) ? [{ factor, f }] : []))
    .sort((a, b) => b.factor.value.span.start - a.factor.value.span.start);
  for (const { factor, f } of order) {
    const { source, start, end } = factor.value.span;
    const { name, text } = texts.get(source.name) ?? source;
    texts.set(name, { name, text: text.slice(0, start) + factorText(factor, values[f]!) + text.slice(end) });
  }
  return [...texts.values()].map(({ name, text }) => {
    const touched = residuals.filter((_, i) =>
      observations[i]!.factors.some((run) => run.some((f) => specOf(factors[f]!) === name)),
    );
    const left = `# Calibration: mean absolute error ${(100 * meanDeviation(touched)).toFixed(1)}% of the ${touched.length} measured points that depend on what is fitted here.`;
    return { name, text: text.replace(/^# Calibration: .*\n/m, '').replace(/^name: /m, `${left}\nname: `) };
  });
}
