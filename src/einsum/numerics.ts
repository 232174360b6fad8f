import type { Name } from './ast.ts';
import type { TensorValue } from './evaluate.ts';
import { type Exponential, exponentialBy } from './exponential.ts';
import { type Rounding, roundingTo } from './number-format.ts';
import { operators } from './operators.ts';
import type { Workload } from './workload.ts';

/** How numbers are kept and computed. */
export type Numerics = {
  /** What an element becomes when it is written, by position in `Workload.tensors`; undefined: it stays as it is. */
  readonly stored: readonly (Rounding | undefined)[];
  /** What the result of each operation and of each step of a sum becomes; undefined: it stays as it is. */
  readonly computed: Rounding | undefined;
  readonly exponential: Exponential;
};

/** Which numbers to emulate. */
export type NumericsChoice = {
  /** Formats of tensors, by name; the others hold float64. */
  readonly formats: ReadonlyMap<Name, Name>;
  /** Format of the arithmetic and of its accumulators: one of floating point. */
  readonly arithmetic: Name;
  readonly exponential: Exponential;
};

/** Everything in float64, each operation as exact as the machine's. */
export const float64: Numerics = { stored: [], computed: undefined, exponential: { kind: 'exact' } };

/**
 * Makes a choice ready for a workload. `exact` has the tensors of an execution in float64: an integer format takes
 * its scale, one a tensor, from the largest finite magnitude there, as a quantizer calibrated on these inputs would.
 */
export function emulate(w: Workload, choice: NumericsChoice, exact: ReadonlyMap<Name, TensorValue>): Numerics {
  return {
    stored: w.tensors.map((t) => {
      const format = choice.formats.get(t.name);
      // Planes are integers as they are.
      return format === undefined || t.plane !== undefined
        ? undefined
        : roundingTo(format, largestMagnitude(exact.get(t.name)!));
    }),
    computed: choice.arithmetic === 'fp64' ? undefined : roundingTo(choice.arithmetic),
    exponential: choice.exponential,
  };
}

function largestMagnitude({ values, exists }: TensorValue): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++)
    if (exists[i] === 1 && Number.isFinite(values[i])) largest = Math.max(largest, Math.abs(values[i]!));
  return largest;
}

/** An input as it is stored; initial values of carried tensors are constants and stay as they are written. */
export const storedInput = (values: Float64Array, rounding: Rounding | undefined): Float64Array =>
  rounding === undefined ? values : values.map(rounding);

/** A map operator as it is computed; a unary one does not look at its second operand. */
export function computedOperator(name: Name, { computed, exponential }: Numerics): (a: number, b: number) => number {
  const evaluate = (name === 'exp' ? exponentialBy(exponential, computed) : undefined) ?? operators.get(name)!.evaluate;
  return computed === undefined ? evaluate : (a, b) => computed(evaluate(a, b));
}
