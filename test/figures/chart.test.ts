import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linearTicks, logTicks } from '../../src/figures/axes.ts';
import { type BarChart, layoutBars } from '../../src/figures/bar-layout.ts';
import { axisDomain, isDrawable } from '../../src/figures/chart.ts';
import { type Chart, chartFigure } from '../../src/figures/chart-figure.ts';
import { type LineChart, layoutLines } from '../../src/figures/line-layout.ts';
import { fontSize } from '../../src/figures/style.ts';
import { renderSvg } from '../../src/figures/svg.ts';
import { normalised } from '../report/fixtures.ts';
import { runs } from '../runs.ts';
import { cutTexts } from './cut-texts.ts';

const facts = { title: 'A chart', source: 'Made up' };
const lengths = ['1K', '4K', '16K'];

const grouped: BarChart = {
  ...facts,
  kind: 'bars',
  y: { title: 'Speed-up', scale: 'log' },
  series: ['a', 'b', 'c'],
  groups: ['BERT', 'XLM'].flatMap((section, s) =>
    lengths.map((label, l) => ({ section, label, values: [1.5 + l, undefined, 10 - s] })),
  ),
  references: [{ label: 'unfused', value: 1 }],
};

const stacked: BarChart = {
  ...facts,
  kind: 'bars',
  stacked: true,
  y: { title: 'Share of the time', scale: 'linear', domain: [0, 1] },
  series: ['QK', 'LM', 'SLNV'],
  groups: lengths.map((label, l) => ({ label, values: [0.4, 0.1 * l, 0.3] })),
};

const lines: LineChart = {
  ...facts,
  kind: 'lines',
  x: {
    title: 'Length (tokens)',
    scale: 'log',
    ticks: [1024, 4096].map((value) => ({ value, text: `${value / 1024}K` })),
  },
  y: { title: 'Latency (ms)', scale: 'log' },
  series: [
    {
      name: 'one',
      points: [
        { x: 1024, y: 1, label: 'first' },
        { x: 4096, y: 16, label: 'second' },
      ],
    },
    {
      name: 'two',
      dashed: true,
      points: [
        { x: 1024, y: 1.1, label: 'beside' },
        { x: 4096, y: 14 },
        { x: 0, y: 3 },
      ],
    },
  ],
};

const diagonal = (y: number) => ({ x: y * 256, y });

const scatter: LineChart = {
  ...lines,
  x: { title: 'Area (cm²)', scale: 'linear' },
  y: { title: 'Latency (s)', scale: 'linear' },
  series: lines.series.map((s) => ({ ...s, joined: false })),
  guides: [
    { name: 'equal', points: [diagonal(0), diagonal(16)] },
    { dashed: true, points: [diagonal(4), diagonal(8), { x: 4096, y: 8 }] },
  ],
};

const draw = (chart: Chart): Promise<string> => renderSvg(chartFigure(chart));

test.each(Object.entries({ grouped, stacked, lines, scatter }))('drawing: %s', async (name, chart) => {
  await expect(normalised(await draw(chart))).toMatchFileSnapshot(`chart-${name}.svg`);
});

test('stacked bars stand on each other, grouped ones beside each other on the foot of the axis', () => {
  const third = layoutBars(stacked).bars.slice(-3);
  expect(third.map((b) => [b.from, b.to])).toEqual([
    [0, 0.4],
    [0.4, 0.4 + 0.2],
    [0.4 + 0.2, 0.4 + 0.2 + 0.3],
  ]);
  expect(new Set(third.map((b) => b.x)).size).toBe(1);
  const first = layoutBars(grouped).bars.slice(0, 2);
  // What is undefined has no bar, but its place stays empty.
  expect(first.map((b) => [b.series, b.from, b.to])).toEqual([
    [0, 1, 1.5],
    [2, 1, 10],
  ]);
  expect(first[1]!.x - first[0]!.x).toBeCloseTo(2 * first[0]!.width, 12);
});

test('neighbours of one section are under one name', () => {
  const { sections, groups } = layoutBars(grouped);
  expect(sections.map((s) => s.label)).toEqual(['BERT', 'XLM']);
  expect(groups.filter((g) => g.middle > sections[1]!.from)).toHaveLength(3);
});

test('points that an axis has no place for are left out', () => {
  expect(layoutLines(lines).points[1]).toHaveLength(2);
  expect(layoutLines(scatter).points[1]).toHaveLength(3);
});

test('linear ticks are round numbers, logarithmic ones powers of ten with what is between', () => {
  expect(linearTicks([0, 0.9]).map((t) => t.text)).toEqual(['0', '0.2', '0.4', '0.6', '0.8']);
  expect(linearTicks([8e6, 14e6]).map((t) => t.text)).toEqual([
    '8e6',
    '9e6',
    '1e7',
    '1.1e7',
    '1.2e7',
    '1.3e7',
    '1.4e7',
  ]);
  expect(
    linearTicks([8e5, 12e5])
      .map((t) => t.text)
      .slice(-3),
  ).toEqual(['1.1e6', '1.15e6', '1.2e6']);
  expect(logTicks([1, 1000]).filter((t) => t.major)).toHaveLength(4);
  expect(
    logTicks([1, 10])
      .filter((t) => t.major)
      .map((t) => t.text),
  ).toEqual(['1', '2', '5', '10']);
  const long = logTicks([1e-21, 1e9]).filter((t) => t.major);
  expect(long).toHaveLength(11);
  expect(long.slice(-2).map((t) => t.text)).toEqual(['1e6', '1e9']);
});

