import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crosses, overlap, placeLabel, type Rect, textWidth } from '../../src/figures/label-placement.ts';
import { legendRows } from '../../src/figures/legend.ts';
import { axisTexts } from '../../src/figures/roofline-axes.ts';
import { rooflineData } from '../../src/figures/roofline-data.ts';
import { rooflineFigure } from '../../src/figures/roofline-figure.ts';
import { placeRooflineLabels } from '../../src/figures/roofline-labels.ts';
import { layoutRoofline, type RooflinePlot } from '../../src/figures/roofline-layout.ts';
import { rooflineLegend } from '../../src/figures/roofline-legend.ts';
import { marksOf, rooflineScene } from '../../src/figures/roofline-scene.ts';
import { renderSvg } from '../../src/figures/svg.ts';
import { buildReport } from '../../src/report/report.ts';
import { normalised, toyRoofline, toyRun } from '../report/fixtures.ts';
import { runs } from '../runs.ts';

const one: RooflinePlot = {
  machines: [
    {
      name: 'fusemax',
      peak_ops_per_s: 123.2e12,
      levels: [{ name: 'DRAM', bandwidth_bytes_per_s: 429.5e9 }],
      ceilings: [{ label: 'Array1D always busy', ops_per_s: 66e12 }],
    },
    {
      name: 'h100-sxm',
      peak_ops_per_s: 989.4e12,
      levels: [
        { name: 'HBM', bandwidth_bytes_per_s: 3.35e12 },
        { name: 'L2', bandwidth_bytes_per_s: 9.3e12 },
      ],
      ceilings: [],
    },
  ],
  points: [
    { label: 'binding', machine: 0, achieved_ops_per_s: 57e12, intensities_ops_per_byte: [32700] },
    { label: 'flash-attention-3', machine: 1, achieved_ops_per_s: 640e12, intensities_ops_per_byte: [8100, 250] },
  ],
};

const crowded: RooflinePlot = {
  title: 'Many runs',
  machines: one.machines.map((m) => ({ ...m, levels: m.levels.slice(0, 1) })),
  points: Array.from({ length: 7 }, (_, i) => ({
    label: `run ${i}`,
    machine: i % 2,
    achieved_ops_per_s: (5 + i) * 1e12,
    intensities_ops_per_byte: [60 + 20 * i],
  })),
};

const draw = (plot: RooflinePlot): Promise<string> => renderSvg(rooflineFigure(plot));

test.each([
  ['two-machines', one],
  ['crowded', crowded],
])('drawing: %s', async (name, plot) => {
  await expect(normalised(await draw(plot))).toMatchFileSnapshot(`roofline-${name}.svg`);
});

test('the same data draw the same bytes', async () => {
  expect(await draw(one)).toBe(await draw(one));
});

test('names that are markup stay text', async () => {
  const machine = { ...one.machines[0]!, name: '<script>&' };
  const svg = await draw({ machines: [machine], points: [] });
  expect(svg).not.toContain('<script>');
  expect(svg).toContain('&lt;script&gt;&amp;');
});

test('ridge points are peak over bandwidth, on the roof', () => {
  const layout = layoutRoofline(one);
  expect(layout.ridges.map((r) => r.x)).toEqual([123.2e12 / 429.5e9, 989.4e12 / 3.35e12, 989.4e12 / 9.3e12]);
  for (const slope of layout.slopes) {
    const bandwidth = one.machines[slope.machine]!.levels[slope.level]!.bandwidth_bytes_per_s;
    expect(slope.line.y1 / slope.line.x1).toBeCloseTo(bandwidth, 0);
    expect(slope.line.y2).toBe(one.machines[slope.machine]!.peak_ops_per_s);
  }
});

test('every ridge and point lies inside the axes, and slopes are cut at them', () => {
  const { x, y, ridges, slopes } = layoutRoofline(crowded);
  for (const spot of ridges) expect(spot.x > x[0] && spot.x < x[1] && spot.y > y[0] && spot.y < y[1]).toBe(true);
  for (const p of crowded.points) expect(p.achieved_ops_per_s).toBeGreaterThan(y[0]);
  for (const { line } of slopes) expect(line.x1 >= x[0] && line.y1 >= y[0] * (1 - 1e-12)).toBe(true);
});

test('points that a log-log plot cannot show are left out', async () => {
  const points = [
    { label: 'idle', machine: 0, achieved_ops_per_s: 0, intensities_ops_per_byte: [10] },
    { label: 'no traffic', machine: 0, achieved_ops_per_s: 1e12, intensities_ops_per_byte: [undefined] },
  ];
  const svg = await draw({ machines: one.machines, points });
  expect(svg).not.toContain('idle');
  expect(svg).not.toMatch(/NaN|Infinity/);
});

