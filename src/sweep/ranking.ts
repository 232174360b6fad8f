import type { Effect } from './elasticity.ts';
import { effectAt, type Sensitivity } from './sensitivity.ts';

/** What a parameter does to a metric at all points. */
export type Ranked = {
  /** By position. */
  readonly parameter: number;
  /** By point; undefined where the parameter is not there. */
  readonly effects: readonly (Effect | undefined)[];
  /** Over the points that have one. */
  readonly elasticity: Spread | undefined;
  /** Points at which the sides differ by more than a smooth response would. */
  readonly kinks: number;
  /** Of the metric on each side, as a share: the mean over the points. */
  readonly change: { readonly lower: number | undefined; readonly higher: number | undefined };
};

type Spread = { readonly mean: number; readonly least: number; readonly most: number };

const meanOf = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, v) => sum + v, 0) / values.length;

function spreadOf(values: readonly number[]): Spread | undefined {
  const mean = meanOf(values);
  if (mean === undefined) return undefined;
  const [least, most] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [mean, mean]);
  return { mean, least: least!, most: most! };
}

const known = (values: readonly (number | undefined)[]): readonly number[] => values.filter((v) => v !== undefined);

/** From what moves a metric most; parameters without an elasticity are the last. */
export function ranked(sensitivity: Sensitivity, metric: number): readonly Ranked[] {
  const all = sensitivity.parameters.map(({ responses }, parameter): Ranked => {
    const effects = responses.map((_, point) => effectAt(sensitivity, parameter, metric, point));
    return {
      parameter,
      effects,
      elasticity: spreadOf(known(effects.map((e) => e?.elasticity))),
      kinks: effects.filter((e) => e?.isKink === true).length,
      change: {
        lower: meanOf(known(effects.map((e) => e?.lower?.change))),
        higher: meanOf(known(effects.map((e) => e?.higher?.change))),
      },
    };
  });
  const size = ({ elasticity }: Ranked): number => (elasticity === undefined ? -1 : Math.abs(elasticity.mean));
  return all.toSorted((a, b) => size(b) - size(a));
}

/** Moved at all points, and to both sides, with less effect than 0.01%. */
export const isIdle = ({ effects }: Ranked): boolean =>
  effects.every((effect) =>
    [effect?.lower, effect?.higher].every((side) => side?.change !== undefined && Math.abs(side.change) < 1e-4),
  );
