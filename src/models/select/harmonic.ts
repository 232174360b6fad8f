/** Euler's constant. */
const gamma = 0.5772156649015329;

/** Beyond it the terms that are left out come to less than one part in 10^16. */
const far = 16;

/**
 * The harmonic number H(x) = 1 + 1/2 + ... + 1/x, and between whole numbers, for x >= 0, what H(x) = H(x - 1) + 1/x and
 * smoothness make of it, digamma(x + 1) + gamma: so sums of 1/(i + c) are differences. By its asymptotic expansion
 * (Abramowitz and Stegun 6.3.18), in constant time.
 */
export function harmonic(x: number): number {
  let at = x;
  let below = 0;
  for (; at < far; at++) below += 1 / (at + 1);
  const y = 1 / (at * at);
  const terms = y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y * (1 / 240 - y * (1 / 132)))));
  return gamma + Math.log(at) + 1 / (2 * at) - terms - below;
}