const rate = fc.double({ min: 1e6, max: 1e16, noNaN: true });
const machine = fc.record({
  name: fc.stringMatching(/^[a-z0-9-]{1,20}$/),
  peak_ops_per_s: rate,
  levels: fc.array(fc.record({ name: fc.constantFrom('DRAM', 'L2'), bandwidth_bytes_per_s: rate }), {
    minLength: 1,
    maxLength: 3,
  }),
  ceilings: fc.array(fc.record({ label: fc.constant('exp'), ops_per_s: rate }), { maxLength: 2 }),
});
const intensity = fc.double({ min: 1e-4, max: 1e8, noNaN: true });
const point = fc.record({
  label: fc.string({ maxLength: 30 }),
  machine: fc.constant(0),
  achieved_ops_per_s: rate,
  intensities_ops_per_byte: fc.array(intensity, { minLength: 1, maxLength: 3 }),
});
const plots = fc.record({
  machines: fc.array(machine, { minLength: 1, maxLength: 4 }),
  points: fc.array(point, { maxLength: 8 }),
});

test('any machines and runs: everything is inside the axes, and no coordinate is NaN', async () => {
  await fc.assert(
    fc.asyncProperty(plots, async (data) => {
      const { x, y, ridges } = layoutRoofline(data);
      for (const r of ridges) expect(r.x >= x[0] && r.x <= x[1] && r.y >= y[0] && r.y <= y[1]).toBe(true);
      for (const p of data.points)
        for (const i of p.intensities_ops_per_byte) expect(i >= x[0] && i <= x[1]).toBe(true);
      expect(await draw(data)).not.toMatch(/NaN|Infinity|undefined/);
    }),
    { numRuns: runs(25) },
  );
});

test('any machines and runs, at any width: no two labels overlap, and none leaves the frame or covers a mark', () => {
  const widths = fc.constantFrom(320, 380, 600, 860, 1400);
  fc.assert(
    fc.property(plots, widths, (data, width) => {
      const area = { left: 60, right: width - 20, top: 40, bottom: 340 };
      const scene = rooflineScene(data, area);
      const { labels, unplaced, isNumbered } = placeRooflineLabels(scene);
      const marks = marksOf(scene);
      const level = scene.lines.map((l) => l.at).filter((l) => l.y1 === l.y2);
      for (const { lines, boxes, degrees, bold } of labels) {
        // Numbers of runs and ridges are too short to be struck out.
        if (degrees !== 0 || (bold && isNumbered) || lines.at(-1)!.endsWith('FLOP/B')) continue;
        expect(level.some((l) => crosses(l, boxes[0]!))).toBe(false);
      }
      labels.forEach(({ boxes, leader }, i) => {
        for (const other of labels.slice(0, i))
          expect(leader !== undefined && other.boxes.some((b) => crosses(leader, b))).toBe(false);
        for (const box of boxes) {
          expect(box.x >= area.left && box.x + box.width <= area.right).toBe(true);
          expect(box.y >= area.top && box.y + box.height <= area.bottom).toBe(true);
          expect(marks.some((mark) => overlap(box, mark))).toBe(false);
          for (const other of labels.slice(0, i)) expect(other.boxes.some((b) => overlap(box, b))).toBe(false);
        }
      });
      // What has no label is in the legend.
      const legend = rooflineLegend(scene, { labels, unplaced, isNumbered: true }, width).flat();
      expect(legend.filter(({ mark }) => mark !== undefined).length).toBeGreaterThanOrEqual(
        data.machines.length + unplaced.slopes.length + unplaced.ceilings.length + scene.points.length,
      );
    }),
    { numRuns: runs(60) },
  );
});

test('runs whose marks look like one share a label, unless they have numbers', () => {
  const [first, second] = one.points;
  const alike = { ...first!, label: 'simulated', achieved_ops_per_s: 57.01e12 };
  const area = { left: 60, right: 840, top: 40, bottom: 500 };
  const names = (points: RooflinePlot['points']) =>
    placeRooflineLabels(rooflineScene({ ...one, points }, area)).labels.flatMap(({ lines, bold }) =>
      bold ? lines : [],
    );
  expect(names([first!, second!, alike])).toEqual([
    'binding, simulated',
    '57 TFLOP/s, 46% of the roof',
    'flash-attention-3',
    '640 TFLOP/s, 65% of the roof',
  ]);
  // The same place, but not on the same machine or as fast.
  expect(names([first!, { ...alike, achieved_ops_per_s: 57.4e12 }])).toContain('simulated');
  expect(names([first!, { ...alike, machine: 1 }])).toContain('simulated');
  expect(names([first!, second!, alike, alike, alike])).toEqual(['1', '2', '3', '4', '5']);
});

