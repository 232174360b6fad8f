import { describe, expect, test } from 'vitest';
import { packageFile } from '../../src/files.ts';
import { openLibrary, openStopwatch } from '../../src/validate/library.ts';
import type { Run } from '../../src/validate/suite.ts';

const sizes = { B: 1, H: 3, P: 700, M: 900, E: 64, F: 64, M0: 64 };
const runs: readonly Run[] = [
  { cascade: 'flash-attention', hardware: 'h100-sxm', mapping: 'fa3', workload: undefined, sizes, parameters: {} },
  {
    cascade: 'flash-attention',
    hardware: 'a100-sxm-80gb',
    mapping: 'fa2',
    workload: undefined,
    sizes: { ...sizes, CAUSAL: 1 },
    parameters: { ROWS: '64' },
  },
];
const changes = [
  {},
  { MATRIX_FRACTION: '0.6', HBM_FRACTION: '0.7' },
  { OVERLAP: '0.1', LAUNCH: '20 us', BLOCK_START: '4000 cycles', VECTOR_COST: '2.5' },
  { POWER_SCALE: '3', POWER_WINDOW: '0.001 ms' },
];

describe.each(runs)('$mapping on $hardware', (run) => {
  const library = openLibrary(packageFile);
  const stopwatch = openStopwatch(packageFile);
  test.each(changes)('counted once, it takes with %o what it takes when it is evaluated anew', async (parameters) => {
    // The first placement is the one that is counted.
    await stopwatch.seconds(run, {});
    const whole = await library.evaluate(
      { ...run, parameters: { ...run.parameters, ...parameters } },
      { model: 'analytic', accounting: 'physical' },
    );
    const seconds = await stopwatch.seconds(run, parameters);
    expect(seconds.ok && seconds.value).toBeCloseTo(whole.ok ? whole.value.metrics.board.time_s : Number.NaN, 12);
    expect(whole.ok).toBe(true);
  });
});
