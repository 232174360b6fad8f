import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import type { CheckedCascade } from '../einsum/check.ts';
import { bindSizes } from '../einsum/shape.ts';
import type { Density, Tensor, Workload } from '../einsum/workload.ts';
import { resolveSource } from '../files.ts';
import { product } from '../search/mapspace.ts';
import { readCascade, readPresets } from './workload-inputs.ts';

/** A cascade at certain sizes. */
export type Algorithm = {
  /** The cascade's name, and the sizes that were chosen from several. */
  readonly name: string;
  readonly workload: Workload;
};

/** Each is searched, and each takes its time. */
const mostAlgorithms = 64;

/**
 * Every cascade of a list with commas, at every choice of sizes, all of which have the same inputs and outputs. Of several
 * cascades each takes the sizes that it has.
 */
export async function bindAlgorithms(
  list: string,
  workload: string | undefined,
  sizes: ReadonlyMap<string, readonly number[]>,
  densities: ReadonlyMap<string, Density>,
): Promise<Result<readonly Algorithm[]>> {
  const read = await Promise.all(list.split(',').map((argument) => resolveCascade(argument.trim())));
  const presets = await readPresets(workload);
  const wrong: Diagnostic[] = [...read, presets].flatMap((r) => (r.ok ? [] : r.diagnostics));
  if (!presets.ok || wrong.length > 0) return failure(wrong);
  const cascades = read.flatMap((r) => (r.ok ? [r.value] : []));
  const has = (c: CheckedCascade, name: string): boolean =>
    c.ranks.some((r) => r.name === name) || c.parameters.some((p) => p.name === name);
  const algorithms: Algorithm[] = [];
  const warnings: Diagnostic[] = [...read, presets].flatMap((r) => (r.ok ? r.warnings : []));
  for (const cascade of cascades) {
    const own = [...sizes].filter(([name]) => has(cascade, name) || !cascades.some((c) => has(c, name)));
    const choices = [...product(own.map(([name, values]) => values.map((value) => ({ name, value }))))];
    if (algorithms.length + choices.length > mostAlgorithms) return failure([tooMany()]);
    for (const [i, choice] of choices.entries()) {
      const values = new Map(choice.map((c) => [c.name, c.value]));
      const bound = bindSizes(cascade, values, presets.value, undefined, densities);
      if (!bound.ok) return bound;
      if (i === 0) warnings.push(...bound.warnings);
      const chosen = choice.filter((c) => sizes.get(c.name)!.length > 1).map((c) => ` ${c.name}=${c.value}`);
      algorithms.push({ name: `${cascade.name}${chosen.join('')}`, workload: bound.value });
    }
  }
  const twice = algorithms.find((a, i) => algorithms.findIndex((b) => b.name === a.name) < i);
  if (twice !== undefined)
    return failure([
      diagnostic('assigned-twice', `two cascades to choose from are "${twice.name}"`, undefined, {
        help: 'name each once, and each size once',
      }),
    ]);
  const unlike = algorithms.flatMap((a) => differences(algorithms[0]!, a));
  return unlike.length > 0 ? failure(unlike) : success(algorithms, warnings);
}

async function resolveCascade(argument: string): Promise<Result<CheckedCascade>> {
  const source = await resolveSource('cascade', argument);
  return source.ok ? readCascade(source.value) : source;
}

const tooMany = (): Diagnostic =>
  diagnostic('too-large', `at most ${mostAlgorithms} cascades and sizes are searched at once`, undefined);

/** What one algorithm reads or makes that the first does not, or the other way round. */
function differences(first: Algorithm, other: Algorithm): readonly Diagnostic[] {
  const outside = ({ tensors }: Workload): readonly Tensor[] => tensors.filter((t) => t.role !== 'intermediate');
  const text = (t: Tensor): string =>
    `${t.role} ${t.name}[${t.dimensions.map((d) => `${d.rank} = ${d.size}`).join(', ')}]`;
  const shape = (t: Tensor): string => `${t.role} ${t.name} ${t.dimensions.map((d) => d.size).join()}`;
  const lacks = (a: Algorithm, b: Algorithm): Diagnostic[] => {
    const known = new Set(outside(b.workload).map(shape));
    const missing = outside(a.workload).find((t) => !known.has(shape(t)));
    if (missing === undefined) return [];
    const message = `"${first.name}" and "${other.name}" do not do the same: only "${a.name}" has ${text(missing)}`;
    const help = 'what is chosen from has the same inputs and outputs; sizes to choose from are those of partitions';
    return [diagnostic('unlike-cascades', message, undefined, { help })];
  };
  const here = lacks(other, first);
  return here.length > 0 ? here : lacks(first, other);
}
