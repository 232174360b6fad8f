import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { requiredBytes } from '../../../src/mapper/capacity.ts';
import type { Keep } from '../../../src/mapper/placed.ts';
import { type CriticalPath, criticalPath } from '../../../src/models/cycle/critical-path.ts';
import type { Operation } from '../../../src/models/cycle/observer.ts';
import { occupancy, profileSteps, sampleProfile } from '../../../src/models/cycle/occupancy.ts';
import { operationsBetween, recordTimeline, type Timeline } from '../../../src/models/cycle/timeline.ts';
import { must, place, shippedMachine, workloadOf } from '../../mapper/inputs.ts';
import { runs } from '../../runs.ts';
import { foldLoop, runLoop, type Step, timelineOf } from './pipeline.ts';

const placed = must(
  place(
    `mapping tiles
  keep A, B, Z in DRAM
  for m by 128
    keep A in GlobalBuffer
    for n by 128 pipeline 2
      keep B in GlobalBuffer stages 2
      compute Z on Array2D (rows m, columns n)
`,
    workloadOf('gemm', { M: 512, N: 512, K: 64 }),
    await shippedMachine('fusemax'),
  ),
);
const [a, b] = placed.keeps.filter((k) => k.parent !== undefined) as [Keep, Keep];
const level = a.level;

const ended = (path: CriticalPath): number => path.reduce((n, p) => n + p.ticks, 0);
const root = { placed, outside: new Set<Keep>(), above: [] };

/** Loads of 4 ticks and 1 of latency, then work of 6 ticks: the work is never late but for the first. */
const loadAndWork: readonly Step[] = [
  { kind: 'fill', resource: 0, hold: 4, latency: 1, waits: [], keep: b, bytes: 100 },
  { kind: 'drain', resource: 1, hold: 6, latency: 0, waits: [{ step: 0, back: 0 }], keep: b, bytes: 100 },
];

describe('by hand', () => {
  const hundred = runLoop(loadAndWork, 100, 2);

  test('the path goes through the first load and all the work', () => {
    expect(criticalPath(timelineOf(hundred))).toEqual([
      { kind: 'held', resource: 0, subject: 'keep', id: b.id, ticks: 4 },
      { kind: 'held', resource: 1, subject: 'keep', id: b.id, ticks: 600 },
      { kind: 'latency', resource: -1, subject: 'keep', id: b.id, ticks: 1 },
    ]);
  });

  test('two tiles are in use while one is worked on and the next comes, and one at the ends', () => {
    const profile = occupancy(root, timelineOf(hundred))[level]!;
    expect(profile).toMatchObject({ ticks: 605, peak: 200 });
    const steps = [...profileSteps(profile, 0, 605, true)];
    expect(steps[0]).toEqual({ at: 0, bytes: 100 });
    expect(steps.at(-1)).toEqual({ at: 599, bytes: 100 });
    expect(sampleProfile(profile, 5)).toEqual([200, 200, 200, 200, 200]);
  });

  test('homes at the root are there all the time, and so is what a block finds in place', () => {
    const peaks = (around: Parameters<typeof occupancy>[0]) =>
      occupancy(around, timelineOf(hundred)).map((p) => p.peak);
    expect(peaks(root)[0]).toBe(requiredBytes(placed)[0]);
    const inside = { placed, outside: new Set([a]), above: b.above };
    expect(peaks(inside)[level]).toBe(200 + 128 * 64 * 2);
    expect(peaks({ ...inside, above: [] })[level]).toBe(200);
  });

  test('a fold is as long as what it leaves out', () => {
    const folded = foldLoop(hundred, 2, 2)!;
    expect(folded.folds).toHaveLength(1);
    expect(folded.operations.length).toBeLessThan(30);
    expect([...operationsBetween(folded, 0, 605, true)]).toHaveLength(200);
    expect(criticalPath(folded)).toEqual(criticalPath(timelineOf(hundred)));
  });

  test('only so many operations are kept', () => {
    const { observer, finish } = recordTimeline(10);
    for (const o of hundred) observer.onOperation!(o);
    observer.onEnd!(605);
    expect(finish()).toMatchObject({ complete: false, ticks: 605 });
    expect(finish().operations).toHaveLength(10);
    expect(() => criticalPath(finish())).toThrow('not kept whole');
  });
});