test('names that have commas are kept apart where runs share a text', () => {
  const point = { ...one.points[0]!, label: 'binding, cycle model' };
  const scene = rooflineScene(
    { ...one, points: [point, { ...point, label: 'binding, analytic model' }] },
    { left: 60, right: 840, top: 40, bottom: 500 },
  );
  const [together] = placeRooflineLabels(scene).labels.filter(({ bold }) => bold);
  expect(together?.lines[0]).toBe('binding, cycle model; binding, analytic model');
});

test('a ceiling just under another has its label in the legend, not above the other', () => {
  const [first] = one.machines;
  const ceilings = [1.5, 1.4].map((factor) => ({ label: `at ${factor}`, ops_per_s: factor * first!.peak_ops_per_s }));
  const scene = rooflineScene(
    { machines: [{ ...first!, ceilings }], points: [] },
    { left: 60, right: 840, top: 40, bottom: 500 },
  );
  const { labels, unplaced } = placeRooflineLabels(scene);
  expect(labels.map(({ lines }) => lines[0])).toContain('at 1.5: 185 TFLOP/s');
  expect(unplaced.ceilings).toEqual([1]);
});

test('long texts of a legend go on in rows below, so that numbers at their ends are there', () => {
  const label = `SFU always busy with exp (${'flash-attention-2, cycle model; '.repeat(2)}flash-attention-3): 1.66 PFLOP/s`;
  const mark = { kind: 'line', colour: 'blue' } as const;
  const rows = legendRows(
    [
      { label: 'short', mark },
      { label, mark },
      { label: 'short', mark },
    ],
    320,
  );
  expect(rows.map((row) => row.map((text) => text.mark !== undefined))).toEqual([
    [true],
    [true],
    [false],
    [false],
    [true],
  ]);
  const lines = rows.slice(1, -1).map((row) => row[0]!.label);
  expect(lines.join(' ').replace('- ', '-')).toBe(label);
  // But for endless ones.
  const endless = legendRows([{ label: 'word '.repeat(200), mark }], 320);
  expect(endless).toHaveLength(3);
  expect(endless.at(-1)?.[0]?.label).toMatch(/…$/);
});

test.each([
  ['little under the peak', 5e12, 'TFLOP/s', '0.5'],
  ['far under it', 40e6, 'GFLOP/s', '0.01'],
])('the unit of performance is one in which the least is no tiny fraction: %s', (_, achieved, unit, least) => {
  const points = [{ ...one.points[0]!, achieved_ops_per_s: achieved }];
  const plot = { machines: [{ ...one.machines[0]!, peak_ops_per_s: 23e12, ceilings: [] }], points };
  const { y, yTicks } = axisTexts(plot, layoutRoofline(plot));
  expect(y).toBe(`Performance (${unit})`);
  expect(yTicks[0]).toBe(least);
});

test('an arrow leads from the run before to the run after, and a run without one has none', () => {
  const [first, second] = one.points;
  const area = { left: 60, right: 840, top: 40, bottom: 500 };
  const { arrows, points } = rooflineScene({ ...one, points: [first!, { ...second!, from: 0 }] }, area);
  expect(arrows).toHaveLength(1);
  const [{ at, from, to }] = arrows as [(typeof arrows)[number]];
  expect([from, to]).toEqual([0, 1]);
  // It ends short of both marks, on the line between them.
  const [a, b] = [points[0]!.outer, points[1]!.outer];
  const whole = Math.hypot(b.x - a.x, b.y - a.y);
  expect(Math.hypot(at.x2 - at.x1, at.y2 - at.y1)).toBeCloseTo(whole - 22, 6);
  expect(rooflineScene(one, area).arrows).toEqual([]);
});

test('a label avoids marks, other labels and the frame before lines', () => {
  const box = (x: number): Rect => ({ x, y: 0, width: 10, height: 10 });
  const candidate = (x: number) => ({ boxes: [box(x)], place: x, penalty: 0 });
  const frame = { x: 0, y: 0, width: 100, height: 10 };
  const obstacles = { boxes: [box(0)], marks: [box(20)], lines: [{ x1: 45, y1: 0, x2: 45, y2: 10 }], frame };
  expect(placeLabel([candidate(-5), candidate(5), candidate(25), candidate(40)], obstacles)).toBe(40);
  // What was placed is in the way of what comes next.
  expect(placeLabel([candidate(40), candidate(60)], obstacles)).toBe(60);
});

