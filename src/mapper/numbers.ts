import type { Arithmetic } from '../einsum/ast.ts';
import type { ComputeNode, KeepNode, LoopNode, Mapping, MappingNode, Schedule } from './mapping.ts';

/** What a number in a mapping says. */
export type NumberRole =
  | 'tile'
  | 'stages'
  | 'in-flight'
  | 'condition'
  | 'spill'
  | 'priority'
  | 'lag'
  | 'ramp'
  | 'lanes';

/**
 * The mapping with other numbers in its loop tree: `of` gets each of them, from top to bottom as they are written, with its node;
 * that of the whole mapping's iterations in flight has none.
 */
export function mapNumbers(mapping: Mapping, of: Of): Mapping {
  return {
    ...mapping,
    schedule: mapSchedule(mapping.schedule, undefined, of),
    nodes: mapping.nodes.map((n) => mapNode(n, of)),
  };
}

type Of = (a: Arithmetic, role: NumberRole, node: MappingNode | undefined) => Arithmetic;

const mapSchedule = (schedule: Schedule, node: MappingNode | undefined, of: Of): Schedule =>
  schedule.kind === 'sequence' ? schedule : { kind: 'pipeline', inFlight: of(schedule.inFlight, 'in-flight', node) };

function mapNode(node: MappingNode, of: Of): MappingNode {
  switch (node.kind) {
    case 'keep':
      return mapKeep(node, of);
    case 'loop':
      return mapLoop(node, of);
    case 'compute':
      return mapCompute(node, of);
  }
}

const mapKeep = (node: KeepNode, of: Of): KeepNode => ({
  ...node,
  stages: of(node.stages, 'stages', node),
  spill: node.spill && { ...node.spill, share: of(node.spill.share, 'spill', node) },
  condition: of(node.condition, 'condition', node),
});

const mapLoop = (node: LoopNode, of: Of): LoopNode => ({
  ...node,
  tile: of(node.tile, 'tile', node),
  schedule: mapSchedule(node.schedule, node, of),
  priority: node.priority && of(node.priority, 'priority', node),
  lag: of(node.lag, 'lag', node),
  body: node.body.map((n) => mapNode(n, of)),
});

const mapCompute = (node: ComputeNode, of: Of): ComputeNode => ({
  ...node,
  bindings: node.bindings.map((b) => ({
    ...b,
    dimensions: b.dimensions.map((d) => ({ ...d, lanes: d.lanes && of(d.lanes, 'lanes', node) })),
  })),
  ramp: of(node.ramp, 'ramp', node),
  lag: of(node.lag, 'lag', node),
});
