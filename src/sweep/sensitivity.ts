import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { type Effect, effectOf, type Sample } from './elasticity.ts';
import type { Experiment } from './experiment.ts';
import { type Movable, movableAxes, movableParameters } from './moved-parameters.ts';
import { type OpenSweep, openExperiment } from './open-sweep.ts';
import { type Outcome, outcomesAt } from './outcomes.ts';
import { type Step, stepped, wholeBeyond } from './step.ts';
import type { SweepTexts } from './sweep-texts.ts';

/** Where a parameter is moved to, and what comes of it there. */
export type Side = Outcome & {
  /** Undefined where there is no value to go to. */
  readonly value: number | undefined;
  /** Refused where the step leads to; this is the next whole number. */
  readonly rounded: boolean;
};

/** A parameter moved to both sides of its value at a point, all others held. */
type Response = { readonly base: number; readonly lower: Side; readonly higher: Side };

export type MovedParameter = Pick<Movable, 'name' | 'of' | 'dimension' | 'isSize'> & {
  /** By point; undefined where the parameter is not there. */
  readonly responses: readonly (Response | undefined)[];
};

export type Sensitivity = {
  readonly metrics: readonly string[];
  /** Metrics of each point as it is. */
  readonly figures: readonly (readonly number[])[];
  readonly parameters: readonly MovedParameter[];
};

/** A point by its axes, in base units, and how it is called. */
export type BasePoint = { readonly label: string; readonly values: ArrayLike<number> };

export type SensitivityOptions = {
  /** Figures of numbers by which it is judged. */
  readonly metrics: readonly string[];
  readonly step: Step;
  /** Whether what is no axis is moved, too. */
  readonly all: boolean;
  /** Told of each parameter before it is moved. */
  readonly watch?: ((parameter: string, position: number, of: number) => void) | undefined;
};

/**
 * Moves the parameters of an experiment at some points, one at a time. Errors: `bad-point` where a point is not in the
 * space or fails, `unknown-metric` where no point has one, `nothing-moved` where there is nothing to move or nothing that is moved can be evaluated, those of
 * `openExperiment`.
 */
export async function findSensitivity(
  experiment: Experiment,
  texts: SweepTexts,
  points: readonly BasePoint[],
  options: SensitivityOptions,
): Promise<Result<Sensitivity>> {
  const metrics = options.metrics.map((text) => ({ text, span: experiment.name.span }));
  const opened = await openExperiment({ ...experiment, metrics: withOthers(metrics, experiment.metrics) }, texts);
  if (!opened.ok) return opened;
  const sweep = opened.value;
  const values = points.map((point) => point.values);
  const figures = await figuresAt(sweep, points, options.metrics);
  if (!figures.ok) return figures;
  const others = options.all ? await movableParameters(sweep, texts, values) : success([]);
  if (!others.ok) return others;
  const movables = [...movableAxes(sweep, values), ...others.value];
  const parameters: MovedParameter[] = [];
  for (const [i, movable] of movables.entries()) {
    options.watch?.(movable.name, i, movables.length);
    const { name, of, dimension, isSize } = movable;
    const responses = await respond(movable, values, options.step, metrics.length);
    parameters.push({ name, of, dimension, isSize, responses });
  }
  const wrong = nothingMoved(experiment, parameters);
  return wrong === undefined
    ? success({ metrics: options.metrics, figures: figures.value, parameters })
    : failure([wrong]);
}

/** Constraints see all metrics of the experiment, wherever they are. */
const withOthers = (first: Experiment['metrics'], all: Experiment['metrics']): Experiment['metrics'] => [
  ...first,
  ...all.filter(({ text }) => !first.some((f) => f.text === text)),
];

async function figuresAt(
  sweep: OpenSweep,
  points: readonly BasePoint[],
  metrics: readonly string[],
): Promise<Result<readonly (readonly number[])[]>> {
  const outcomes = await outcomesAt(
    sweep,
    points.map(({ values }) => values),
  );
  const wrong = outcomes.flatMap((outcome, i) =>
    outcome.kind === 'found' ? [] : [diagnostic('bad-point', `${points[i]!.label}: ${outcome.reason}`, undefined)],
  );
  if (wrong.length > 0) return failure(wrong);
  const figures = outcomes.flatMap((o) => (o.kind === 'found' ? [o.figures.slice(0, metrics.length)] : []));
  const unknown = metrics.filter((_, m) => figures.every((f) => Number.isNaN(f[m]!)));
  if (unknown.length === 0) return success(figures);
  return failure(
    unknown.map((name) => diagnostic('unknown-metric', `what runs there has no value of "${name}"`, undefined)),
  );
}

