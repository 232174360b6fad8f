import type { Rounding } from './number-format.ts';

/**
 * How `exp` is computed: with the exact function, or as units of multiply-adds do. These reduce the range,
 * exp(x) = 2^k 2^f with k + f = x log2(e) and k whole, which a float takes into its exponent; 2^f is a polynomial.
 */
export type Exponential =
  | { readonly kind: 'exact' }
  | {
      readonly kind: 'polynomial';
      /** Of f^0, f^1, and so on. */
      readonly coefficients: readonly number[];
      /** How k is found: the nearest, so that |f| <= 1/2, or the one below, so that 0 <= f < 1. */
      readonly reduction: 'nearest' | 'floor';
    };

/**
 * The Taylor polynomial of 2^f about 0. FuseMax (MICRO 2024) computes an exponential by 6 multiply-adds: the product
 * with log2(e) and 5 steps of Horner's rule, which is the Taylor polynomial of degree 5 that its artifact charges.
 */
function taylor(degree: number): Exponential {
  const coefficients = [1];
  for (let n = 1; n <= degree; n++) coefficients.push((coefficients[n - 1]! * Math.LN2) / n);
  return { kind: 'polynomial', coefficients, reduction: 'nearest' };
}

/** FlashAttention-4's exponential in software: degree 3, least relative error over [0, 1), in fp32. */
const minimax3: Exponential = {
  kind: 'polynomial',
  coefficients: [1, 0.6951461434364319, 0.22756439447402954, 0.07711908966302872],
  reduction: 'floor',
};

/** Taylor polynomials of a higher degree are exact to the last bit of fp32. */
const degrees = [1, 2, 3, 4, 5, 6, 7, 8] as const;

/** By the name that a user writes. */
export const exponentials: ReadonlyMap<string, Exponential> = new Map<string, Exponential>([
  ['exact', { kind: 'exact' }],
  ...degrees.map((degree) => [`taylor${degree}`, taylor(degree)] as const),
  ['minimax3', minimax3],
]);

/**
 * The exponential as a function, every multiply-add rounded once; undefined for the exact one. The product with
 * log2(e) is split before it is rounded, as fixed-point units and fused multiply-adds do, so that k takes nothing of
 * the precision of f.
 */
export function exponentialBy(exponential: Exponential, rounding: Rounding | undefined): Rounding | undefined {
  if (exponential.kind === 'exact') return undefined;
  const round = rounding ?? ((value: number) => value);
  const log2e = round(Math.LOG2E);
  const [last, ...others] = exponential.coefficients.map(round).reverse() as [number, ...number[]];
  const wholePart = exponential.reduction === 'floor' ? Math.floor : Math.round;
  return (x) => {
    if (!Number.isFinite(x)) return Math.exp(x);
    const k = wholePart(x * log2e);
    const f = round(x * log2e - k);
    let power = last;
    for (const coefficient of others) power = round(power * f + coefficient);
    return power * 2 ** k;
  };
}
