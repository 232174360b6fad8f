import type { SideEffect } from '../sweep/elasticity.ts';
import { type Change, firstChange } from '../sweep/first-change.ts';
import type { Objective } from '../sweep/identity.ts';
import { type Ranked, ranked } from '../sweep/ranking.ts';
import type { MovedParameter, Sensitivity, Side } from '../sweep/sensitivity.ts';
import { baseUnit } from '../units.ts';

/** Objectives with what to change first, and their parameters from what moves them most; values in base units. */
export const objectivesData = (sensitivity: Sensitivity, objectives: readonly Objective[]): readonly object[] =>
  objectives.map(({ metric, goal }, m) => {
    const first = (isSize: boolean): object | null =>
      changeData(
        sensitivity,
        firstChange(sensitivity, m, goal, (parameter) => parameter.isSize === isSize),
      );
    return {
      metric,
      goal,
      first: first(false),
      first_size: first(true),
      parameters: ranked(sensitivity, m).map((r) => parameterData(sensitivity.parameters[r.parameter]!, r)),
    };
  });

const changeData = ({ parameters }: Sensitivity, change: Change | undefined): object | null =>
  change === undefined ? null : { parameter: parameters[change.parameter]!.name, way: change.way, gain: change.gain };

const parameterData = (
  { name, of, dimension, isSize, responses }: MovedParameter,
  { elasticity, kinks, effects }: Ranked,
): object => ({
  parameter: name,
  of,
  size: isSize,
  unit: baseUnit(dimension),
  elasticity: elasticity ?? null,
  kinks,
  points: responses.map((response, point) => {
    const effect = effects[point];
    if (response === undefined || effect === undefined) return null;
    return {
      value: response.base,
      elasticity: effect.elasticity ?? null,
      kink: effect.isKink,
      lower: sideData(response.lower, effect.lower),
      higher: sideData(response.higher, effect.higher),
    };
  }),
});

const sideData = (side: Side, effect: SideEffect | undefined): object => ({
  value: side.value ?? null,
  rounded: side.rounded,
  ...(side.kind === 'missing'
    ? { status: 'missing', reason: side.reason }
    : {
        status: side.excluded ? 'excluded' : 'ok',
        change: effect?.change ?? null,
        elasticity: effect?.elasticity ?? null,
      }),
});
