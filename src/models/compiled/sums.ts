import type { Sum } from './factors.ts';

/** Sums of products of factors, as plain numbers: each distinct product is multiplied once, then added up by sum. */
export type Sums = {
  /** By product: where its factors begin in `factors`; one more for the end. */
  readonly starts: Int32Array;
  readonly factors: Int32Array;
  readonly products: Float64Array;
  /** By sum: where its parts begin in the arrays that follow; one more for the end. */
  readonly parts: Int32Array;
  readonly of: Int32Array;
  readonly coefficients: Float64Array;
};

export function createSums(sums: readonly Sum[]): Sums {
  const known = new Map<string, number>();
  const starts: number[] = [0];
  const factors: number[] = [];
  const parts: number[] = [0];
  const of: number[] = [];
  const coefficients: number[] = [];
  for (const sum of sums) {
    const collected = new Map<number, number>();
    for (const product of sum) {
      if (product.coefficient === 0) continue;
      const sorted = [...product.factors].sort((a, b) => a - b);
      const name = sorted.join();
      const at = known.get(name) ?? known.size;
      if (!known.has(name)) {
        known.set(name, at);
        factors.push(...sorted);
        starts.push(factors.length);
      }
      collected.set(at, (collected.get(at) ?? 0) + product.coefficient);
    }
    of.push(...collected.keys());
    coefficients.push(...collected.values());
    parts.push(of.length);
  }
  return {
    starts: Int32Array.from(starts),
    factors: Int32Array.from(factors),
    products: new Float64Array(known.size),
    parts: Int32Array.from(parts),
    of: Int32Array.from(of),
    coefficients: Float64Array.from(coefficients),
  };
}

/** Writes the sums, in their order, to `out`. */
export function addUp(s: Sums, values: Float64Array, out: Float64Array): void {
  const { starts, factors, products, parts, of, coefficients } = s;
  for (let i = 0; i < products.length; i++) {
    let product = 1;
    for (let f = starts[i]!; f < starts[i + 1]!; f++) product *= values[factors[f]!]!;
    products[i] = product;
  }
  for (let i = 0; i < parts.length - 1; i++) {
    let sum = 0;
    for (let k = parts[i]!; k < parts[i + 1]!; k++) sum += coefficients[k]! * products[of[k]!]!;
    out[i] = sum;
  }
}
