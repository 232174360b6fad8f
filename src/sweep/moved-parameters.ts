import type { CompiledExpression } from '../arch/compile-expression.ts';
import { failure, type Result, success } from '../diagnostic.ts';
import type { Dimension, Measure } from '../units.ts';
import { axesOf } from './axis-tree.ts';
import type { Axis, Experiment } from './experiment.ts';
import { type OpenSweep, openExperiment } from './open-sweep.ts';
import type { Space } from './space.ts';
import type { SweepTexts } from './sweep-texts.ts';

/** What can be moved, and how it is evaluated. */
export type Movable = {
  readonly name: string;
  readonly of: 'axis' | 'machine' | 'mapping';
  readonly dimension: Dimension;
  /** Only sizes and densities depend on it: it says what is computed, not with what. */
  readonly isSize: boolean;
  /** The values of an axis, rising, each once; none: it has none to step along. */
  readonly values: readonly number[];
  /** By point; undefined where there is no such parameter. */
  readonly bases: readonly (number | undefined)[];
  readonly sweep: OpenSweep;
  /** Points of that sweep with a value of this in place of what it is at a point. */
  readonly at: (point: ArrayLike<number>, value: number) => ArrayLike<number>;
};

/** All axes of numbers. */
export function movableAxes(sweep: OpenSweep, points: readonly ArrayLike<number>[]): readonly Movable[] {
  const { space } = sweep;
  const design = axesBehind(space, [...space.param.values()]);
  const sizes = axesBehind(space, [...space.set.values(), ...space.density.values()]);
  return space.axes.flatMap(({ name, values }, position): Movable[] => {
    if (values.kind === 'texts') return [];
    return [
      {
        name: name.text,
        of: 'axis',
        dimension: values.dimension,
        isSize: sizes.has(position) && !design.has(position),
        values: [...new Set(values.numbers)].toSorted((a, b) => a - b),
        bases: points.map((point) => point[position]),
        sweep,
        at: (point, value) => Float64Array.from(point, (v, i) => (i === position ? value : v)),
      },
    ];
  });
}

/**
 * All parameters of the machine and the mapping that are above 0 at some point and do not follow from an axis. Each has a
 * sweep of its own in which it is an axis: if others were given, too, they would no longer follow from it. Errors: those of
 * `parametersAt` and `openExperiment`.
 */
export async function movableParameters(
  sweep: OpenSweep,
  texts: SweepTexts,
  points: readonly ArrayLike<number>[],
): Promise<Result<readonly Movable[]>> {
  const { space, experiment } = sweep;
  const found = await Promise.all(points.map((point) => sweep.parametersAt(point)));
  const wrong = found.flatMap((f) => (f.ok ? [] : f.diagnostics));
  if (wrong.length > 0) return failure(wrong);
  const all = found.map((f) => (f.ok ? f.value : []));
  const isOpen = (name: string): boolean => {
    const given = space.param.get(name);
    return given === undefined || axesBehind(space, [given]).size === 0;
  };
  const named = new Map(all.flat().map((p) => [`${p.of} ${p.name}`, p]));
  const movables: Movable[] = [];
  for (const { name, of, value, dimension } of named.values()) {
    const bases = all.map((ps) => ps.find((p) => p.name === name && p.of === of)?.value);
    if (!isOpen(name) || !bases.some((base) => base !== undefined && base > 0)) continue;
    const opened = await openExperiment(withAxis(experiment, name, { value, dimension }), texts);
    if (!opened.ok) return opened;
    const at: Movable['at'] = (point, moved) => [...Array.from(point), moved];
    movables.push({ name, of, dimension, isSize: false, values: [], bases, sweep: opened.value, at });
  }
  return success(movables);
}

/** An experiment in which a parameter is one axis more, the last. */
function withAxis(experiment: Experiment, parameter: string, { value, dimension }: Measure): Experiment {
  const { name: written, axes, derived, metrics, param } = experiment;
  const taken = new Set([
    ...axesOf(axes).map(({ name }) => name.text),
    ...derived.keys(),
    ...metrics.map((m) => m.text),
  ]);
  let text = `parameter_${parameter}`;
  while (taken.has(text)) text += '_';
  const name = { ...written, text };
  const values: Axis['values'] = { kind: 'numbers', dimension, numbers: Float64Array.of(value), interval: undefined };
  return {
    ...experiment,
    axes: { kind: 'product', parts: [axes, { kind: 'axis', axis: { name, values } }] },
    param: new Map([...param, [parameter, { ...name, key: written.span }]]),
  };
}

/** The axes that some expressions depend on, through derived values too. */
function axesBehind({ axes, derived }: Space, expressions: readonly CompiledExpression[]): ReadonlySet<number> {
  const between = [...derived.values()];
  const seen = new Set<number>();
  const follow = ({ positions }: CompiledExpression): void => {
    for (const position of positions) {
      if (seen.has(position)) continue;
      seen.add(position);
      if (position >= axes.length) follow(between[position - axes.length]!);
    }
  };
  for (const expression of expressions) follow(expression);
  return new Set([...seen].filter((position) => position < axes.length));
}
