import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BarChart } from '../../src/figures/bar-layout.ts';
import { energyBreakdown, stallBreakdown, timeBreakdown, trafficBreakdown } from '../../src/figures/breakdown.ts';
import { type LabelledReport, labelReports } from '../../src/figures/labelled-report.ts';
import { stackParts } from '../../src/figures/parts.ts';
import { scalingChart } from '../../src/figures/scaling.ts';
import { speedupChart } from '../../src/figures/speedup.ts';
import { utilizationChart } from '../../src/figures/utilization.ts';
import { buildReport, type Report } from '../../src/report/report.ts';
import { toyRun } from '../report/fixtures.ts';
import { attentionRuns, flashRun } from './shipped-report.ts';

const toy = buildReport(toyRun);
const one: readonly LabelledReport[] = [{ report: toy, label: 'tiled' }];

const sumOf = (values: readonly (number | undefined)[]): number => values.reduce<number>((sum, v) => sum + (v ?? 0), 0);
const bar = (chart: BarChart | undefined, label: string) => {
  const group = chart!.groups.find((g) => g.label === label)!;
  return Object.fromEntries(
    chart!.series.flatMap((s, i) => (group.values[i] === undefined ? [] : [[s, group.values[i]]])),
  );
};

test('stacks keep their sums, are largest first, and join what is small', () => {
  const whole = fc.dictionary(fc.constantFrom(...'abcdefghij'), fc.double({ min: 0, max: 1e9, noNaN: true }));
  fc.assert(
    fc.property(fc.array(whole, { minLength: 1, maxLength: 4 }), fc.integer({ min: 2, max: 7 }), (wholes, most) => {
      const { series, values } = stackParts(wholes, most, 'rest');
      expect(series.length).toBeLessThanOrEqual(most);
      expect(new Set(series).size).toBe(series.length);
      wholes.forEach((parts, i) => {
        const total = Object.values(parts).reduce((a, b) => a + b, 0);
        expect(sumOf(values[i]!)).toBeCloseTo(total, 3);
      });
    }),
  );
  const { series, values } = stackParts([{ a: 1, b: 5, c: 2, d: 1 }], 3, 'rest');
  expect(series).toEqual(['b', 'c', 'rest']);
  expect(values).toEqual([[5, 2, 2]]);
});

test('energy, time, bytes and stalls of a run that is worked out by hand', () => {
  expect(bar(energyBreakdown(one), 'tiled')).toEqual({
    'DRAM read': expect.closeTo(2.56, 9),
    'DRAM write': expect.closeTo(0.64, 9),
    'Array mac': expect.closeTo(0.512, 9),
  });
  // 2000 cycles are 2 µs: the array works 512 of them, waits 1400 for operands, and 88 at the end.
  expect(bar(timeBreakdown(one), 'Array')).toEqual({
    Z: expect.closeTo(0.512, 9),
    'results not computed yet': expect.closeTo(1.4, 9),
    'nothing left to do': expect.closeTo(0.088, 9),
  });
  expect(bar(timeBreakdown(one), 'Buffer')).toEqual({
    transfers: expect.closeTo(0.9, 9),
    'data on its way': expect.closeTo(1.1, 9),
  });
  expect(bar(trafficBreakdown(one), 'DRAM')).toEqual({ A: 40, B: 40, Z: 20 });
  expect(bar(stallBreakdown(one), 'Array')).toEqual({
    'results not computed yet': expect.closeTo(70, 9),
    'nothing left to do': expect.closeTo(4.4, 9),
  });
  // Lanes are never busy, and in no figure.
  for (const chart of [timeBreakdown(one), stallBreakdown(one), utilizationChart(one)])
    expect(chart!.groups.map((g) => g.label)).toEqual(['DRAM.read', 'Buffer', 'Array']);
  expect(bar(utilizationChart(one), 'Array')).toEqual({ Z: expect.closeTo(25.6, 9) });
});

