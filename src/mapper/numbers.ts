import type { Arithmetic } from '../einsum/ast.ts';
import type { ComputeNode, KeepNode, LoopNode, Mapping, MappingNode, Schedule } from './mapping.ts';

/** What a number in a mapping says. */
export type NumberRole = 'tile' | 'stages' | 'in-flight' | 'condition' | 'spill' | 'priority' | 'lag' | 'ramp';

/** The mapping with other numbers in its loop tree: `of` gets each of them, from top to bottom as they are written. */
export function mapNumbers(mapping: Mapping, of: (a: Arithmetic, role: NumberRole) => Arithmetic): Mapping {
  return { ...mapping, schedule: mapSchedule(mapping.schedule, of), nodes: mapping.nodes.map((n) => mapNode(n, of)) };
}

type Of = (a: Arithmetic, role: NumberRole) => Arithmetic;

const mapSchedule = (schedule: Schedule, of: Of): Schedule =>
  schedule.kind === 'sequence' ? schedule : { kind: 'pipeline', inFlight: of(schedule.inFlight, 'in-flight') };

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
  stages: of(node.stages, 'stages'),
  spill: node.spill && { ...node.spill, share: of(node.spill.share, 'spill') },
  condition: of(node.condition, 'condition'),
});

const mapLoop = (node: LoopNode, of: Of): LoopNode => ({
  ...node,
  tile: of(node.tile, 'tile'),
  schedule: mapSchedule(node.schedule, of),
  priority: node.priority && of(node.priority, 'priority'),
  lag: of(node.lag, 'lag'),
  body: node.body.map((n) => mapNode(n, of)),
});

const mapCompute = (node: ComputeNode, of: Of): ComputeNode => ({
  ...node,
  ramp: of(node.ramp, 'ramp'),
  lag: of(node.lag, 'lag'),
});
