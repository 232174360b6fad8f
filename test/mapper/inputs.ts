import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../../src/arch/machine.ts';
import { type Diagnostic, type Result, renderDiagnostic } from '../../src/diagnostic.ts';
import { checkCascade } from '../../src/einsum/check.ts';
import { parseCascade } from '../../src/einsum/parse.ts';
import { bindSizes } from '../../src/einsum/shape.ts';
import type { Workload } from '../../src/einsum/workload.ts';
import { parseMapping } from '../../src/mapper/parse.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import type { PlacedMapping } from '../../src/mapper/placed.ts';
import type { Source } from '../../src/source.ts';
import { machineOf, shippedSource } from '../arch/shipped.ts';

const root = join(import.meta.dirname, '../..');

export const shipped = (folder: string, file: string): Source => ({
  name: file,
  text: readFileSync(join(root, folder, file), 'utf8'),
});

export const shippedNames = (folder: string, extension: string): readonly string[] =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith(extension))
    .map((file) => file.slice(0, -extension.length));

/** The value of a result that must be there. */
export function must<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(result.diagnostics.map(renderDiagnostic).join('\n'));
}

export const codesOf = (result: Result<unknown>): readonly Diagnostic['code'][] =>
  result.ok ? [] : result.diagnostics.map((d) => d.code);

/**
 * Binds a shipped cascade, by name, or a text; sizes of ranks that the cascade has not are passed over. Of what is selected by
 * value a quarter exists.
 */
export function workloadOf(cascade: string, sizes: Readonly<Record<string, number>>): Workload {
  const text = cascade.includes('\n') ? cascade : shipped('cascades', `${cascade}.einsum`).text;
  const parsed = must(parseCascade({ name: 'test.einsum', text }));
  const names = [...parsed.ranks.filter((r) => r.size === undefined || r.overridable), ...parsed.parameters];
  const bound = Object.entries(sizes).filter(([name]) => names.some((n) => n.name === name));
  const gates = parsed.einsums.filter((e) => e.selection?.kind === 'threshold').map((e) => e.output.tensor);
  const densities = new Map(gates.map((name) => [name, { share: 1 / 4, source: 'given' }]));
  return must(bindSizes(must(checkCascade(parsed)), new Map(bound), new Map(), new Map(), densities));
}

export const shippedMachine = (name: string): Promise<Machine> => machineOf(shippedSource(name));

/** Places a mapping text. */
export function place(
  text: string,
  workload: Workload,
  machine: Machine,
  overrides: Readonly<Record<string, number>> = {},
): Result<PlacedMapping> {
  const parsed = parseMapping({ name: 'test.map', text });
  return parsed.ok ? placeMapping(parsed.value, workload, machine, new Map(Object.entries(overrides))) : parsed;
}

/**
 * The same for machines with the same levels and units, whatever their counts, capacities and clocks: a device of a family
 * makes no events that another one does not.
 */
const formOf = ({ levels, units }: Machine): string =>
  JSON.stringify([levels.map((l) => l.name), units.map(({ name, dimensions }) => [name, dimensions])]);

/** The first of each form. */
export function ofEachForm<T>(all: readonly T[], machineOf: (one: T) => Machine): readonly T[] {
  const forms = all.map((one) => formOf(machineOf(one)));
  return all.filter((_, i) => forms.indexOf(forms[i]!) === i);
}
