import type { Spec, SpecValue } from '../arch/spec.ts';
import { invariant } from '../invariant.ts';
import { type Fit, fitLinear } from './least-deviations.ts';
import type { Point, Run } from './suite.ts';

/** What is known of a parameter that is fitted, by its name. */
export type FactorRange = {
  readonly least: number;
  readonly most: number;
  /** Where nothing is measured that depends on it. */
  readonly usual: number;
  /** How far from the usual value it is expected to be: a ratio, or where `linear` a difference. */
  readonly spread: number;
  /** Steps are differences, not ratios. */
  readonly linear?: boolean;
};

/** A parameter of a spec, or of one of its kernels, that is fitted: it names the source `calibration`. */
export type Factor = {
  /** Name of the parameter. */
  readonly name: string;
  /** Of which kernel of the spec; undefined: of the spec itself. */
  readonly kernel: string | undefined;
  /** Where it is written; several machines may extend the spec. */
  readonly value: SpecValue;
  /** What follows the number: " us". */
  readonly unit: string;
  readonly range: FactorRange;
};

/** Name of the source of fitted values. */
const calibrationSource = 'calibration';

/** The number of a value such as "3.2 us", and what follows it; undefined for an expression. */
export function numberOf(text: string): { readonly number: number; readonly unit: string } | undefined {
  const [, digits, unit] = /^\s*([0-9.]+(?:e[-+]?\d+)?)(\s*[A-Za-z]*)\s*$/.exec(text) ?? [];
  return digits === undefined ? undefined : { number: Number(digits), unit: unit! };
}

const isFitted = ({ sources }: SpecValue): boolean => sources.includes(calibrationSource);

const keyOf = ({ span }: SpecValue): string => `${span.source.name}:${span.start}`;

/** Finds the factors of runs, each once. */
export class Factors {
  readonly all: Factor[] = [];
  private readonly positions = new Map<string, number>();
  private readonly ranges: ReadonlyMap<string, FactorRange>;

  constructor(ranges: ReadonlyMap<string, FactorRange>) {
    this.ranges = ranges;
  }

  /** Positions of the factors that a machine has when a kernel runs. Those that it has for other kernels are found besides. */
  of(spec: Spec, kernel: string): readonly number[] {
    for (const [name, usual] of spec.parameters) if (isFitted(usual)) this.add(name, undefined, usual);
    for (const [other, values] of spec.kernels)
      for (const [name, value] of values) if (isFitted(value)) this.add(name, other, value);
    const own = spec.kernels.get(kernel);
    return [...spec.parameters].flatMap(([name, usual]) => {
      const value = own?.get(name) ?? usual;
      return isFitted(value) ? [this.positions.get(keyOf(value))!] : [];
    });
  }

  private add(name: string, kernel: string | undefined, value: SpecValue): void {
    const key = keyOf(value);
    if (this.positions.has(key)) return;
    const range = this.ranges.get(name);
    invariant(range !== undefined, `"${name}" is fitted, so its range is known`);
    const number = numberOf(value.text);
    invariant(number !== undefined, `"${name}" is fitted, so it is a number`);
    this.positions.set(key, this.all.length);
    this.all.push({ name, kernel, value, unit: number.unit, range });
  }
}

/** A measured point with what its runs depend on. */
export type Observation = {
  readonly point: Point;
  readonly measured: number;
  /** Positions of factors, by run. */
  readonly factors: readonly (readonly number[])[];
};

/** Time of a run with some parameters in place of the spec's, in the unit of what is measured. */
export type TimeOf = (run: Run, parameters: Readonly<Record<string, string>>) => Promise<number>;

/** Values in the scale in which steps are taken: logarithms, unless steps are differences. */
const scaled = ({ range }: Factor, value: number): number => (range.linear ? value : Math.log(value));
const unscaled = ({ range }: Factor, at: number): number => (range.linear ? at : Math.exp(at));
const clamped = ({ range }: Factor, value: number): number => Math.min(range.most, Math.max(range.least, value));

/** As it is written into a spec: four digits. */
export const factorText = ({ unit }: Factor, value: number): string => `${Number(value.toPrecision(4))}${unit}`;

/** Step of a numeric derivative, in the scale of steps. */
const derivativeStep = 0.04;

/** Logarithms of predicted over measured, and how they change with each factor, in the scale of steps. */
export type Linearized = {
  readonly at: readonly number[];
  readonly residuals: readonly number[];
  /** By observation; zeros where it does not depend. */
  readonly slopes: readonly ReadonlyMap<number, number>[];
};

