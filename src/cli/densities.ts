import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { evaluateCascade, executionLimits } from '../einsum/evaluate.ts';
import { measureDensities } from '../einsum/measure-densities.ts';
import type { Density, Workload } from '../einsum/workload.ts';
import { readAssignments } from './assignments.ts';
import { type InputOptions, readInputs, readSeed } from './execution-inputs.ts';

export type DensityOptions = InputOptions & { readonly density: readonly string[] };

/** `--density G=0.07`: shares from 0 to 1. Whether the cascade has such a gate is not known here. */
export function readDensities(texts: readonly string[]): Result<ReadonlyMap<string, Density>> {
  const read = readAssignments('--density', texts, 'G=0.07');
  if (!read.ok) return read;
  const wrong: Diagnostic[] = [];
  const densities = new Map<string, Density>();
  for (const [name, text] of read.value) {
    const share = Number(text);
    if (share >= 0 && share <= 1) densities.set(name, { share, source: 'given' });
    else
      wrong.push(
        diagnostic('bad-assignment', `--density "${name}=${text}" is no share from 0 to 1`, undefined, {
          help: `write --density ${name}=0.07 where 7% of ${name} exists`,
        }),
      );
  }
  return wrong.length > 0 ? failure(wrong) : success(densities);
}

/** Whether densities are to be measured. */
export const isMeasured = ({ seed, inputs }: InputOptions): boolean => seed !== undefined || inputs !== undefined;

/**
 * Densities of an execution on the inputs that the options name; what is given goes before. Errors: those of the
 * inputs, `too-many-points`.
 */
export async function measuredDensities(
  w: Workload,
  options: InputOptions,
  given: ReadonlyMap<string, Density>,
): Promise<Result<ReadonlyMap<string, Density>>> {
  const seed = readSeed(options.seed ?? '1');
  if (!seed.ok) return seed;
  const limits = executionLimits(w);
  if (limits.length > 0) return failure(limits);
  const inputs = await readInputs(w, options.inputs, seed.value);
  if (!inputs.ok) return inputs;
  const source =
    options.inputs === undefined
      ? `measured on random inputs, seed ${seed.value}`
      : `measured on the inputs in ${options.inputs}`;
  return success(new Map([...measureDensities(w, evaluateCascade(w, inputs.value), source), ...given]));
}
