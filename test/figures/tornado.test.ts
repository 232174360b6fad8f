import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderSvg } from '../../src/figures/svg.ts';
import { layoutTornado, type Tornado, type TornadoPanel } from '../../src/figures/tornado.ts';
import { tornadoFigure } from '../../src/figures/tornado-figure.ts';
import { normalised } from '../report/fixtures.ts';

const latency: TornadoPanel = {
  title: 'latency_s = 0.1138 (minimize)',
  x: 'change of latency_s (%)',
  rows: [
    { label: 'BW = 278 GB/s', lower: { label: '264 GB/s', change: 1.5 }, higher: { label: '292 GB/s', change: 0 } },
    { label: 'PES = 128 (kink)', lower: { label: '121', change: 59.4 }, higher: { label: '135', change: -3.1 } },
    { label: 'P0 = 128 (kink)', lower: { label: '121', change: 4.5 }, higher: { label: '135', change: 20 } },
    { label: 'SLICE = 8', lower: { label: '7', change: -0.2 }, higher: { label: 'no higher', change: undefined } },
  ],
  note: `Less than 0.01%: ${Array.from({ length: 30 }, (_, i) => `PARAMETER_${i}`).join(', ')}`,
};

const tornado: Tornado = {
  title: 'What to change first: <a design>',
  subtitle: ['At point 27: PES = 128, BW = 278 GB/s', 'Moved one at a time, 5% each way'],
  source: 'Made up',
  panels: [latency, { title: 'energy_j = 5 (minimize)', x: 'change of energy_j (%)', rows: [] }],
};

test('drawing', async () => {
  const svg = await renderSvg(tornadoFigure(tornado));
  expect(svg).toContain('What to change first: &lt;a design&gt;');
  await expect(normalised(svg)).toMatchFileSnapshot('tornado.svg');
});

test('rows go from the longest to the shortest, and bars that point the same way share one', () => {
  const { rows, x } = layoutTornado(latency);
  expect(rows.map(({ label }) => label.split(' ')[0])).toEqual(['PES', 'P0', 'BW', 'SLICE']);
  expect(rows.map(({ bars }) => bars.map(({ band }) => band))).toEqual([
    ['whole', 'whole'],
    ['upper', 'under'],
    ['whole', 'whole'],
    ['whole', 'whole'],
  ]);
  // What does not change, or is not there, stands on the other side.
  expect(rows[2]!.bars.map(({ direction }) => direction)).toEqual([1, -1]);
  expect(rows[3]!.bars.map(({ direction }) => direction)).toEqual([-1, 1]);
  expect(x[0]).toBeLessThanOrEqual(-3.1);
  expect(x[1]).toBeGreaterThanOrEqual(59.4);
});

test('bars never lie over each other, and point to where they end', () => {
  const change = fc.option(fc.constantFrom(-20, -1, 0, 1, 20), { nil: undefined });
  fc.assert(
    fc.property(change, change, (lower, higher) => {
      const side = (value: number | undefined) => ({ label: 'x', change: value });
      const row = { label: 'x', lower: side(lower), higher: side(higher) };
      const [a, b] = layoutTornado({ title: '', x: '', rows: [row] }).rows[0]!.bars;
      for (const { to, direction } of [a, b]) expect(to * direction).toBeGreaterThanOrEqual(0);
      expect([a.band, b.band]).toEqual(a.direction === b.direction ? ['upper', 'under'] : ['whole', 'whole']);
      if (a.direction === b.direction) expect(a.to * b.to).toBeGreaterThan(0);
    }),
  );
});