/** What observations are predicted as, with factors of these values. */
export async function predict(
  factors: readonly Factor[],
  observations: readonly Observation[],
  values: readonly number[],
  timeOf: TimeOf,
): Promise<readonly number[]> {
  return Promise.all(
    observations.map(async ({ point, factors: used }) => {
      const times = await Promise.all(point.runs.map((run, i) => timeOf(run, parametersOf(factors, used[i]!, values))));
      return times.reduce((a, b) => a + b, 0);
    }),
  );
}

const parametersOf = (
  factors: readonly Factor[],
  used: readonly number[],
  values: readonly number[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(used.map((f) => [factors[f]!.name, factorText(factors[f]!, values[f]!)]));

export async function linearize(
  factors: readonly Factor[],
  observations: readonly Observation[],
  values: readonly number[],
  timeOf: TimeOf,
): Promise<Linearized> {
  const residualsAt = async (some: readonly Observation[], v: readonly number[]): Promise<readonly number[]> =>
    (await predict(factors, some, v, timeOf)).map((time, i) => Math.log(time / some[i]!.measured));
  const residuals = await residualsAt(observations, values);
  const slopes = observations.map(() => new Map<number, number>());
  await Promise.all(
    factors.map(async (factor, f) => {
      const touched = observations.flatMap((o, i) => (o.factors.some((used) => used.includes(f)) ? [i] : []));
      const here = scaled(factor, values[f]!);
      const up = clamped(factor, unscaled(factor, here + derivativeStep));
      const there = scaled(factor, up) > here + derivativeStep / 2 ? up : unscaled(factor, here - derivativeStep);
      const step = scaled(factor, Number(there.toPrecision(4))) - here;
      const moved = await residualsAt(
        touched.map((i) => observations[i]!),
        values.with(f, there),
      );
      touched.forEach((i, k) => {
        slopes[i]!.set(f, (moved[k]! - residuals[i]!) / step);
      });
    }),
  );
  return { at: factors.map((factor, f) => scaled(factor, values[f]!)), residuals, slopes };
}

/**
 * Values that fit some of the observations, as far as what is linear there reaches. Where little or nothing is measured, values
 * are near those of their peers.
 */
export function refit(
  factors: readonly Factor[],
  { at, residuals, slopes }: Linearized,
  chosen: readonly number[],
  reach: number,
): readonly number[] {
  const solve = (expected: readonly number[]): readonly number[] => {
    const fit: Fit = {
      residuals: chosen.map((i) => residuals[i]!),
      slopes: chosen.map((i) => slopes[i]!),
      expected: factors.map(({ range }, f) => ({
        step: expected[f]! - at[f]!,
        spread: range.linear ? range.spread : Math.log(range.spread),
      })),
      least: factors.map((factor, f) => Math.max(-reach, scaled(factor, factor.range.least) - at[f]!)),
      most: factors.map((factor, f) => Math.min(reach, scaled(factor, factor.range.most) - at[f]!)),
    };
    return fitLinear(fit).map((step, f) => at[f]! + step);
  };
  const measured = factors.map((_, f) => chosen.some((i) => (slopes[i]!.get(f) ?? 0) !== 0));
  const usual = factors.map((factor) => scaled(factor, factor.range.usual));
  const alone = solve(usual);
  const together = solve(usual.map((value, f) => peersMean(factors, alone, measured, f) ?? value));
  return together.map((value, f) => clamped(factors[f]!, unscaled(factors[f]!, value)));
}

/** What kernels are for, by the end of their names: "-bwd", "-decode", or neither. */
const kindOf = ({ kernel }: Factor): string => /-(bwd|decode)(-|$)/.exec(kernel ?? '')?.[1] ?? '';

/**
 * Mean over the measured factors of the same name and of kernels for the same, in the same spec, or if it has none, in all.
 * Undefined: there are none.
 */
function peersMean(
  factors: readonly Factor[],
  values: readonly number[],
  measured: readonly boolean[],
  of: number,
): number | undefined {
  const factor = factors[of]!;
  const peers = factors.flatMap((other, f) =>
    measured[f] && other.name === factor.name && kindOf(other) === kindOf(factor) ? [f] : [],
  );
  const near = peers.filter((f) => factors[f]!.value.span.source.name === factor.value.span.source.name);
  const some = near.length > 0 ? near : peers;
  return some.length === 0 ? undefined : some.reduce((sum, f) => sum + values[f]!, 0) / some.length;
}