test('parts of shipped runs add up to their energy, their latency and their bytes', async () => {
  const reports: readonly Report[] = [...(await attentionRuns()), await flashRun('flash-attention-3')];
  const runs = labelReports(reports);
  const unitOf = (chart: BarChart): number => {
    const prefix = /\((m|µ|n|p)?(?:s|J)\)/.exec(chart.y.title)![1];
    return { m: 1e-3, µ: 1e-6, n: 1e-9, p: 1e-12 }[prefix ?? ''] ?? 1;
  };
  const energy = energyBreakdown(runs)!;
  const time = timeBreakdown(runs)!;
  runs.forEach(({ report }, i) => {
    expect(sumOf(energy.groups[i]!.values) * unitOf(energy)).toBeCloseTo(report.energy_j, 12);
    expect((sumOf(time.groups[i]!.values) * unitOf(time)) / report.latency_s).toBeCloseTo(1, 9);
  });
  for (const run of runs) {
    const alone = timeBreakdown([run])!;
    for (const group of alone.groups)
      expect((sumOf(group.values) * unitOf(alone)) / run.report.latency_s).toBeCloseTo(1, 9);
    for (const group of trafficBreakdown([run])!.groups) expect(sumOf(group.values)).toBeCloseTo(100, 6);
  }
});

test('the analytic model has no schedule: it is told how long a resource is not busy, and has no stalls', () => {
  const analytic = { ...toy, model: 'analytic', stalls_cycles: null } as const;
  const runs = [{ report: analytic, label: 'tiled' }];
  expect(bar(timeBreakdown(runs), 'Array')).toEqual({
    Z: expect.closeTo(0.512, 9),
    'not busy': expect.closeTo(1.488, 9),
  });
  expect(stallBreakdown(runs)).toBeUndefined();
});

test('nothing has no figure', () => {
  for (const figure of [
    energyBreakdown,
    timeBreakdown,
    trafficBreakdown,
    stallBreakdown,
    utilizationChart,
    speedupChart,
  ])
    expect(figure([])).toBeUndefined();
  expect(scalingChart(one, 'L')).toBeUndefined();
});

test('runs are called what tells them apart, and no more', () => {
  const quick = { ...toy, mapping: 'fused' };
  const labels = (reports: readonly Report[], options = {}) => labelReports(reports, options).map((r) => r.label);
  expect(labels([toy])).toEqual(['tiled']);
  expect(labels([toy, quick])).toEqual(['tiled', 'fused']);
  expect(labels([toy, { ...toy, hardware: 'other' }])).toEqual(['toy', 'other']);
  const long = { ...toy, workload: { ...toy.workload, M: 8, N: 16 } };
  // One size is enough where all of them change.
  expect(labels([toy, long])).toEqual(['K=16, M=4', 'K=16, M=8'].map((l) => l.replace('K=16, ', '')));
  expect(labels([toy, long, quick])).toEqual(['tiled, M=4', 'tiled, M=8', 'fused, M=4']);
  expect(labels([toy, toy])).toEqual(['tiled', 'tiled (2)']);
  expect(labels([toy, long, quick], { apartFromSizes: true })).toEqual(['tiled', 'tiled', 'fused']);
});

test('lines of a scaling go through the runs of their label, beside n and n² from where they begin', () => {
  const at = (N: number, latency_s: number): LabelledReport => ({
    report: { ...toy, workload: { ...toy.workload, N }, latency_s },
    label: 'tiled',
  });
  const chart = scalingChart([at(16, 4e-6), at(8, 2e-6), at(32, 16e-6)], 'N')!;
  expect(chart.series).toEqual([
    {
      name: 'tiled',
      points: [
        { x: 8, y: 2 },
        { x: 16, y: 4 },
        { x: 32, y: 16 },
      ],
    },
  ]);
  const [linear, square] = chart.guides!;
  expect(linear!.points[1]).toEqual({ x: 32, y: 8 });
  // It would leave the frame: 2 µs x 16 is above 20.
  expect(square!.points[1]!.y).toBeCloseTo(20, 9);
});
