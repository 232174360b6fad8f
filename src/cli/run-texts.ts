import { loadMachine } from '../arch/load.ts';
import { type Diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { parseCascade } from '../einsum/parse.ts';
import { resolveSource } from '../files.ts';
import { parseMapping } from '../mapper/parse.ts';
import type { Source } from '../source.ts';
import { defaultMapping, otherMachine, resolveMachine } from './fitting-mappings.ts';
import { readPresets } from './workload-inputs.ts';

/** What a run on a machine reads. */
export type RunTexts = {
  readonly cascade: Source;
  readonly machine: Source;
  readonly mapping: Source;
  readonly presets: ReadonlyMap<string, number>;
};

type Named = {
  readonly cascade: string;
  readonly hardware: string;
  readonly workload?: string;
  /** The only shipped one that fits if it is left out. */
  readonly mapping?: string;
};

/** The texts that the arguments name; every one that cannot be read is told. */
export async function readRunTexts(named: Named): Promise<Result<RunTexts>> {
  const cascade = await resolveSource('cascade', named.cascade);
  const machine = await resolveSource('hardware', named.hardware);
  const presets = await readPresets(named.workload);
  const given = named.mapping === undefined ? undefined : await resolveSource('mapping', named.mapping);
  const read = [cascade, machine, presets, ...(given === undefined ? [] : [given])];
  const wrong = read.flatMap((r) => (r.ok ? [] : r.diagnostics));
  if (!cascade.ok || !machine.ok || !presets.ok || wrong.length > 0) return failure(wrong);
  const mapping: Result<Source> = given ?? (await defaultMapping(cascade.value, machine.value));
  if (!mapping.ok) return mapping;
  return success(
    { cascade: cascade.value, machine: machine.value, mapping: mapping.value, presets: presets.value },
    presets.warnings,
  );
}

/** A mapping for another machine is told in one sentence, not name by name. */
export async function explainMisfit(texts: RunTexts, wrong: readonly Diagnostic[]): Promise<readonly Diagnostic[]> {
  if (!wrong.some((d) => d.code === 'unknown-name')) return wrong;
  const cascade = parseCascade(texts.cascade);
  const mapping = parseMapping(texts.mapping);
  const machine = await loadMachine(texts.machine, { resolve: resolveMachine });
  if (!mapping.ok || !machine.ok || !cascade.ok) return wrong;
  const other = await otherMachine(cascade.value.name, machine.value, mapping.value);
  return other === undefined ? wrong : [other];
}
