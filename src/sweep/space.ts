import { type Result, success } from '../diagnostic.ts';
import { axesOf, combinations } from './axis-tree.ts';
import { type CompiledValues, compileValues } from './compile-values.ts';
import type { Axis, Experiment } from './experiment.ts';
import { turn, wheelsOf } from './grid.ts';
import { openSample } from './sampling.ts';

/** The points of an experiment, by number: from 0 to `points` - 1, some of which may not be in the space. */
export type Space = CompiledValues & {
  /** In the order of the file. */
  readonly axes: readonly Axis[];
  readonly points: number;
  /**
   * Writes the values of a point in base units: axes, of texts their position among them, then derived values. Depends
   * on the point alone, and allocates nothing.
   */
  readonly place: (point: number, into: Float64Array) => void;
  /** Adds the derived values to those of the axes; false if a condition of `where` does not hold: it is not in the space. */
  readonly complete: (values: Float64Array) => boolean;
  /** Places a point and completes it. */
  readonly read: (point: number, into: Float64Array) => boolean;
};

/** Compiles a space. Errors: those of `compileValues`. */
export async function openSpace(experiment: Experiment): Promise<Result<Space>> {
  const compiled = await compileValues(experiment);
  if (!compiled.ok) return compiled;
  const axes = axesOf(experiment.axes);
  const { points, draw } = openAxes(experiment);
  const derived = [...compiled.value.derived.values()].map(({ run }) => run);
  const { where } = compiled.value;
  const derive = (values: Float64Array): void => {
    for (let i = 0; i < derived.length; i++) values[axes.length + i] = derived[i]!(values);
  };
  const place = (point: number, into: Float64Array): void => {
    draw(point, into);
    derive(into);
  };
  const complete = (values: Float64Array): boolean => {
    derive(values);
    for (const condition of where) if (!condition.holds(values)) return false;
    return true;
  };
  const read = (point: number, into: Float64Array): boolean => {
    draw(point, into);
    return complete(into);
  };
  return success({ ...compiled.value, axes, points, place, complete, read });
}

/** How many points there are, and the values of the axes of each. */
function openAxes({ axes, sampling }: Experiment): { readonly points: number; readonly draw: Space['place'] } {
  if (sampling.method !== 'grid') return { points: sampling.points, draw: openSample(axes, sampling) };
  const wheels = wheelsOf(axes);
  return { points: combinations(axes), draw: (point, into) => turn(wheels, point, into) };
}
