import { combinations } from './axis-tree.ts';
import type { AxisTree } from './experiment.ts';
import { turn, wheelsOf } from './grid.ts';
import { valueIn } from './interval.ts';

/** The middle of a space, by its axes: the middle value of each, of axes that go together the middle ones. */
export function middleOf(tree: AxisTree): readonly number[] {
  if (tree.kind === 'product') return tree.parts.flatMap(middleOf);
  const interval = tree.kind === 'axis' && tree.axis.values.kind === 'numbers' ? tree.axis.values.interval : undefined;
  if (interval !== undefined) return [valueIn(interval, 0.5)];
  const wheels = wheelsOf(tree);
  const values = new Float64Array(wheels.length);
  turn(wheels, Math.floor((combinations(tree) - 1) / 2), values);
  return [...values];
}
