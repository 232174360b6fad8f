import type { Selector } from '../../arch/machine.ts';
import { harmonic } from './harmonic.ts';
import type { RunCost } from './run.ts';

/** Sizes up to so many times the comparators have their cycles rounded up one by one; of larger ones half is lost on average. */
const exactCycles = 32;

/**
 * Means of quick-select for the k-th largest of n distinct elements, 1 <= k <= n, its pivots uniform over what is left.
 *
 *     E[passes]  = H(k) + H(n+1-k) - 1
 *     E[scanned] = 2 ((n+1) H(n) - (n+3-k) H(n+1-k) - (k+2) H(k) + n + 3) + E[passes]
 *     E[cycles]  = pass E[passes] + sum over sizes m of visits(m) ceil(m / P)
 *
 * The elements compared with pivots are the comparisons of FIND (Knuth, "Mathematical analysis of algorithms", IFIP 1971:
 * a pass over m compares m - 1) and the pivots. A released latency model charges ceil(m / P) + 3 a pass (SpAtten,
 * TopKLatencyModel.scala), for a target that counts from 0: its target t is k = t + 1. Exact where n is at most 32 P;
 * beyond, cycles lost in the last group of a pass are taken as (P-1)/(2P) for passes larger than that, which leaves
 * less than a tenth of a cycle.
 */
export function expectedQuickSelect(n: number, k: number, { comparators, pass_cycles }: Selector): RunCost {
  const passes = harmonic(k) + harmonic(n + 1 - k) - 1;
  const compared = (n + 1) * harmonic(n) - (n + 3 - k) * harmonic(n + 1 - k) - (k + 2) * harmonic(k) + n + 3;
  const scanned_elements = 2 * compared + passes;
  const groups = scanned_elements / comparators + groupsLost(n, k, comparators, passes);
  return { passes, scanned_elements, comparisons: scanned_elements, cycles: groups + pass_cycles * passes };
}

/** Mean of the sum over passes of ceil(m / P) - m / P. */
function groupsLost(n: number, k: number, comparators: number, passes: number): number {
  const lost = (m: number): number => Math.ceil(m / comparators) - m / comparators;
  let sum = lost(n);
  let seen = 1;
  const largest = Math.min(n - 1, exactCycles * comparators);
  for (let m = 1; m <= largest; m++) {
    const often = visits(n, k, m);
    sum += often * lost(m);
    seen += often;
  }
  return sum + (passes - seen) * ((comparators - 1) / (2 * comparators));
}

/**
 * Mean number of passes over exactly m < n elements. What is left is a run of ranks i..j around k; it comes about where
 * the neighbours of the run are pivots before all in it: 2 / ((m+1)(m+2)) with two neighbours, 1 / (m+1) with one.
 */
function visits(n: number, k: number, m: number): number {
  const inside = Math.max(0, Math.min(k, n - m) - Math.max(2, k - m + 1) + 1);
  const atEnds = (m >= k ? 1 : 0) + (m >= n + 1 - k ? 1 : 0);
  return (2 * inside) / ((m + 1) * (m + 2)) + atEnds / (m + 1);
}
