import { loadMachine } from '../arch/load.ts';
import { type Diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { parseCascade } from '../einsum/parse.ts';
import type { Density } from '../einsum/workload.ts';
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

export type Unmapped = Omit<RunTexts, 'mapping'>;

type Named = {
  readonly cascade: string;
  readonly hardware: string;
  readonly workload?: string;
  /** The only shipped one that fits if it is left out; `auto`: the best that is found. */
  readonly mapping?: string;
};

/** What `--mapping auto` needs to know besides the texts. */
export type Sized = {
  readonly sizes: ReadonlyMap<string, number>;
  readonly densities?: ReadonlyMap<string, Density>;
  /** Of the machine. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly accounting: string;
  /** Gets told how good the mapping is. */
  readonly say: (text: string) => void;
};

/** The texts that the arguments name; every one that cannot be read is told. */
export async function readRunTexts(named: Named, sized: Sized): Promise<Result<RunTexts>> {
  const cascade = await resolveSource('cascade', named.cascade);
  const machine = await resolveSource('hardware', named.hardware);
  const presets = await readPresets(named.workload);
  const asked = named.mapping !== undefined && named.mapping !== 'auto';
  const given = asked ? await resolveSource('mapping', named.mapping) : undefined;
  const read = [cascade, machine, presets, ...(given === undefined ? [] : [given])];
  const wrong = read.flatMap((r) => (r.ok ? [] : r.diagnostics));
  if (!cascade.ok || !machine.ok || !presets.ok || wrong.length > 0) return failure(wrong);
  const texts = { cascade: cascade.value, machine: machine.value, presets: presets.value };
  const found = named.mapping === 'auto' ? await findMapping(texts, sized) : undefined;
  const mapping = given ?? found ?? (await defaultMapping(cascade.value, machine.value));
  if (!mapping.ok) return mapping;
  return success({ ...texts, mapping: mapping.value }, [...presets.warnings, ...mapping.warnings]);
}

/** The search is loaded where it is asked for. */
async function findMapping(texts: Unmapped, sized: Sized): Promise<Result<Source>> {
  const { autoMapping } = await import('./auto-mapping.ts');
  return autoMapping(texts, sized);
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
