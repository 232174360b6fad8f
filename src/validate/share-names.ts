import type { ShippedTexts } from './shipped-texts.ts';
import type { Run } from './suite.ts';

type Names = { readonly sizes: ReadonlySet<string>; readonly parameters: ReadonlySet<string> };

const named = (all: readonly { readonly name: string }[]): string[] => all.map(({ name }) => name);

/** Names that a run can be given. */
async function namesOf({ cascade, mapping, hardware }: Run, texts: ShippedTexts): Promise<Names> {
  const [read, parsed, spec] = await Promise.all([
    texts.cascade(cascade),
    texts.mapping(mapping),
    texts.spec(hardware),
  ]);
  return {
    sizes: new Set(read.ok ? [...named(read.value.ranks), ...named(read.value.parameters)] : []),
    parameters: new Set([
      ...(parsed.ok ? named(parsed.value.parameters) : []),
      ...(spec.ok ? spec.value.parameters.keys() : []),
    ]),
  };
}

/**
 * Of runs that were all given the same sizes and parameters, each keeps those that it knows. The first also keeps what
 * none knows, and so tells of it.
 */
export async function shareNames(runs: readonly Run[], texts: ShippedTexts): Promise<readonly Run[]> {
  const known = await Promise.all(runs.map((run) => namesOf(run, texts)));
  const keep = <T>(of: keyof Names, run: number, values: Readonly<Record<string, T>>): Record<string, T> => {
    const entries = Object.entries(values);
    const others = known.filter((_, i) => i !== run);
    const stays = (name: string): boolean =>
      known[run]![of].has(name) || (run === 0 && !others.some((names) => names[of].has(name)));
    return Object.fromEntries(entries.filter(([name]) => stays(name)));
  };
  return runs.map((run, i) => ({
    ...run,
    sizes: keep('sizes', i, run.sizes),
    parameters: keep('parameters', i, run.parameters),
  }));
}
