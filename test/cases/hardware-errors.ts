import { loadMachine } from '../../src/arch/load.ts';
import type { Diagnostic } from '../../src/diagnostic.ts';
import type { Source } from '../../src/source.ts';
import { resolveShipped, shippedNames } from '../arch/shipped.ts';

/** Specs that only these cases extend: `other` closes a circle, and each of `chain-1`, `chain-2`, ... extends the next. */
async function resolve(name: string): Promise<Source | undefined> {
  const [, link] = /^chain-(\d+)$/.exec(name) ?? [];
  if (link !== undefined) return { name: `${name}.yaml`, text: `name: ${name}\nextends: chain-${Number(link) + 1}\n` };
  if (name === 'other') return { name: 'other.yaml', text: 'name: other\nextends: extends-cycle\n' };
  return resolveShipped(name);
}

/** A first line `# --param NAME=VALUE` overrides a parameter. */
export async function findInHardware(source: Source): Promise<readonly Diagnostic[]> {
  const [, flags = ''] = /^# (--.*)/.exec(source.text) ?? [];
  const parameters = new Map(
    flags
      .split('--param ')
      .slice(1)
      .map((flag) => {
        const [name, ...value] = flag.trim().split('=');
        return [`${name}`, value.join('=')] as const;
      }),
  );
  const result = await loadMachine(source, { parameters, resolve, known: shippedNames });
  return result.ok ? result.warnings : result.diagnostics;
}
