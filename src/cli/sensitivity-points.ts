import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { quantityText } from '../report/quantity-text.ts';
import { middleOf } from '../sweep/middle.ts';
import type { OpenSweep } from '../sweep/open-sweep.ts';
import type { BasePoint } from '../sweep/sensitivity.ts';

/** Where parameters are moved: points, and what they are together. */
export type ChosenPoints = {
  /** "the middle of the space" */
  readonly what: string;
  readonly points: readonly ChosenPoint[];
};

/** `number`: in the space; undefined where it is not counted. */
type ChosenPoint = BasePoint & { readonly number: number | undefined };

/** Points of a space by their numbers. Error: `bad-point` where there are not so many. */
export function numberedPoints({ space }: OpenSweep, what: string, numbers: readonly number[]): Result<ChosenPoints> {
  const beyond = numbers.find((number) => number >= space.points);
  if (beyond !== undefined) {
    const message = `there is no point ${beyond}: the space has points 0 to ${space.points - 1}`;
    return failure([diagnostic('bad-point', message, undefined)]);
  }
  const points = numbers.map((number): ChosenPoint => {
    const values = new Float64Array(space.axes.length + space.derived.size);
    space.place(number, values);
    return { number, label: `point ${number}`, values: values.slice(0, space.axes.length) };
  });
  return success({ what, points });
}

export function middlePoint({ experiment }: OpenSweep): ChosenPoints {
  const what = 'the middle of the space';
  return { what, points: [{ number: undefined, label: what, values: middleOf(experiment.axes) }] };
}

/** Its axes, as people write them. */
export const axisTexts = ({ space }: OpenSweep, { values }: BasePoint): readonly (readonly [string, string])[] =>
  space.axes.map((axis, i) => {
    const value = values[i]!;
    const text =
      axis.values.kind === 'texts' ? axis.values.texts[value]!.text : quantityText(value, axis.values.dimension);
    return [axis.name.text, text];
  });