const anyStep = (count: number): fc.Arbitrary<Step> =>
  fc.record({
    kind: fc.constantFrom('fill' as const, 'drain' as const),
    resource: fc.nat(2),
    hold: fc.nat(9),
    latency: fc.nat(3),
    waits: fc.array(fc.record({ step: fc.nat(count - 1), back: fc.nat(2) }), { maxLength: 3 }),
    keep: fc.constantFrom(a, b),
    bytes: fc.constant(8),
  });

const anyLoop = fc.integer({ min: 1, max: 5 }).chain((count) =>
  fc.record({
    steps: fc
      .array(anyStep(count), { minLength: count, maxLength: count })
      .map((steps) => steps.map((s, i) => ({ ...s, waits: s.waits.filter((w) => w.back > 0 || w.step < i) }))),
    iterations: fc.integer({ min: 1, max: 80 }),
    inFlight: fc.integer({ min: 1, max: 3 }),
  }),
);

/** Each operation as often as it ran, in an order that does not depend on how it was found. */
const ranIn = (timeline: Timeline, from: number, to: number): readonly string[] =>
  [...operationsBetween(timeline, from, to, true)]
    .map(({ operation: o, later }) => [o.start + later, o.resources[0], o.holds[0], o.keep!.id, o.kind].join(' '))
    .sort();

const overlaps = (o: Operation, from: number, to: number): boolean =>
  o.start < to && (o.start >= from || o.finish > from);

describe('random loops', () => {
  const law = (name: string, holds: (whole: Timeline, folded: Timeline, all: readonly Operation[]) => void): void => {
    test(name, () => {
      let foldable = 0;
      fc.assert(
        fc.property(anyLoop, ({ steps, iterations, inFlight }) => {
          const all = runLoop(steps, iterations, inFlight);
          const whole = timelineOf(all);
          const folded = foldLoop(all, steps.length, inFlight);
          if (folded !== undefined) foldable++;
          holds(whole, folded ?? whole, all);
        }),
        { numRuns: runs(300) },
      );
      expect(foldable).toBeGreaterThan(runs(60));
    });
  };

  law('the path adds up to the total, and is the same folded', (whole, folded) => {
    expect(ended(criticalPath(whole))).toBe(whole.ticks);
    expect(criticalPath(folded)).toEqual(criticalPath(whole));
  });

  law('bytes in use over time are the same folded, and sampled as they are', (whole, folded) => {
    const [expected, found] = [whole, folded].map((t) => occupancy(root, t)[level]!);
    expect(found!.ticks).toBe(whole.ticks);
    expect(sampleProfile(found!, 16)).toEqual(sampleProfile(expected!, 16));
    const steps = [...profileSteps(expected!, 0, whole.ticks, true)];
    const peaks = new Array<number>(16).fill(0);
    steps.forEach(({ at, bytes }, i) => {
      const end = steps[i + 1]?.at ?? whole.ticks;
      for (let k = 0; k < 16; k++)
        if (at * 16 < (k + 1) * whole.ticks && end * 16 > k * whole.ticks) peaks[k] = Math.max(peaks[k]!, bytes);
    });
    expect(sampleProfile(expected!, 16)).toEqual(peaks);
  });

  law('a window shows what runs in it, folded or not', (whole, folded, all) => {
    for (const [from, to] of [
      [0, whole.ticks + 1],
      [Math.floor(whole.ticks / 3), Math.ceil(whole.ticks / 2)],
    ] as const) {
      expect(ranIn(folded, from, to)).toEqual(ranIn(whole, from, to));
      expect(ranIn(whole, from, to)).toHaveLength(all.filter((o) => overlaps(o, from, to)).length);
    }
  });
});
