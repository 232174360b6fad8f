import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SizeClass } from '../../arbitraries/triple/cascade.ts';
import { anyAttempt, anyTriple } from '../../arbitraries/triple/triple.ts';
import { endOnFailure, runs } from '../../runs.ts';
import { laws, obeyLaws } from './all.ts';
import type { Law } from './law.ts';

/**
 * Every law on random cascades, machines and mappings: ragged tiles, filters, carried ranks, affine and divided
 * indices, grids. `FC_SEED` repeats a run, `FC_RUNS` lengthens it; `npm run fuzz` goes on until it finds something.
 */
describe.each<{ sizes: SizeClass; triples: number }>([
  { sizes: 'small', triples: runs(2000) },
  { sizes: 'long', triples: runs(200) },
])('$triples random triples, $sizes', ({ sizes, triples }) => {
  const tried = new Map<Law, number>();

  // A slow machine takes minutes over them.
  test('obey the laws', { timeout: 600_000 }, () =>
    fc.assert(
      fc.property(anyTriple(sizes), (triple) => obeyLaws(triple, tried)),
      { numRuns: triples, endOnFailure },
    ),
  );

  test.each(laws)('$name', (law) => {
    // A law that hardly ever applies is not tried.
    expect(tried.get(law) ?? 0).toBeGreaterThan(Math.max(0, ...tried.values()) / 50);
  });
});

describe('random triples', () => {
  test('are legal more often than not', () => {
    const attempts = fc.sample(anyAttempt(), { numRuns: 300, seed: 1 });
    expect(attempts.filter((a) => a.kind === 'legal').length).toBeGreaterThan(180);
  });
});
