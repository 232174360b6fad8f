import { type Result, success } from '../diagnostic.ts';
import type { Tornado, TornadoPanel, TornadoRow, TornadoSide } from '../figures/tornado.ts';
import { significant, unitText } from '../report/quantity-text.ts';
import type { Way } from '../sweep/step.ts';
import type { ObjectiveData, ParameterData, SensitivityData, SideData } from './sensitivity-data.ts';
import { stepText } from './sensitivity-text.ts';
import { readStep } from './step-option.ts';

/** A tornado chart of each objective, at one point or as the mean over several. Errors: `bad-choice` of a step that is none. */
export function sensitivityChart(data: SensitivityData): Result<Tornado> {
  const step = readStep(data.step);
  if (!step.ok) return step;
  return success({
    title: `What to change first: ${data.experiment}`,
    subtitle: [pointText(data), `Moved one at a time, ${stepText(step.value)}`],
    source: `attnsim sensitivity, ${data.model === 'cycle' ? 'simulated' : 'closed form'}`,
    panels: data.objectives.map((objective) => panelOf(data, objective)),
  });
}

/** "At point 3: PES = 192, BW = 400 GB/s" */
export function pointText({ at, points, units }: SensitivityData): string {
  const axes = Object.entries(points.length === 1 ? points[0]!.axes : {}).map(
    ([name, value]) => `${name} = ${typeof value === 'number' ? unitText(value, units[name] ?? '') : value}`,
  );
  return `At ${at}${axes.length > 0 ? `: ${axes.join(', ')}` : ''}`;
}

function panelOf({ points, step }: SensitivityData, { metric, goal, parameters }: ObjectiveData): TornadoPanel {
  const idle = parameters.filter(isIdle).map(({ parameter }) => parameter);
  const figure = points.length === 1 ? points[0]!.metrics[metric] : undefined;
  return {
    title: `${figure == null ? metric : `${metric} = ${significant(figure)}`} (${goal})`,
    x: `change of ${metric} (%)${points.length === 1 ? '' : `, mean of ${points.length} points`}`,
    rows: parameters.filter((p) => !isIdle(p)).map((p) => rowOf(p, step)),
    ...(idle.length > 0 ? { note: `Less than 0.01%: ${idle.join(', ')}` } : {}),
  };
}

/** Moved at all points, and to both sides, with less effect than 0.01%. */
const isIdle = ({ points }: ParameterData): boolean =>
  points.every((point) =>
    [point?.lower.change, point?.higher.change].every((change) => change != null && Math.abs(change) < 1e-4),
  );

function rowOf(moved: ParameterData, step: string): TornadoRow {
  const { parameter, unit, points, kinks } = moved;
  const only = points.length === 1 ? points[0]! : null;
  const kink = kinks === 0 ? '' : only === null ? ` (kink at ${kinks})` : ' (kink)';
  return {
    label: `${parameter}${only === null ? '' : ` = ${unitText(only.value, unit)}`}${kink}`,
    lower: sideOf(moved, 'lower', step),
    higher: sideOf(moved, 'higher', step),
  };
}

function sideOf({ unit, points }: ParameterData, way: Way, step: string): TornadoSide {
  const sides = points.flatMap((point) => (point === null ? [] : [point[way]]));
  const changes = sides.flatMap(({ change }) => change ?? []);
  const mean = changes.length === 0 ? undefined : changes.reduce((sum, c) => sum + c, 0) / changes.length;
  return { label: sideLabel(sides, unit, way, step), change: mean === undefined ? undefined : mean * 100 };
}

/** The value of the parameter there; over several points, which have several, the step. */
function sideLabel(sides: readonly SideData[], unit: string, way: Way, step: string): string {
  if (sides.every(({ status }) => status === 'missing')) return `no ${way}`;
  const [value, ...others] = new Set(sides.map((side) => side.value));
  if (others.length === 0 && value != null) return unitText(value, unit);
  return step === 'axis' ? way : `${way === 'lower' ? '-' : '+'}${step}`;
}
