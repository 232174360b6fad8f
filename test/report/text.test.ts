import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Metrics, StallCause } from '../../src/models/metrics.ts';
import { compareModels } from '../../src/report/comparison.ts';
import {
  bytesText,
  capacityText,
  countText,
  engineering,
  intensityText,
  percentText,
  quantityText,
  rateText,
  signedPercent,
  significant,
} from '../../src/report/quantity-text.ts';
import { buildReport } from '../../src/report/report.ts';
import { limitText, stallTable } from '../../src/report/stall-text.ts';
import { compareReports, summarizeReport } from '../../src/report/summary.ts';
import { renderPairs, renderTable } from '../../src/report/table.ts';
import { tensorText } from '../../src/report/tensor-text.ts';
import { type Dimension, units } from '../../src/units.ts';
import { wrapText } from '../../src/wrap-text.ts';
import { toyRun } from './fixtures.ts';

const dimensionOf = (unit: string): Dimension => units.get(unit)!.dimension;

test.each([
  [quantityText(17616077, dimensionOf('KiB')), '16.80 MiB'],
  [quantityText(700e12, dimensionOf('W')), '700 W'],
  [quantityText(3.9, dimensionOf('J')), '3.900 pJ'],
  [quantityText(1.83e9, dimensionOf('GHz')), '1.830 GHz'],
  [quantityText(9.5e-6, dimensionOf('s')), '9.500 µs'],
  [quantityText(2411, dimensionOf('cycle')), '2411 cycle'],
  [engineering(2.0081e-3, 's'), '2.008 ms'],
  [engineering(0, 'J'), '0 J'],
  [engineering(999.96, 'Hz'), '1 kHz'],
  [engineering(999.94, 'Hz'), '999.9 Hz'],
  [engineering(1, 's'), '1 s'],
  [engineering(3.9e-12, 'J'), '3.900 pJ'],
  [engineering(Number.POSITIVE_INFINITY, 'B/s'), 'inf B/s'],
  [countText(1_887_436_800, 'cycles'), '1.887 Gcycles'],
  [countText(0.5, 'cycles'), '0.5 cycles'],
  [countText(9999, 'cycles'), '9999 cycles'],
  [bytesText(402_653_184), '402.7 MB'],
  [capacityText(196_608), '192 KiB'],
  [capacityText(1023), '1023 B'],
  [capacityText(null), 'unlimited'],
  [capacityText(16 * 2 ** 20), '16 MiB'],
  [percentText(0.96512), '96.5%'],
  [percentText(0.0004), '0.04%'],
  [percentText(0), '0.0%'],
  [percentText(4e-5), '<0.01%'],
  [signedPercent(0.0041), '+0.4'],
  [signedPercent(-2e-5), '-0.002'],
  [signedPercent(-0.1256), '-12.6'],
  [rateText(989.4e12, 'FLOP/s'), '989 TFLOP/s'],
  [rateText(3.35e12, 'B/s'), '3.35 TB/s'],
  [significant(0.96512, 3), '0.965'],
  [intensityText(28149.7), '28150 FLOP/B'],
  [intensityText(3.2), '3.200 FLOP/B'],
  [intensityText(286.86), '286.9 FLOP/B'],
  [intensityText(123456), '123500 FLOP/B'],
])('%s', (text, expected) => {
  expect(text).toBe(expected);
});

test('a number with a prefix is the number, to four digits', () => {
  const factors: Record<string, number> = {
    f: 1e-15,
    p: 1e-12,
    n: 1e-9,
    µ: 1e-6,
    m: 1e-3,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    T: 1e12,
    P: 1e15,
    E: 1e18,
  };
  fc.assert(
    fc.property(fc.double({ min: 1e-14, max: 1e20, noNaN: true }), (value) => {
      const [digits, unit] = engineering(value, 's').split(' ');
      const factor = unit === 's' ? 1 : factors[unit!.slice(0, -1)]!;
      expect(Number(digits) * factor).toBeGreaterThan(value * (1 - 6e-4));
      expect(Number(digits) * factor).toBeLessThan(value * (1 + 6e-4));
    }),
  );
});

test('columns are aligned, and titles set the least width', () => {
  const table = renderTable(
    [{ title: 'unit' }, { title: 'busy', align: 'right' }],
    [
      ['Array2D', '96.5%'],
      ['SFU', '4.0%'],
    ],
  );
  expect(table).toBe(['unit      busy', '-------  -----', 'Array2D  96.5%', 'SFU       4.0%', ''].join('\n'));
});

test('no line of a wrapped table is longer than the terminal', () => {
  const word = fc.stringMatching(/^[a-z]{1,15}$/);
  const text = fc.array(word, { maxLength: 20 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(word, text, text), { maxLength: 5 }),
      fc.integer({ min: 45, max: 120 }),
      (rows, width) => {
        const columns = [{ title: 'name' }, { title: 'what', wrap: true }, { title: 'why', wrap: true }];
        const lines = renderTable(columns, rows, { width }).split('\n');
        expect(Math.max(...lines.map((l) => l.length))).toBeLessThanOrEqual(width);
        // Nothing is lost: every word of the second column is still there, in order.
        for (const [, what] of rows) for (const w of what.split(' ')) expect(lines.join(' ')).toContain(w);
      },
    ),
  );
});

test('a word longer than the line is cut, everything else breaks at spaces', () => {
  expect(wrapText('a abcdefgh b', 4)).toEqual(['a', 'abcd', 'efgh', 'b']);
  expect(wrapText('', 4)).toEqual(['']);
});

