import type { Machine } from '../arch/machine.ts';
import type { Mapping, MappingNode } from './mapping.ts';

function namesIn(nodes: readonly MappingNode[], levels: Set<string>, units: Set<string>): void {
  for (const node of nodes) {
    if (node.kind === 'keep') levels.add(node.level.name);
    if (node.kind === 'compute') for (const binding of node.bindings) units.add(binding.unit.name);
    if (node.kind !== 'loop') continue;
    if (node.across !== undefined) levels.add(node.across.level.name);
    namesIn(node.body, levels, units);
  }
}

type Named = { readonly levels: readonly string[]; readonly units: readonly string[] };

/** What the mapping names that the machine does not have, and what it has. */
export function missingIn(mapping: Mapping, machine: Machine): Named & { readonly known: number } {
  const levels = new Set<string>();
  const units = new Set<string>();
  namesIn(mapping.nodes, levels, units);
  const missing = {
    levels: [...levels].filter((name) => !machine.levels.some((l) => l.name === name)),
    units: [...units].filter((name) => !machine.units.some((u) => u.name === name)),
  };
  return { ...missing, known: levels.size + units.size - missing.levels.length - missing.units.length };
}

/** Does the mapping name this cascade, and only levels and units that the machine has? */
export function fits(mapping: Mapping, cascade: string, machine: Machine): boolean {
  const missing = missingIn(mapping, machine);
  return mapping.cascades.some((c) => c.name === cascade) && missing.levels.length === 0 && missing.units.length === 0;
}
