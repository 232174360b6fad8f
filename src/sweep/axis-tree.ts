import type { Axis, AxisTree } from './experiment.ts';

/** How many combinations a tree has. */
export function combinations(tree: AxisTree): number {
  switch (tree.kind) {
    case 'axis':
      return valueCount(tree.axis);
    case 'product':
      return tree.parts.reduce((n, part) => n * combinations(part), 1);
    case 'zip':
      return tree.parts.length === 0 ? 1 : combinations(tree.parts[0]!);
  }
}

const valueCount = ({ values }: Axis): number =>
  values.kind === 'texts' ? values.texts.length : values.numbers.length;

/** The axes of a tree, in the order of the file. */
export const axesOf = (tree: AxisTree): readonly Axis[] =>
  tree.kind === 'axis' ? [tree.axis] : tree.parts.flatMap(axesOf);
