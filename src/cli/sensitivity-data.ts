import type { SideEffect } from '../sweep/elasticity.ts';
import { type Change, firstChange } from '../sweep/first-change.ts';
import type { Objective } from '../sweep/identity.ts';
import type { OpenSweep } from '../sweep/open-sweep.ts';
import { type Ranked, ranked } from '../sweep/ranking.ts';
import type { MovedParameter, Sensitivity, Side } from '../sweep/sensitivity.ts';
import type { Way } from '../sweep/step.ts';
import { baseUnit } from '../units.ts';
import { axisData, axisUnits, type ChosenPoints } from './sensitivity-points.ts';

/** What `attnsim sensitivity --json` prints: plain data, values in base units, null where there is none. */
export type SensitivityData = {
  readonly experiment: string;
  readonly model: 'analytic' | 'cycle';
  /** Which points these are. */
  readonly at: string;
  /** Base units of axes of numbers. */
  readonly units: Readonly<Record<string, string>>;
  /** As `--step` has it. */
  readonly step: string;
  readonly points: readonly {
    readonly point: number | null;
    readonly axes: Readonly<Record<string, number | string>>;
    readonly metrics: Readonly<Record<string, number | null>>;
  }[];
  readonly objectives: readonly ObjectiveData[];
};

/** Parameters from what moves the metric most. */
export type ObjectiveData = Objective & {
  /** What to change first, of the machine or the mapping, and of sizes. */
  readonly first: ChangeData | null;
  readonly first_size: ChangeData | null;
  readonly parameters: readonly ParameterData[];
};

type ChangeData = { readonly parameter: string; readonly way: Way; readonly gain: number };

export type ParameterData = {
  readonly parameter: string;
  readonly of: string;
  readonly size: boolean;
  readonly unit: string;
  readonly elasticity: { readonly mean: number; readonly least: number; readonly most: number } | null;
  /** Points at which there is a kink. */
  readonly kinks: number;
  /** By point; null where the parameter is not there. */
  readonly points: readonly (ResponseData | null)[];
};

type ResponseData = {
  readonly value: number;
  readonly elasticity: number | null;
  readonly kink: boolean;
  readonly lower: SideData;
  readonly higher: SideData;
};

export type SideData = {
  readonly value: number | null;
  readonly rounded: boolean;
  readonly status: 'ok' | 'excluded' | 'missing';
  readonly reason?: string;
  /** Of the metric, as a share. */
  readonly change?: number | null;
  readonly elasticity?: number | null;
};

export const sensitivityData = (
  sweep: OpenSweep,
  chosen: ChosenPoints,
  sensitivity: Sensitivity,
  objectives: readonly Objective[],
  step: string,
): SensitivityData => ({
  experiment: sweep.experiment.name.text,
  model: sweep.experiment.model,
  at: chosen.what,
  units: axisUnits(sweep),
  step,
  points: chosen.points.map((point, i) => ({
    point: point.number ?? null,
    axes: axisData(sweep, point),
    metrics: Object.fromEntries(sensitivity.metrics.map((metric, m) => [metric, sensitivity.figures[i]![m]!])),
  })),
  objectives: objectives.map(({ metric, goal }, m) => {
    const first = (isSize: boolean): ChangeData | null =>
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
  }),
});

const changeData = ({ parameters }: Sensitivity, change: Change | undefined): ChangeData | null =>
  change === undefined ? null : { parameter: parameters[change.parameter]!.name, way: change.way, gain: change.gain };

const parameterData = (
  { name, of, dimension, isSize, responses }: MovedParameter,
  { elasticity, kinks, effects }: Ranked,
): ParameterData => ({
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

const sideData = (side: Side, effect: SideEffect | undefined): SideData => ({
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
