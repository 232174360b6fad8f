import { combinations } from './axis-tree.ts';
import type { Axis, AxisTree } from './experiment.ts';

/** An axis of a tree of so many combinations: its value changes every `stride`, and begins again after `count`. */
export type Wheel = {
  readonly position: number;
  readonly stride: number;
  readonly count: number;
  /** In base units; of texts their positions. */
  readonly values: Float64Array;
};

/**
 * The wheels of a tree. `position` is that of its first axis; axes of a zip turn together, and of a product the last is
 * the fastest. The length of a zip is that of each of its parts, so wheels inside need not know of it.
 */
export function wheelsOf(tree: AxisTree, position = 0, stride = 1): readonly Wheel[] {
  if (tree.kind === 'axis') {
    const values = tableOf(tree.axis);
    return [{ position, stride, count: values.length, values }];
  }
  const wheels: Wheel[] = [];
  let inner = tree.kind === 'product' ? stride * combinations(tree) : stride;
  for (const part of tree.parts) {
    if (tree.kind === 'product') inner /= combinations(part);
    wheels.push(...wheelsOf(part, position + wheels.length, inner));
  }
  return wheels;
}

const tableOf = ({ values }: Axis): Float64Array =>
  values.kind === 'texts' ? Float64Array.from(values.texts.keys()) : values.numbers;

/** Writes the values of one of the combinations. */
export function turn(wheels: readonly Wheel[], combination: number, into: Float64Array): void {
  for (const { position, stride, count, values } of wheels)
    into[position] = values[((combination / stride) | 0) % count]!;
}
