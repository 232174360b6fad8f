import { axesOf } from './axis-tree.ts';
import type { Choice, Experiment, Written } from './experiment.ts';

/** All that a choice may be: the one value, or those of its axis. */
export function choiceValues(experiment: Experiment, choice: Choice): readonly Written[] {
  if (choice.kind === 'fixed') return [choice.value];
  const axis = axesOf(experiment.axes).find(({ name }) => name.text === choice.axis.text);
  return axis?.values.kind === 'texts' ? axis.values.texts : [];
}

/** What a choice is at a point, whose axes of texts say their position among them. */
export function choiceAt(experiment: Experiment, choice: Choice): (values: ArrayLike<number>) => string {
  const texts = choiceValues(experiment, choice).map(({ text }) => text);
  if (choice.kind === 'fixed') return () => texts[0]!;
  const position = axesOf(experiment.axes).findIndex(({ name }) => name.text === choice.axis.text);
  return (values) => texts[values[position]!]!;
}