/**
 * What is refused at the first point for not being whole, and not where it is, is so at all of them: what is refused takes
 * the whole pipeline to say so.
 */
async function respond(
  movable: Movable,
  points: readonly ArrayLike<number>[],
  step: Step,
  metrics: number,
): Promise<MovedParameter['responses']> {
  const there = movable.bases.flatMap((base, i) => (base === undefined ? [] : [{ point: points[i]!, base }]));
  const asked = there.flatMap(({ point, base }) =>
    (['lower', 'higher'] as const).map((way) => ({ point, base, ...stepped(base, way, step, movable.values) })),
  );
  const first = await sidesOf(movable, asked.slice(0, 2), metrics, false);
  const isWhole = first.some((side) => side.kind === 'found' && side.rounded);
  const sides = [...first, ...(await sidesOf(movable, asked.slice(2), metrics, isWhole))];
  let next = 0;
  return movable.bases.map((base) =>
    base === undefined ? undefined : { base, lower: sides[next++]!, higher: sides[next++]! },
  );
}

/** A side to be evaluated: where a parameter goes from a point. */
type Asked = ReturnType<typeof stepped> & { readonly point: ArrayLike<number>; readonly base: number };

/** Evaluates sides together, then once more those that may have to be whole; `isWhole`: all have to. */
async function sidesOf(
  movable: Movable,
  asked: readonly Asked[],
  metrics: number,
  isWhole: boolean,
): Promise<readonly Side[]> {
  const evaluate = async (values: readonly (number | undefined)[]): Promise<readonly (Outcome | undefined)[]> => {
    const known = values.flatMap((value, i) => (value === undefined ? [] : [{ i, value }]));
    const at = known.map(({ i, value }) => movable.at(asked[i]!.point, value));
    const found = at.length === 0 ? [] : await outcomesAt(movable.sweep, at);
    const outcomes = new Map(known.map(({ i }, k) => [i, found[k]!]));
    return values.map((_, i) => outcomes.get(i));
  };
  const beyond = asked.map(({ base, value }) => (value === undefined ? undefined : wholeBeyond(base, value)));
  const first = await evaluate(asked.map(({ value }, i) => (isWhole && beyond[i] !== undefined ? undefined : value)));
  const whole = beyond.map((value, i) => (first[i]?.kind === 'found' ? undefined : value));
  const second = await evaluate(whole);
  return asked.map(({ value, reason }, i): Side => {
    const outcome = second[i] ?? first[i];
    if (outcome === undefined) return { kind: 'missing', reason: reason!, value: undefined, rounded: false };
    const shown = { value: whole[i] ?? value, rounded: whole[i] !== undefined };
    return outcome.kind === 'missing'
      ? { ...outcome, ...shown }
      : { ...outcome, ...shown, figures: outcome.figures.slice(0, metrics) };
  });
}

function nothingMoved(experiment: Experiment, parameters: readonly MovedParameter[]): Diagnostic | undefined {
  if (parameters.length === 0)
    return diagnostic('nothing-moved', 'the experiment has no axis of numbers to move', experiment.name.span, {
      help: '--all moves what is no axis',
    });
  const sides = parameters.flatMap(({ name, responses }) =>
    responses.flatMap((r) => (r === undefined ? [] : [r.lower, r.higher].map((side) => ({ name, side })))),
  );
  const reasons = sides.flatMap(({ name, side }) =>
    side.kind === 'missing' ? [`${name}${side.value === undefined ? '' : ` = ${side.value}`}: ${side.reason}`] : [],
  );
  if (reasons.length < sides.length) return undefined;
  const message = `no parameter can be moved; the first: ${reasons[0]}`;
  return diagnostic('nothing-moved', message, experiment.name.span, { help: 'take another point or another --step' });
}

const sampleOf = (side: Side, metric: number): Sample | undefined =>
  side.kind === 'found' ? { parameter: side.value!, figure: side.figures[metric]! } : undefined;

/** What a parameter does to a metric at a point, by their positions; undefined where it is not there. */
export function effectAt(
  { figures, parameters }: Sensitivity,
  parameter: number,
  metric: number,
  point: number,
): Effect | undefined {
  const response = parameters[parameter]!.responses[point];
  if (response === undefined) return undefined;
  const base = { parameter: response.base, figure: figures[point]![metric]! };
  return effectOf(base, sampleOf(response.lower, metric), sampleOf(response.higher, metric));
}
