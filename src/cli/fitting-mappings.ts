import { loadMachine } from '../arch/load.ts';
import type { Machine } from '../arch/machine.ts';
import { diagnostic, failure, type Result } from '../diagnostic.ts';
import { parseCascade } from '../einsum/parse.ts';
import { resolveSource, shippedNames, shippedSource } from '../files.ts';
import type { Mapping, MappingNode } from '../mapper/mapping.ts';
import { parseMapping } from '../mapper/parse.ts';
import type { Source } from '../source.ts';

function namesIn(nodes: readonly MappingNode[], levels: Set<string>, units: Set<string>): void {
  for (const node of nodes) {
    if (node.kind === 'keep') levels.add(node.level.name);
    if (node.kind === 'compute') for (const binding of node.bindings) units.add(binding.unit.name);
    if (node.kind !== 'loop') continue;
    if (node.across !== undefined) levels.add(node.across.name);
    namesIn(node.body, levels, units);
  }
}

/** Does the mapping name this cascade, and only levels and units that the machine has? */
function fits(mapping: Mapping, cascade: string, machine: Machine): boolean {
  const levels = new Set<string>();
  const units = new Set<string>();
  namesIn(mapping.nodes, levels, units);
  return (
    mapping.cascades.some((c) => c.name === cascade) &&
    [...levels].every((name) => machine.levels.some((l) => l.name === name)) &&
    [...units].every((name) => machine.units.some((u) => u.name === name))
  );
}

async function fittingMappings(cascade: string, machine: Machine): Promise<readonly string[]> {
  const fitting: string[] = [];
  for (const name of await shippedNames('mapping')) {
    const source = await shippedSource('mapping', name);
    const parsed = source === undefined ? undefined : parseMapping(source);
    if (parsed?.ok && fits(parsed.value, cascade, machine)) fitting.push(name);
  }
  return fitting;
}

export const resolveMachine = (name: string): Promise<Source | undefined> => shippedSource('hardware', name);

/**
 * The mapping to use where none was named: the only shipped one for this cascade and machine. Error:
 * `missing-mapping`, which lists those that fit, and those of the cascade or the machine themselves.
 */
export async function defaultMapping(cascade: Source, hardware: Source): Promise<Result<Source>> {
  const parsed = parseCascade(cascade);
  const machine = await loadMachine(hardware, { resolve: resolveMachine });
  if (!parsed.ok) return parsed;
  if (!machine.ok) return machine;
  const fitting = await fittingMappings(parsed.value.name, machine.value);
  if (fitting.length === 1) return resolveSource('mapping', fitting[0]!);
  const pair = `cascade "${parsed.value.name}" on machine "${machine.value.name}"`;
  const message =
    fitting.length === 0
      ? `no mapping is named, and none that ships fits ${pair}`
      : `no mapping is named, and ${fitting.length} that ship fit ${pair}`;
  const help =
    fitting.length === 0
      ? 'write one (docs/mappings.md) and name it with --mapping FILE'
      : `choose one with --mapping: ${fitting.join(', ')}`;
  return failure([diagnostic('missing-mapping', message, undefined, { help })]);
}