test('names of narrow sections are slanted, and whole', async () => {
  const names = ['SharedMemory', 'TensorMemory', 'GlobalBuffer', 'Registers', 'DRAM'];
  const groups = names.flatMap((section) => ['a', 'b'].map((label) => ({ section, label, values: [1] })));
  const svg = await renderSvg(chartFigure({ ...grouped, references: [], series: ['x'], groups }, { width: 320 }));
  for (const name of names) expect(svg).toMatch(new RegExp(`rotate[^>]*>${name}</text>`));
});

test('slanted names that would cover each other are every second, third, ... of them', async () => {
  const groups = Array.from({ length: 30 }, (_, i) => ({ label: `mapping-number-${i}`, values: [i + 1] }));
  const svg = await renderSvg(chartFigure({ ...grouped, references: [], series: ['x'], groups }, { width: 380 }));
  const at = [...svg.matchAll(/rotate\(-40,? ?([\d.]+)/g)].map(([, x]) => Number(x));
  expect(at.length).toBeGreaterThan(5);
  const across = Math.sin((40 * Math.PI) / 180);
  for (const [i, x] of at.slice(1).entries()) expect((x - at[i]!) * across).toBeGreaterThan(fontSize.tick);
});

test('names that are markup stay text', async () => {
  const svg = await draw({ ...grouped, series: ['<script>&', 'b', 'c'] });
  expect(svg).not.toContain('<script>');
  expect(svg).toContain('&lt;script&gt;&amp;');
});

/** Values of sizes that results have, and what is none. */
const value = fc.oneof(
  fc.double({ min: 1e-9, max: 1e12, noNaN: true }),
  fc.double({ min: -1e12, max: -1e-9, noNaN: true }),
  fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY),
);

test('an axis without a domain of its own holds all that it can draw, and is never empty', () => {
  const axis = fc.constantFrom({ title: '', scale: 'linear' } as const, { title: '', scale: 'log' } as const);
  fc.assert(
    fc.property(axis, fc.array(value), (a, values) => {
      const [from, to] = axisDomain(a, values);
      expect(from).toBeLessThan(to);
      for (const v of values.filter((v) => isDrawable(a, v)))
        expect(v >= from - 1e-8 * Math.abs(v) && v <= to + 1e-8 * Math.abs(v)).toBe(true);
    }),
  );
});

test('any values: no coordinate is NaN', async () => {
  const scale = fc.constantFrom('linear' as const, 'log' as const);
  const bars = fc.record({ scale, stacked: fc.boolean(), values: fc.array(fc.array(value, { maxLength: 3 })) });
  await fc.assert(
    fc.asyncProperty(bars, fc.array(fc.record({ x: value, y: value, label: fc.string() })), async (b, points) => {
      const groups = b.values.map((values, i) => ({ label: String(i), values }));
      const y = { title: 'y', scale: b.scale };
      const chart: Chart = { ...grouped, stacked: b.stacked && b.scale === 'linear', y, groups };
      expect(await draw(chart)).not.toMatch(/NaN|Infinity|undefined/);
      const series = [{ name: 'one', points }];
      expect(await draw({ ...lines, x: { ...lines.x, scale: b.scale }, y, series })).not.toMatch(/NaN|Infinity/);
    }),
    { numRuns: runs(25) },
  );
});

test('any names at any width: no text leaves a chart, but those that are slanted', async () => {
  const name = fc.stringMatching(/^[A-Za-z0-9 _-]{1,40}$/);
  const names = fc.array(name, { minLength: 1, maxLength: 9 });
  const texts = fc.record({
    title: name,
    source: name,
    y: name,
    series: names,
    groups: names,
    isStacked: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(texts, fc.constantFrom(320, 380, 860), async (t, width) => {
      const bars: BarChart = {
        kind: 'bars',
        stacked: t.isStacked,
        title: `${t.title} ${t.title} ${t.title}`,
        source: `${t.source} ${t.source} ${t.source}`,
        y: { title: t.y, scale: 'linear' },
        series: t.series,
        groups: t.groups.map((label, i) => ({
          label,
          section: t.groups[i % 2]!,
          values: t.series.map((_, k) => i + k),
          texts: t.series.map((_, k) => `${i + k}`),
        })),
      };
      const points = t.groups.map((label, i) => ({ x: i, y: i * 1e5, label }));
      const series = t.series.map((s) => ({ name: s, points }));
      const axes = { x: { title: t.source, scale: 'linear' }, y: { title: t.y, scale: 'linear' } } as const;
      const drawn: LineChart = { kind: 'lines', title: t.title, source: t.source, ...axes, series: series.slice(0, 2) };
      for (const chart of [bars, drawn]) {
        const figure = chartFigure(chart, { width });
        expect(cutTexts(await renderSvg(figure), figure.size)).toEqual([]);
      }
    }),
    { numRuns: runs(20) },
  );
});

test('a text that leaves a figure is found', () => {
  expect(cutTexts('<text x="-5" y="20">left</text><text x="50" y="20">in</text>', { width: 100, height: 50 })).toEqual([
    'left',
  ]);
});
