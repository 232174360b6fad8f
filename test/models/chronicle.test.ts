import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { requiredBytes } from '../../src/mapper/capacity.ts';
import type { PlacedMapping } from '../../src/mapper/placed.ts';
import { blocksBetween, observe } from '../../src/models/cycle/chronicle.ts';
import { simulateCycles } from '../../src/models/cycle/simulate.ts';
import { countTraffic } from '../../src/models/traffic.ts';
import { anyTriple } from '../arbitraries/triple/triple.ts';
import { endOnFailure, runs } from '../runs.ts';

const law = (name: string, holds: (p: PlacedMapping) => void): void => {
  describe(name, () => {
    for (const size of ['small', 'long'] as const)
      test(size, () =>
        fc.assert(
          fc.property(anyTriple(size), ({ placed }) => holds(placed)),
          { numRuns: runs(100), endOnFailure },
        ),
      );
  });
};

law('the critical path adds up to the run, and tiles in use to no more than is required', (p) => {
  const { ticks, chronicle } = simulateCycles(p);
  expect(chronicle.ticks).toBe(ticks);
  const { path, occupancy } = observe(chronicle)!;
  expect(path.reduce((sum, part) => sum + part.ticks, 0)).toBe(ticks);
  const required = requiredBytes(p);
  occupancy.forEach((profile, level) => {
    expect(profile.peak).toBeLessThanOrEqual(required[level]!);
  });
});

law('folded and unfolded runs are seen alike', (p) => {
  const traffic = countTraffic(p);
  const [folded, walked] = [true, false].map((folding) => observe(simulateCycles(p, traffic, { folding }).chronicle)!);
  expect(folded!.path).toEqual(walked!.path);
  folded!.occupancy.forEach((profile, level) => {
    // The course over time is not exact where tiles outlast the period that a fold repeats, or instances are persistent.
    expect(profile.peak).toBe(walked!.occupancy[level]!.peak);
  });
});

law('blocks follow each other without a gap', (p) => {
  const { ticks, chronicle } = simulateCycles(p);
  let end = 0;
  for (const block of blocksBetween(chronicle, 0, ticks, true)) {
    expect(block.start).toBe(end);
    end = block.start + block.ticks;
  }
  expect(end).toBe(ticks);
});
