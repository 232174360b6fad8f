import { loadMachine, type Machine, renderDiagnostic } from 'attnsim';
import { packageText } from '../job.ts';

const specText = (name: string) => packageText(`hardware-specs/${name}.yaml`);

/** FuseMax as published: what jobs vary is unlike it, and tables divide by it. */
export async function publishedMachine(): Promise<Machine> {
  const loaded = await loadMachine(await specText('fusemax'), { resolve: specText });
  if (!loaded.ok) throw new Error(loaded.diagnostics.map(renderDiagnostic).join('\n'));
  return loaded.value;
}

/** A parameter of it by name; one that it has not is a mistake of the experiment. */
export function parameterOf(machine: Machine, name: string): number {
  const value = machine.parameters.get(name);
  if (value === undefined) throw new Error(`${machine.name} has no parameter "${name}"`);
  return value;
}

/** Bytes of a word in the registers. */
export const wordBytes = (machine: Machine, level: string): number =>
  machine.levels.find((l) => l.name === level)!.memory!.access_bytes;
