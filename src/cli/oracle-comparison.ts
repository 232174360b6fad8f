import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { TensorValue } from '../einsum/evaluate.ts';
import { builtInOracle } from '../einsum/oracle.ts';
import type { Workload } from '../einsum/workload.ts';
import { plainText } from '../report/quantity-text.ts';

export type Comparison = {
  readonly formula: string;
  readonly output: string;
  readonly max_error: number;
  readonly max_value: number;
};

/** The difference from the built-in oracle, if there is one, over the output; an element that exists in one of the two only is an infinite one. */
export function compareWithOracle(
  w: Workload,
  inputs: ReadonlyMap<string, Float64Array>,
  values: ReadonlyMap<string, TensorValue>,
): Comparison | undefined {
  const oracle = builtInOracle(w);
  if (oracle === undefined) return undefined;
  const expected = oracle.evaluate(inputs);
  const found = values.get(oracle.output)!;
  let max_error = 0;
  let max_value = 0;
  for (let i = 0; i < expected.values.length; i++) {
    if (expected.exists[i] !== found.exists[i]) max_error = Number.POSITIVE_INFINITY;
    if (expected.exists[i] !== 1 || found.exists[i] !== 1) continue;
    const difference = Math.abs(expected.values[i]! - found.values[i]!);
    // A value that is no number on one side only must not pass unseen.
    max_error = Math.max(max_error, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
    max_value = Math.max(max_value, Math.abs(expected.values[i]!));
  }
  return { formula: oracle.formula, output: oracle.output, max_error, max_value };
}

/** Rounding of sums of thousands of float64 terms stays far below this; another formula does not. */
const tolerance = 1e-9;

export function mismatch(w: Workload, compared: Comparison | undefined): readonly Diagnostic[] {
  if (compared === undefined || compared.max_error <= tolerance * Math.max(1, compared.max_value)) return [];
  const message = `"${compared.output}" differs from ${compared.formula} by up to ${plainText(compared.max_error)}`;
  const help = `a cascade named "${w.cascade.name}" is compared with this formula; if it computes something else, rename it`;
  return [diagnostic('oracle-mismatch', message, w.cascade.nameSpan, { help })];
}
