import { type Diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { type CheckedCascade, checkCascade } from '../einsum/check.ts';
import { parseCascade } from '../einsum/parse.ts';
import { bindSizes } from '../einsum/shape.ts';
import type { Density, Workload } from '../einsum/workload.ts';
import { resolveSource } from '../files.ts';
import type { Source } from '../source.ts';

/** `--workload` and the values of `--set` and `--density`. */
export type SizeChoice = {
  readonly workload: string | undefined;
  readonly sizes: ReadonlyMap<string, number>;
  readonly densities?: ReadonlyMap<string, Density>;
  /** Of ranks that get none; without it each must get one. */
  readonly usualSize?: number;
};

/** Sizes of a workload file; of these a cascade takes what it has. None if no workload is named. */
export async function readPresets(argument: string | undefined): Promise<Result<ReadonlyMap<string, number>>> {
  if (argument === undefined) return success(new Map());
  const source = await resolveSource('workload', argument);
  if (!source.ok) return source;
  const { parseWorkloadFile } = await import('../einsum/workload-file.ts');
  const read = parseWorkloadFile(source.value);
  return read.ok ? success(read.value.sizes, read.warnings) : read;
}

export async function readCascade(source: Source): Promise<Result<CheckedCascade>> {
  const parsed = parseCascade(source);
  return parsed.ok ? checkCascade(parsed.value) : parsed;
}

/** A size for each rank that has none, below those that are given. */
const usualSizes = (cascade: CheckedCascade, size: number | undefined): readonly (readonly [string, number])[] =>
  size === undefined ? [] : cascade.ranks.flatMap((r) => (r.size === undefined ? [[r.name, size] as const] : []));

/** Resolves, reads and binds what `analyze` and `execute` work on. All mistakes found are in the result. */
export async function bindCascade(argument: string, choice: SizeChoice): Promise<Result<Workload>> {
  const source = await resolveSource('cascade', argument);
  const [cascade, presets] = [source.ok ? await readCascade(source.value) : source, await readPresets(choice.workload)];
  const mistakes: Diagnostic[] = [cascade, presets].flatMap((r) => (r.ok ? [] : r.diagnostics));
  if (!cascade.ok || !presets.ok) return failure(mistakes);
  const usual = new Map([...usualSizes(cascade.value, choice.usualSize), ...presets.value]);
  const bound = bindSizes(cascade.value, choice.sizes, usual, undefined, choice.densities);
  return bound.ok ? success(bound.value, [...cascade.warnings, ...presets.warnings, ...bound.warnings]) : bound;
}
