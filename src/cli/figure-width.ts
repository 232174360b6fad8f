import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import type { FigureOptions } from '../figures/figure.ts';

/** Pixels. */
const [least, most] = [320, 4000];

/** `--width` of a figure, in pixels; none leaves it to the figure. */
export function readFigureWidth(text: string | undefined): Result<FigureOptions> {
  if (text === undefined) return success({});
  const width = Number(text);
  if (/^\d{1,6}$/.test(text) && width >= least && width <= most) return success({ width });
  const message = `--width "${text}" is no whole number of ${least} to ${most} (pixels)`;
  return failure([diagnostic('bad-choice', message, undefined)]);
}
