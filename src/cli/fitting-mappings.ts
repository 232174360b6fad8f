import { loadMachine } from '../arch/load.ts';
import type { Machine } from '../arch/machine.ts';
import { type Diagnostic, diagnostic, failure, type Result } from '../diagnostic.ts';
import { parseCascade } from '../einsum/parse.ts';
import { resolveSource, shippedNames, shippedSource } from '../files.ts';
import { fits, missingIn } from '../mapper/fitting.ts';
import type { Mapping } from '../mapper/mapping.ts';
import { parseMapping } from '../mapper/parse.ts';
import type { Source } from '../source.ts';

/** Shipped mappings for a cascade that name only what a machine has. */
export async function fittingMappings(cascade: string, machine: Machine): Promise<readonly string[]> {
  const fitting: string[] = [];
  for (const name of await shippedNames('mapping')) {
    const source = await shippedSource('mapping', name);
    const parsed = source === undefined ? undefined : parseMapping(source);
    if (parsed?.ok && fits(parsed.value, cascade, machine)) fitting.push(name);
  }
  return fitting;
}

export const resolveMachine = (name: string): Promise<Source | undefined> => shippedSource('hardware', name);

const quotedList = (names: readonly string[]): string => names.map((n) => `"${n}"`).join(', ');

/**
 * One diagnostic (`other-machine`) in place of dozens where a mapping names nothing that the machine has: it is
 * written for another machine. Undefined if it is not so simple.
 */
export async function otherMachine(
  cascade: string,
  machine: Machine,
  mapping: Mapping,
): Promise<Diagnostic | undefined> {
  const missing = missingIn(mapping, machine);
  if (missing.known > 0 || missing.levels.length === 0) return undefined;
  const units = missing.units.length > 0 ? ` and no units ${quotedList(missing.units)}` : '';
  const message = `mapping "${mapping.name}" is written for another machine: "${machine.name}" has no levels ${quotedList(missing.levels)}${units}`;
  const fitting = await fittingMappings(cascade, machine);
  const help = fitting.length === 0 ? undefined : `mappings that fit: ${fitting.join(', ')}`;
  return diagnostic('other-machine', message, mapping.nameSpan, { help });
}

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
      ? 'write one (docs/mappings.md) and name it with --mapping FILE, or have one found with --mapping auto'
      : `choose one with --mapping: ${fitting.join(', ')}`;
  return failure([diagnostic('missing-mapping', message, undefined, { help })]);
}
