import type { Name } from './ast.ts';
import { elementCount } from './evaluate-tile.ts';
import { inputsFrom, operandsOf } from './planes.ts';
import type { Workload } from './workload.ts';

/** Half of a standard deviation of 1: scores over 16 to 64 products stay where an exponential is not saturated. */
const scale = 0.5;

/**
 * Reproducible values for every input, row-major: about normal, mean 0, standard deviation 0.5. They
 * depend on the seed, the tensor's name and the element's position only, and are the same on every machine.
 */
export function randomInputs(w: Workload, seed: number): ReadonlyMap<Name, Float64Array> {
  const operands = operandsOf(w).map(({ name, tensor }) => {
    const uniform = generator(seed, name);
    return [name, Float64Array.from({ length: elementCount(tensor) }, () => scale * normal(uniform))] as const;
  });
  return inputsFrom(w, new Map(operands));
}

/** Sum of 12 uniform numbers less 6 (Irwin-Hall): mean 0, variance 1, and only exact additions. */
function normal(uniform: () => number): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += uniform();
  return sum;
}

/**
 * Marsaglia's xorshift128 (Journal of Statistical Software 8(14), 2003), its state filled from seed and
 * name by FNV-1a. Numbers are in [0, 1).
 */
function generator(seed: number, name: Name): () => number {
  let [a, b, c, d] = [0, 1, 2, 3].map((i) => fnv1a(`${seed} ${name} ${i}`) | 1) as [number, number, number, number];
  return () => {
    let t = d ^ (d << 11);
    t ^= t >>> 8;
    [b, c, d] = [a, b, c];
    a ^= t ^ (a >>> 19);
    return (a >>> 0) / 2 ** 32;
  };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
