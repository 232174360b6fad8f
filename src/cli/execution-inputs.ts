import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { randomInputs } from '../einsum/random-inputs.ts';
import type { Workload } from '../einsum/workload.ts';
import { readInputTensors } from './tensor-files.ts';

/** Which values a cascade is executed on. */
export type InputOptions = { readonly seed?: string; readonly inputs?: string };

export function readSeed(text: string): Result<number> {
  const seed = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seed)) return success(seed);
  return failure([diagnostic('bad-choice', `--seed "${text}" is no whole number from 0 to 2^53`, undefined)]);
}

/** Inputs of a folder, or random ones. */
export const readInputs = async (
  w: Workload,
  folder: string | undefined,
  seed: number,
): Promise<Result<ReadonlyMap<string, Float64Array>>> =>
  folder === undefined ? success(randomInputs(w, seed)) : await readInputTensors(w, folder);
