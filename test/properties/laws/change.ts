import type { Machine } from '../../../src/arch/machine.ts';
import type { Workload } from '../../../src/einsum/workload.ts';
import type { Binding, Mapping, MappingNode } from '../../../src/mapper/mapping.ts';
import { placeMapping } from '../../../src/mapper/place.ts';
import type { PlacedMapping } from '../../../src/mapper/placed.ts';
import { span } from '../../../src/source.ts';

/** Triples with something changed: what stays equal, or moves one way only, is a law. */

export const nowhere = span({ name: 'nowhere', text: '' }, 0, 0);
export const named = (name: string): { readonly name: string; readonly span: typeof nowhere } => ({
  name,
  span: nowhere,
});
export const none = { kind: 'number', value: 0, span: nowhere } as const;
export const one = { kind: 'number', value: 1, span: nowhere } as const;

export const onUnit = (unit: string): readonly Binding[] => [
  { operator: undefined, unit: named(unit), dimensions: [] },
];

/** Places a changed mapping, or on a changed machine, which must still be legal. */
export function placeAgain(mapping: Mapping, w: Workload, machine: Machine): PlacedMapping {
  const placed = placeMapping(mapping, w, machine);
  if (!placed.ok) throw new Error(`no longer legal: ${placed.diagnostics.map((d) => d.message).join('\n')}`);
  return placed.value;
}

/** A mapping with each node changed. */
export function withNodes(mapping: Mapping, change: (node: MappingNode) => MappingNode): Mapping {
  const all = (nodes: readonly MappingNode[]): readonly MappingNode[] =>
    nodes.map((node) => {
      const changed = change(node);
      return changed.kind === 'loop' ? { ...changed, body: all(changed.body) } : changed;
    });
  return { ...mapping, nodes: all(mapping.nodes) };
}

/** A machine with every port so many times as wide. */
export const withBandwidth = (machine: Machine, factor: number): Machine => ({
  ...machine,
  levels: machine.levels.map((l) => ({
    ...l,
    memory: l.memory && {
      ...l.memory,
      read_bytes_per_cycle: factor * l.memory.read_bytes_per_cycle,
      write_bytes_per_cycle: factor * l.memory.write_bytes_per_cycle,
    },
  })),
});