test('a segment crosses a box only where it passes through', () => {
  const box = { x: 0, y: 0, width: 10, height: 10 };
  expect(crosses({ x1: -5, y1: -5, x2: 15, y2: 15 }, box)).toBe(true);
  expect(crosses({ x1: 2, y1: 2, x2: 3, y2: 3 }, box)).toBe(true);
  expect(crosses({ x1: -5, y1: 6, x2: 6, y2: 17 }, box)).toBe(false);
  expect(crosses({ x1: -5, y1: 11, x2: 15, y2: 11 }, box)).toBe(false);
});

test('wide letters are wider than narrow ones, and twice the size is twice the width', () => {
  expect(textWidth('MMM', 12)).toBeGreaterThan(textWidth('iii', 12));
  expect(textWidth('DRAM', 24)).toBe(2 * textWidth('DRAM', 12));
});

test('plot data come from reports: one machine for two runs on it, a ceiling where a unit allows less than the peak', () => {
  const report = buildReport(toyRun);
  const alone = rooflineData([{ report, label: 'tiled' }]);
  // 0.512 GFLOP/s with the array busy 25.6% of the time: 2 GFLOP/s if it were always busy.
  expect(alone?.machines[0]?.ceilings).toEqual([{ label: 'Array always busy with mac', ops_per_s: 2e9 }]);
  expect(alone?.points).toEqual([
    { label: 'tiled', machine: 0, achieved_ops_per_s: 0.512e9, intensities_ops_per_byte: [3.2] },
  ]);
  const pair = rooflineData([
    { report, label: 'a' },
    { report: buildReport({ ...toyRun, machine: { ...toyRun.machine, parameters: new Map() } }), label: 'b' },
    { report, label: 'c' },
  ]);
  expect(pair?.machines).toHaveLength(2);
  expect(pair?.points.map((p) => p.machine)).toEqual([0, 1, 0]);
});

test('a unit that would allow more than the peak has its ceiling above it, unless that is far', () => {
  const report = buildReport(toyRun);
  const [array, peak] = [2e9, toyRoofline.peak_ops_per_s];
  const ceilings = (share: number, lanes: Record<string, number> = { add: 1, exp: 8, max: 3 }) =>
    rooflineData([
      {
        report: {
          ...report,
          utilization: { ...report.utilization, Lanes: share },
          busy_cycles_by_operator: { ...report.busy_cycles_by_operator, Lanes: lanes },
        },
        label: 'tiled',
      },
    ])?.machines[0]?.ceilings.filter((c) => c.ops_per_s !== array);
  // 0.512 GFLOP/s achieved.
  const [near, far] = [1.5 * peak, 4.5 * peak].map((rate) => 0.512e9 / rate);
  expect(ceilings(near!)).toEqual([{ label: 'Lanes always busy with exp, max', ops_per_s: 1.5 * peak }]);
  expect(ceilings(far!)).toEqual([]);
  // Half of its time is for what is not named.
  const many = { exp: 10, add: 3, max: 3, mul: 3, sub: 1 };
  expect(ceilings(near!, many)?.[0]?.label).toBe('Lanes always busy with exp and others');
});

test('a machine of the same name and parameters with another peak has a roof of its own', () => {
  const report = buildReport(toyRun);
  const other = buildReport({ ...toyRun, rooflines: [{ ...toyRoofline, peak_ops_per_s: 8e9 }] });
  const plot = rooflineData([
    { report, label: 'a' },
    { report: other, label: 'b' },
  ])!;
  expect(plot.machines.map((m) => [m.name, m.peak_ops_per_s])).toEqual([
    [`${report.hardware} (a)`, toyRoofline.peak_ops_per_s],
    [`${report.hardware} (b)`, 8e9],
  ]);
  expect(plot.title).toBe(`Roofline of ${report.hardware}`);
});

test('runs without a roofline cannot be plotted', () => {
  const report = buildReport({ ...toyRun, rooflines: [] });
  expect(rooflineData([{ report, label: 'x' }])).toBeUndefined();
});

test('with many runs only the outermost level is drawn', () => {
  const inner = { ...toyRoofline, level: 'Buffer', bandwidth_bytes_per_s: 16e9, ridge_ops_per_byte: 2 };
  const report = buildReport({ ...toyRun, rooflines: [toyRoofline, inner] });
  const runs = ['a', 'b', 'c', 'd'].map((label) => ({ report, label }));
  expect(rooflineData(runs.slice(0, 3))?.machines[0]?.levels).toHaveLength(2);
  expect(rooflineData(runs)?.machines[0]?.levels).toHaveLength(1);
});