test('wrapped values stand under each other', () => {
  expect(
    renderPairs(
      [
        ['a', 'one two three four'],
        ['long', 'x'],
      ],
      { width: 20 },
    ),
  ).toBe(['a     one two three', '      four', 'long  x', ''].join('\n'));
});

test('the summary of a run', async () => {
  await expect(summarizeReport(buildReport(toyRun))).toMatchFileSnapshot('summary.expected.txt');
});

test('runs side by side', async () => {
  const report = buildReport(toyRun);
  const slow = { ...report, latency_s: 4e-6, latency_cycles: 4000, roofline: null };
  const text = compareReports([
    { title: 'now', report },
    { title: 'no roofline', report: slow },
  ]);
  await expect(text).toMatchFileSnapshot('compare.expected.txt');
});

/** A run of so many cycles, at 1 GHz. */
const lasting = (latency_cycles: number) => ({
  latency_cycles,
  board: { ...toyRun.metrics.board, time_s: latency_cycles * 1e-9 },
});

const analytic = buildReport({
  ...toyRun,
  metrics: {
    ...toyRun.metrics,
    model: 'analytic',
    ...lasting(1600),
    stalls: undefined,
    difference: undefined,
  },
});

test('both models side by side, and why they differ', async () => {
  await expect(compareModels(analytic, buildReport(toyRun))).toMatchFileSnapshot('models.expected.txt');
});

test('whatever the rounding, the cycles between the estimate and the simulation add up', () => {
  const amount = fc.nat(2 ** 30).map((ticks) => ticks / 1024);
  fc.assert(
    fc.property(fc.record({ work: amount, beyond: amount, operand: amount, tail: amount }), (parts) => {
      const latency_cycles = parts.work + parts.beyond + parts.operand + parts.tail + 1;
      const stalls = new Map<StallCause, number>([
        ['operand', parts.operand],
        ['slot', 1],
        ['tail', parts.tail],
      ]);
      const d = { ...toyRun.metrics.difference!, work_cycles: parts.work, beyond_cycles: parts.beyond, stalls };
      const report = buildReport({
        ...toyRun,
        metrics: { ...toyRun.metrics, ...lasting(latency_cycles), difference: d },
      });
      const lines = compareModels(analytic, report).split('\n');
      const cycles = (from: RegExp): number[] =>
        lines
          .filter((l) => from.test(l))
          .map((l) => Number(/ (-?[\d,]+) +-?[\d.]+ .?s /.exec(l)![1]!.replaceAll(',', '')));
      const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
      expect(sum(cycles(/^ {2}(analytic estimate|- )/))).toBe(cycles(/= work of/)[0]);
      expect(sum(cycles(/^ {2}(= work of|\+ )/))).toBe(cycles(/= simulated/)[0]);
    }),
  );
});

test('what every resource does', async () => {
  await expect(stallTable(buildReport(toyRun))).toMatchFileSnapshot('stalls.expected.txt');
});

const limitOf = (change: Partial<Metrics>): string =>
  limitText(buildReport({ ...toyRun, metrics: { ...toyRun.metrics, ...change } }));

test.each([
  [
    'a unit',
    limitOf({
      bound: {
        resource: 'Array',
        kind: 'compute',
        operands_from: new Map([
          ['GM', ['Lanes']],
          ['SN', ['Lanes', 'SFU']],
          ['SD', ['Lanes']],
        ]),
      },
    }),
    'Array (compute): busy 25.6% of the time, waits 70.0% for results not computed yet (GM and SD of Lanes, SN of Lanes and SFU), 4.4% with nothing left to do',
  ],
  [
    'a port',
    limitOf({}),
    'DRAM.read (bandwidth): busy 75.0% of the time, waits 15.0% for a free slot of a buffer, 0.8% for results not computed yet, 9.3% with nothing left to do',
  ],
  [
    'too few instances',
    limitOf({
      bound: { resource: 'Lanes', kind: 'latency', operands_from: new Map() },
      busy_cycles: new Map([['Lanes', { cycles: 1600, instances: 4, used: 1, kind: 'unit', slowdown: undefined }]]),
      stalls: new Map([
        [
          'Lanes',
          new Map<StallCause, number>([
            ['transfer', 400],
            ['idle', 6000],
          ]),
        ],
      ]),
    }),
    'latency; busiest is Lanes: 1 of 4 in use, busy 80.0% of the time, waits 20.0% for data on its way',
  ],
  ['a model without a schedule', limitText(analytic), 'DRAM.read (bandwidth): busy 93.8% of the time'],
])('the sentence of what limits a run: %s', (_, text, expected) => {
  expect(text).toBe(expected);
});

test('a small tensor is printed whole, with holes where elements do not exist', () => {
  const tensor = { name: 'QK', ranks: ['P', 'M'], shape: [2, 2], values: [1, 9, 0.25, -2], exists: [1, 0, 1, 1] };
  expect(tensorText(tensor)).toBe(
    [
      'QK[P=2, M=2], min -2, max 1, mean -0.25, 3 of 4 elements exist',
      '  [0]     1     .',
      '  [1]  0.25    -2',
      '',
    ].join('\n'),
  );
});

test('a large tensor is summed up on one line', () => {
  const values = Array.from({ length: 100 }, (_, i) => i);
  const tensor = { name: 'Z', ranks: ['M'], shape: [100], values, exists: values.map(() => 1) };
  expect(tensorText(tensor)).toBe('Z[M=100], min 0, max 99, mean 49.5\n');
});
