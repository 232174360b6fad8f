import type { CascadeGraph } from './cascade-graph.ts';

/**
 * A layer for each node, from the top, so that readers are below what they read, passes below each other, and no layer
 * wider than the room. Inputs stand just above their first reader. Widths and room are pixels.
 */
export function cascadeLayers(
  { nodes, edges }: CascadeGraph,
  widths: readonly number[],
  room: number,
): readonly number[] {
  const layers: number[] = [];
  const filled: number[] = [];
  const put = (node: number, least: number): void => {
    let layer = least;
    while ((filled[layer] ?? 0) > 0 && filled[layer]! + widths[node]! > room) layer++;
    filled[layer] = (filled[layer] ?? 0) + widths[node]!;
    layers[node] = layer;
  };
  const below = (from: readonly number[], least: number): number =>
    Math.max(least, ...from.map((i) => (layers[i] === undefined ? 0 : layers[i] + 1)));
  const einsums = [...nodes.keys()].filter((i) => nodes[i]!.pass !== undefined);
  let pass = 0;
  let first = 0;
  for (const i of einsums.toSorted((a, b) => nodes[a]!.pass! - nodes[b]!.pass!)) {
    if (nodes[i]!.pass !== pass) {
      pass = nodes[i]!.pass!;
      first = filled.length;
    }
    const from = edges.filter((e) => e.to === i && e.kind !== 'carries').map((e) => e.from);
    const above = Math.max(first, below(from, first) - 1);
    for (const input of from) if (layers[input] === undefined) put(input, above);
    put(i, below(from, first));
  }
  // What nothing reads.
  for (const i of nodes.keys()) if (layers[i] === undefined) put(i, 0);
  return layers;
}
