import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordedRun } from '../../src/cli/recorded-run.ts';
import { renderSvg } from '../../src/figures/svg.ts';
import { type RecordedRun, type TimelineData, timelineData } from '../../src/figures/timeline-data.ts';
import { timelineFigure } from '../../src/figures/timeline-figure.ts';
import type { PlacedMapping } from '../../src/mapper/placed.ts';
import { type ChroniclePart, chronicleOf } from '../../src/models/cycle/chronicle.ts';
import { type Simulation, simulateCycles } from '../../src/models/cycle/simulate.ts';
import { recordTimeline, type Timeline } from '../../src/models/cycle/timeline.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { machineResources } from '../../src/models/resources.ts';
import { anyTriple } from '../arbitraries/triple/triple.ts';
import { must, place, shipped, shippedMachine, workloadOf } from '../mapper/inputs.ts';
import { foldLoop, runLoop, type Step, timelineOf } from '../models/cycle/pipeline.ts';
import { normalised } from '../report/fixtures.ts';
import { endOnFailure, runs } from '../runs.ts';

const placed = must(
  place(
    `mapping tiles
  keep A, B, Z in DRAM
  for n by 128 pipeline 2
    keep B in GlobalBuffer stages 2
    compute Z on Array2D (rows m, columns n)
`,
    workloadOf('gemm', { M: 512, N: 512, K: 64 }),
    await shippedMachine('fusemax'),
  ),
);
const keep = placed.keeps.find((k) => k.parent !== undefined)!;

const steps: readonly Step[] = [
  { kind: 'fill', resource: 0, hold: 40, latency: 7, waits: [], keep, bytes: 100 },
  { kind: 'drain', resource: 1, hold: 61, latency: 0, waits: [{ step: 0, back: 0 }], keep, bytes: 100 },
];
const operations = runLoop(steps, 100, 2);
const whole = timelineOf(operations);
const folded = foldLoop(operations, 2, 2)!;

const blockOf = (timeline: Timeline): ChroniclePart => {
  const scene = { label: '', around: { placed, outside: new Set([keep]), above: [] }, timeline: () => timeline };
  return { kind: 'block', ticks: timeline.ticks, sum: [{ scene, times: 1 }] };
};

const runOf = (...parts: readonly ChroniclePart[]): RecordedRun => ({
  resources: [
    { name: 'DRAM.read', level: 'DRAM' },
    { name: 'DRAM.write', level: 'DRAM' },
    { name: 'Array2D', level: 'RF2D' },
  ],
  clock_hz: 1e9,
  ticksPerCycle: 1,
  nameOf: () => 'B',
  chronicle: chronicleOf(parts),
});

/** What is wrong with rows of slices. */
function mistakesOf({ rows, from_cycles, to_cycles }: TimelineData): readonly string[] {
  const slices = rows.reduce((sum, row) => sum + row.slices.length, 0);
  return [
    ...(slices > 2000 ? [`${slices} slices`] : []),
    ...rows.flatMap((row) =>
      row.slices.flatMap((slice, i) => {
        const least = row.slices[i - 1]?.to_cycles ?? from_cycles;
        const isRight =
          slice.from_cycles >= least && slice.to_cycles > slice.from_cycles && slice.to_cycles <= to_cycles;
        const isBusy = slice.busy_cycles > 0 && slice.busy_cycles <= slice.to_cycles - slice.from_cycles;
        return isRight && isBusy ? [] : [`${row.name}: slice ${i}`];
      }),
    ),
  ];
}

const busyOf = (data: TimelineData, name: string): number =>
  (data.rows.find((row) => row.name === name)?.busy_share ?? 0) * (data.to_cycles - data.from_cycles);

describe('over a whole run', () => {
  test.each(['small', 'long'] as const)('units and ports are as busy as the simulator says: %s', (size) => {
    const isAlone = ({ grids }: PlacedMapping): boolean => grids.length === 0;
    fc.assert(
      fc.property(
        anyTriple(size).filter(({ placed: p }) => isAlone(p)),
        ({ placed: p }) => {
          const simulation = simulateCycles(p);
          const { ticks, ticksPerCycle, usage } = simulation;
          const data = timelineData(recordedRun(p, simulation, p.machine.clock_hz), { from: 0, to: ticks })!;
          expect(mistakesOf(data)).toEqual([]);
          machineResources(p.machine).names.forEach((name, r) => {
            expect(busyOf(data, name) * ticksPerCycle, name).toBeCloseTo(usage[r]!.busy, 3);
          });
        },
      ),
      { numRuns: runs(30), endOnFailure },
    );
  });
});

