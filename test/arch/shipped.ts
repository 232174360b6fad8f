import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadMachine } from '../../src/arch/load.ts';
import type { Machine } from '../../src/arch/machine.ts';
import { renderDiagnostic } from '../../src/diagnostic.ts';
import type { Source } from '../../src/source.ts';

export const specFolder = join(import.meta.dirname, '../../hardware-specs');

export const shippedNames: readonly string[] = readdirSync(specFolder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace(/\.yaml$/, ''));

export const shippedSource = (name: string): Source => ({
  name: `${name}.yaml`,
  text: readFileSync(join(specFolder, `${name}.yaml`), 'utf8'),
});

export const resolveShipped = async (name: string): Promise<Source | undefined> =>
  shippedNames.includes(name) ? shippedSource(name) : undefined;

/** A machine from a text that must be right. */
export async function machineOf(source: Source, parameters: Record<string, string> = {}): Promise<Machine> {
  const loaded = await loadMachine(source, {
    parameters: new Map(Object.entries(parameters)),
    resolve: resolveShipped,
    known: shippedNames,
  });
  if (!loaded.ok) throw new Error(loaded.diagnostics.map(renderDiagnostic).join('\n'));
  return loaded.value;
}

/** Parameters with which a GPU has the rates of its data sheet, and is ready at once. */
export const atDataSheetRates = {
  ...{ MATRIX_FRACTION: '1', HBM_FRACTION: '1', VECTOR_COST: '1', OVERLAP: '1' },
  ...{ LAUNCH: '0 us', BLOCK_START: '0 cycles' },
};
