import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { axesOf } from './axis-tree.ts';
import type { Axis, Experiment } from './experiment.ts';

/** Checks sizes that are just an axis: those of no point could be bound if its values were not whole. */
export function checkSizes({ axes, set }: Experiment, diagnostics: Diagnostic[]): void {
  for (const [name, { text, span }] of set) {
    const axis = axesOf(axes).find((a) => a.name.text === text.trim());
    const broken = axis === undefined ? undefined : brokenValue(axis);
    if (broken !== undefined)
      diagnostics.push(
        diagnostic('bad-size', `the size "${name}" is a whole number, but "${text}" has ${broken}`, span, {
          help: 'give the axis "whole": true, or round, as in "ceil(L)"',
          related: [{ span: axis!.name.span, message: 'the axis' }],
        }),
      );
  }
}

function brokenValue({ values }: Axis): string | undefined {
  if (values.kind === 'texts') return undefined;
  if (values.interval !== undefined) return values.interval.whole ? undefined : 'any between its ends';
  const broken = values.numbers.find((value) => !Number.isInteger(value));
  return broken === undefined ? undefined : `the value ${broken}`;
}