describe('the steady state', () => {
  test('is some periods in the middle of what repeats', () => {
    const data = timelineData(runOf(blockOf(folded)))!;
    const { times, ticks, end } = folded.folds[0]!;
    expect(data.period).toEqual({ loop: 'm', cycles: ticks, times: times + 1 });
    expect(data.to_cycles - data.from_cycles).toBe(3 * ticks);
    expect((data.from_cycles - end) % ticks).toBe(0);
    expect(Math.abs(data.from_cycles + data.to_cycles - whole.ticks) / 2).toBeLessThan(3 * ticks);
    // A drain of 61 is what a period takes, and a fill of 40 goes on beside it.
    expect(data.rows.map((row) => [row.name, row.busy_share])).toEqual([
      ['DRAM.read', 40 / 61],
      ['DRAM.write', 1],
    ]);
    expect(mistakesOf(data)).toEqual([]);
  });

  test('is that of the block that takes most of the run, in the middle of its repetitions', () => {
    const short = timelineOf(runLoop(steps, 2, 2));
    const repeat: ChroniclePart = { kind: 'repeat', times: 9, chronicle: chronicleOf([blockOf(folded)]) };
    const data = timelineData(runOf(blockOf(short), repeat))!;
    const alone = timelineData(runOf(blockOf(folded)))!;
    expect(data.from_cycles).toBe(short.ticks + 4 * folded.ticks + alone.from_cycles);
    expect(data.rows.map((r) => r.busy_share)).toEqual(alone.rows.map((r) => r.busy_share));
  });

  test('where nothing repeats, all is shown that is not long', () => {
    const data = timelineData(runOf(blockOf(whole)))!;
    expect(data).toMatchObject({ from_cycles: 0, to_cycles: whole.ticks, subjects: ['B'] });
    expect(data.period).toBeUndefined();
  });
});

test('what was not kept cannot be drawn, and what runs before it can', () => {
  const { observer, finish } = recordTimeline(30);
  for (const o of operations) observer.onOperation!(o);
  observer.onEnd!(whole.ticks);
  const run = runOf(blockOf(finish()));
  expect(timelineData(run, { from: 0, to: whole.ticks })).toBeUndefined();
  const early = { from: 0, to: operations[20]!.start };
  expect(timelineData(run, early)).toEqual(timelineData(runOf(blockOf(whole)), early));
});

test('a launch has a row of its own, and slices say what they waited for', () => {
  const data = timelineData(runOf({ kind: 'launch', ticks: 100 }, blockOf(whole)), { from: 0, to: 300 })!;
  expect(data.rows.at(-1)).toMatchObject({ name: 'grid', slices: [{ from_cycles: 0, to_cycles: 100, kind: 'grid' }] });
  expect(data.subjects).toContain('launch');
  expect(data.rows[1]!.slices[0]!.waited).toBe('data on its way (fill B)');
});

async function shippedRun(
  cascade: string,
  machine: string,
  mapping: string,
  sizes: Readonly<Record<string, number>>,
): Promise<TimelineData> {
  const text = shipped('mappings', `${mapping}.map`).text;
  const p = must(place(text, workloadOf(cascade, sizes), await shippedMachine(machine)));
  let simulation: Simulation | undefined;
  const { board } = evaluateMapping(p, 'cycle', {
    onSimulated: (s) => {
      simulation = s;
    },
  });
  return timelineData(recordedRun(p, simulation!, board.clock_hz))!;
}

describe('drawing', () => {
  test('FuseMax: both arrays are always busy', async () => {
    const sizes = { B: 1, H: 2, P: 4096, M: 4096, E: 64, F: 64 };
    const data = await shippedRun('attention-1-pass', 'fusemax', 'fusemax-binding', sizes);
    expect(data.period?.loop).toBe('p');
    expect(Math.min(...data.rows.filter((r) => r.name.startsWith('Array')).map((r) => r.busy_share))).toBeGreaterThan(
      0.95,
    );
  });

  test('FlashAttention-3: one warpgroup has its softmax below the products of the other', async () => {
    const sizes = { B: 1, H: 16, P: 4096, M: 4096, E: 128, F: 128, M0: 128 };
    const data = await shippedRun('attention-1-pass', 'h100-sxm', 'flash-attention-3', sizes);
    expect(data.period?.loop).toBe('m1');
    expect(data.across).toEqual({ level: 'SM', instances: 132 });
    const svg = await renderSvg(timelineFigure(data, 'flash-attention-3 <b>&', { width: 380 }));
    expect(svg).toContain('flash-attention-3 &lt;b&gt;&amp;');
    await expect(normalised(svg)).toMatchFileSnapshot('timeline-flash-attention-3.svg');
    // The figure of the documents.
    const shown = await renderSvg(timelineFigure(data, 'flash-attention-3 of attention-1-pass on h100-sxm'));
    await expect(shown).toMatchFileSnapshot('../../docs/timeline.svg');
  });

  test('nothing at all', async () => {
    const data = timelineData(runOf(blockOf(whole)), { from: 1, to: 2 })!;
    const svg = await renderSvg(timelineFigure({ ...data, rows: [] }, 'nothing'));
    expect(svg).not.toContain('NaN');
  });
});
