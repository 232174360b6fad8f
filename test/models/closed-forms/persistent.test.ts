import { describe, expect, test } from 'vitest';
import { cyclesOf, stream } from './tiny.ts';

/** Steps of a grid on two cores, each with a port of its own: 4 cycles to load a tile, 4 to use it. */

const run = (steps: number, loop: string, stages: number, latency = 0): Promise<number> =>
  cyclesOf({
    cascade: stream,
    sizes: { N: 4 * steps },
    mapping: `
  keep X, Y in DRAM
  for n by 4 across Core ${loop}
    keep X in Core stages ${stages}
    compute Y on Vector
`,
    machine: { CORES: 2, BANDWIDTH: '1e12 B/cycle', LATENCY: `${latency} cycles` },
    corePort: '1 B/cycle',
  });

describe('persistent instances', () => {
  test.each([2, 3, 10, 101])('%i steps: the next tile comes while this one is used', async (steps) => {
    const each = Math.ceil(steps / 2);
    for (const dispatch of ['dynamic', 'static', 'longest', 'contiguous']) {
      expect(await run(steps, dispatch, 2)).toBe(each * (4 + 4));
      expect(await run(steps, `${dispatch} persistent pipeline 2`, 2)).toBe(4 + each * 4);
    }
  });

  test('nothing overlaps in a sequence, without a second buffer, or without the word', async () => {
    for (const [loop, stages] of [
      ['persistent', 2],
      ['persistent pipeline 1', 2],
      ['persistent pipeline 2', 1],
      ['pipeline 2', 2],
    ] as const)
      expect(await run(20, loop, stages), loop).toBe(10 * (4 + 4));
  });

  // On the way 8 cycles: a stage is taken for 16, and so many tiles come in each 16 cycles (Little's law).
  test.each([
    { inFlight: 2, each: [16, 20, 32, 36, 48, 52] },
    { inFlight: 3, each: [16, 20, 24, 32, 36, 40] },
    { inFlight: 4, each: [16, 20, 24, 28, 32, 36] },
  ])('$inFlight steps under way bring as many tiles a round, in rows of any length', async ({ inFlight, each }) => {
    const loop = `persistent pipeline ${inFlight}`;
    for (const [i, cycles] of each.entries()) expect(await run(2 * (i + 1), loop, inFlight, 8)).toBe(cycles);
    for (const length of [25, 26, 27])
      expect(await run(2 * length, loop, inFlight, 8)).toBe(
        16 * Math.floor((length - 1) / inFlight) + 16 + 4 * ((length - 1) % inFlight),
      );
  });
});
