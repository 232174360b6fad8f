import { expect, test, vi } from 'vitest';
import { gatherTexts } from '../../src/sweep/gather-texts.ts';
import { type OpenSweep, openSweep } from '../../src/sweep/open-sweep.ts';
import { describeTrial, doubts, type Trial, tryPoints } from '../../src/sweep/try-points.ts';
import { must } from '../mapper/inputs.ts';

async function open(changes: object = {}): Promise<OpenSweep> {
  const experiment = {
    schema: 'attnsim-sweep/1',
    name: 'trial',
    axes: [
      { name: 'PES', values: [16, 64, 256] },
      { name: 'L', values: [1024, 4096] },
    ],
    cascade: 'attention-1-pass',
    hardware: 'fusemax',
    mapping: 'fusemax-binding',
    workload: 'bert-base',
    set: { P: 'L', M: 'L' },
    param: { PE_DIM: 'PES' },
    metrics: ['latency_s', 'utilization.Array2D', 'traffic_bytes.L2'],
    constraints: ['latency_s < 0.01'],
    ...changes,
  };
  const texts = must(await gatherTexts({ name: 'sweep.json', text: JSON.stringify(experiment) }, '.'));
  return must(await openSweep(texts));
}

test('points that are tried are counted by what becomes of them', async () => {
  const sweep = await open();
  const trial = await tryPoints(sweep);
  expect(trial.evaluated).toBe(sweep.points);
  expect(trial.rows.ok + trial.rows.excluded + trial.rows.failed).toBe(trial.evaluated);
  expect(Math.min(...Object.values(trial.rows))).toBeGreaterThan(0);
  // 16 x 16 PEs are too few for the scores of a tile of keys, whatever the length.
  expect(trial.failures).toHaveLength(1);
  expect(trial.failures[0]).toMatchObject({ code: 'over-capacity', rows: trial.rows.failed });
  expect(trial.failures[0]!.example).toContain('"RF2D"');
  expect(trial.seconds).toBeGreaterThan(0);
  const text = describeTrial(sweep, trial, 2, { width: 100 });
  expect(text).toContain('over-capacity');
  expect(text).toContain('on 2 threads');
});

test('a metric that no machine has is told, and points none of which is legal', async () => {
  const sweep = await open();
  const missing = doubts(sweep, await tryPoints(sweep));
  expect(missing.map((d) => [d.severity, d.code, d.message.includes('traffic_bytes.L2')])).toEqual([
    ['warning', 'unknown-metric', true],
  ]);
  const failing = await open({ param: { PE_DIM: 'PES / 16' } });
  const [told, ...others] = doubts(failing, await tryPoints(failing));
  expect(others).toEqual([]);
  expect([told!.severity, told!.code]).toEqual(['warning', 'empty-space']);
  expect(told!.message).toBe('none of 6 points that were tried can be run');
});

/** Tries a sweep of so many points, each of which takes so long. */
async function trySlow(sweep: OpenSweep, points: number, seconds: number): Promise<Trial> {
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => 1000 * now);
  const evaluate: OpenSweep['evaluate'] = async ({ first, count }) => {
    const rows = await sweep.evaluate({ first: 0, count: Math.min(count, sweep.points) });
    now += seconds * rows.points.length;
    return { ...rows, range: { first, count } };
  };
  const trial = await tryPoints({ ...sweep, points, evaluate });
  clock.mockRestore();
  return trial;
}

test('where a point takes long, few are tried, however many there are', async () => {
  const sweep = await open();
  expect((await trySlow(sweep, 1_000_000, 3)).tried).toBe(1);
  expect((await trySlow(sweep, 1_000_000, 0.5)).tried).toBeLessThan(10);
});

test('points that a condition excludes take no time, and one point is evaluated by one thread', async () => {
  const axes = [{ name: 'PES', values: [64, 256, ...Array.from({ length: 62 }, (_, i) => 300 + i)] }];
  const parts = { axes, set: { P: '4096', M: '4096' }, constraints: [] };
  const few = await open({ ...parts, where: ['PES < 300'] });
  const trial = { ...(await tryPoints(few)), seconds: 40 };
  expect(trial).toMatchObject({ tried: 64, evaluated: 2 });
  expect(describeTrial(few, trial, 2, { width: 100 })).toContain('about 40 s for all on 2 threads');
  expect(describeTrial(few, trial, 1, { width: 100 })).toContain('about 1 min 20 s for all on one thread');
  const one = await open({ ...parts, where: ['PES == 64'] });
  const text = describeTrial(one, { ...(await tryPoints(one)), seconds: 40 }, 2, { width: 100 });
  expect(text).toContain('of 1 point that was tried');
  expect(text).toContain('about 40 s for all on 2 threads');
});
