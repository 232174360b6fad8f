import type { Name } from './ast.ts';
import type { BoundPlane, Tensor, Workload } from './workload.ts';

/** What comes from outside: an input, or an operand whose planes are inputs. */
export type Operand = { readonly name: Name; readonly tensor: Tensor };

/** Each input, and each operand that is made of planes once: that has the shape of any of them. */
export function operandsOf(w: Workload): readonly Operand[] {
  const inputs = w.tensors.filter((t) => t.producer === undefined);
  const byName = new Map(inputs.map((tensor) => [tensor.plane?.operand ?? tensor.name, tensor]));
  return [...byName].map(([name, tensor]) => ({ name, tensor }));
}

/** The inputs of a workload from its operands: those that are made of planes as the integers that they have as their format. */
export const inputsFrom = (w: Workload, operands: ReadonlyMap<Name, Float64Array>): ReadonlyMap<Name, Float64Array> =>
  new Map(
    w.tensors
      .filter((t) => t.producer === undefined)
      .map(({ name, plane }) => [
        name,
        plane === undefined ? operands.get(name)! : planeOf(operands.get(plane.operand)!, plane),
      ]),
  );

/**
 * Some bits of values as integers with one scale a tensor, which takes the largest magnitude to the largest code, in two's
 * complement. The sum of the planes, each times 2^shift, is the operand as it is rounded to its format.
 */
function planeOf(values: Float64Array, { operandBits, bits, shift, signed }: BoundPlane): Float64Array {
  const largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  // Of zeros, or what is next to them, any scale will do.
  const step = largest / (2 ** (operandBits - 1) - 1);
  const scale = step > 0 ? step : 1;
  return values.map((value) => {
    const high = Math.floor(Math.round(value / scale) / 2 ** shift);
    return scale * (signed ? high : high - 2 ** bits * Math.floor(high / 2 ** bits));
  });
}
