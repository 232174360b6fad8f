import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadMachine } from '../../src/arch/load.ts';
import type { Machine } from '../../src/arch/machine.ts';
import type { Diagnostic, Result } from '../../src/diagnostic.ts';
import { checkCascade } from '../../src/einsum/check.ts';
import { parseCascade } from '../../src/einsum/parse.ts';
import { bindSizes } from '../../src/einsum/shape.ts';
import type { Workload } from '../../src/einsum/workload.ts';
import { parseMapping } from '../../src/mapper/parse.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import type { Source } from '../../src/source.ts';
import { resolveShipped } from '../arch/shipped.ts';

const diagnosticsOf = (result: Result<unknown>): readonly Diagnostic[] =>
  result.ok ? result.warnings : result.diagnostics;

/** A cascade that ships, or one of `mapping-cascades` beside the cases, which show what the shipped ones do not have. */
function readCascade(name: string): Source {
  for (const folder of ['../../cascades', 'mapping-cascades']) {
    const path = join(import.meta.dirname, folder, `${name}.einsum`);
    try {
      return { name: `${name}.einsum`, text: readFileSync(path, 'utf8') };
    } catch {
      // It is in the other folder.
    }
  }
  throw new Error(`there is no cascade "${name}"`);
}

function bind(name: string, sizes: ReadonlyMap<string, number>): Workload {
  const parsed = parseCascade(readCascade(name));
  const checked = parsed.ok ? checkCascade(parsed.value) : parsed;
  const bound = checked.ok ? bindSizes(checked.value, sizes) : checked;
  if (!bound.ok) throw new Error(bound.diagnostics.map((d) => d.message).join('\n'));
  return bound.value;
}

const valuesOf = (flags: string, option: string): ReadonlyMap<string, number> =>
  new Map([...flags.matchAll(new RegExp(`--${option} (\\w+)=(\\S+)`, 'g'))].map(([, k, v]) => [`${k}`, Number(v)]));

/**
 * A first line `# --cascade gemm --machine fusemax --set M=4 --param T=2` says what the mapping is placed for; without
 * one it is only read.
 */
export async function findInMapping(source: Source): Promise<readonly Diagnostic[]> {
  const parsed = parseMapping(source);
  const [, flags] = /^# (--.*)/.exec(source.text) ?? [];
  if (!parsed.ok || flags === undefined) return diagnosticsOf(parsed);
  const { workload, machine } = await readFlags(flags);
  return diagnosticsOf(placeMapping(parsed.value, workload, machine, valuesOf(flags, 'param')));
}

/** What `--cascade gemm --machine fusemax --set M=4` names. */
export async function readFlags(flags: string): Promise<{ readonly workload: Workload; readonly machine: Machine }> {
  const { cascade, machine } = /--cascade (?<cascade>\S+) --machine (?<machine>\S+)/.exec(flags)?.groups ?? {};
  const spec = await resolveShipped(`${machine}`);
  const loaded = await loadMachine(spec ?? { name: 'none', text: '' });
  if (!loaded.ok) throw new Error(`there is no machine "${machine}"`);
  return { workload: bind(`${cascade}`, valuesOf(flags, 'set')), machine: loaded.value };
}
