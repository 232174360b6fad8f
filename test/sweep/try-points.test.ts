import { expect, test } from 'vitest';
import { gatherTexts } from '../../src/sweep/gather-texts.ts';
import { type OpenSweep, openSweep } from '../../src/sweep/open-sweep.ts';
import { describeTrial, missingMetrics, tryPoints } from '../../src/sweep/try-points.ts';
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
  const text = describeTrial(sweep, trial, 2, 100);
  expect(text).toContain('over-capacity');
  expect(text).toContain('on 2 threads');
});

test('a metric that no machine has is told', async () => {
  const sweep = await open();
  const missing = missingMetrics(sweep, await tryPoints(sweep));
  expect(missing.map((d) => [d.severity, d.code, d.message.includes('traffic_bytes.L2')])).toEqual([
    ['warning', 'unknown-metric', true],
  ]);
  const failing = await open({ param: { PE_DIM: 'PES / 16' } });
  expect(missingMetrics(failing, await tryPoints(failing))).toEqual([]);
});
