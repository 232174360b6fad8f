import { expect, test } from 'vitest';
import type { PlacedMapping } from '../../src/mapper/placed.ts';
import { wholeEnvironment } from '../../src/mapper/tile.ts';
import { shapeOf } from '../../src/models/likeness.ts';
import { loopsInside, reachOf } from '../../src/models/reach.ts';
import { forEachRun } from '../../src/models/runs.ts';
import { countTraffic } from '../../src/models/traffic.ts';
import { must, place, shipped, shippedMachine, workloadOf } from '../mapper/inputs.ts';
import { countAccesses } from '../oracles/access-counter.ts';

const h100 = await shippedMachine('h100-sxm');

type Sizes = Readonly<Record<string, number>>;

const windowed = (sizes: Sizes, rows: number, warpgroup: number): PlacedMapping => {
  const text = shipped('mappings', 'flash-attention-3.map')
    .text.replace('ROWS = 128', `ROWS = ${rows}`)
    .replace('WARPGROUP = 64', `WARPGROUP = ${warpgroup}`);
  const all = { B: 1, H: 2, E: 3, F: 2, CAUSAL: 1, ...sizes };
  return must(place(text, workloadOf('attention-1-pass', all), h100));
};

/** Blocks of queries that keep step with tiles of keys and that do not, windows of many tiles and of less than one. */
test.each([
  [{ P: 40, M: 40, M0: 4, WINDOW: 9 }, 4, 2],
  [{ P: 37, M: 45, M0: 4, WINDOW: 6 }, 8, 4],
  [{ P: 45, M: 37, M0: 3, WINDOW: 7 }, 4, 2],
  [{ P: 32, M: 32, M0: 8, WINDOW: 3 }, 4, 3],
  [{ P: 40, M: 40, M0: 4, WINDOW: 9, CAUSAL: 0 }, 8, 4],
])('the bytes under a window are those of a walk over every iteration: %o', (sizes, rows, warpgroup) => {
  const p = windowed(sizes, rows, warpgroup);
  const { movements, computes } = countTraffic(p);
  const walked = countAccesses(p);
  expect(movements.map((m) => m.fill_bytes)).toEqual(walked.filled);
  expect(movements.map((m) => m.drain_bytes)).toEqual(walked.drained);
  expect(computes.map((c) => c.read_bytes)).toEqual(walked.reads);
  expect(computes.map((c) => c.write_bytes)).toEqual(walked.writes);
});

/** Sliding and strided windows, groups that thread blocks take whole and in parts, tiles that come out even and that do not. */
test.each([
  [{ Z: 37, WZ: 9, ZM: 4, D: 1 }, { QZ: 8 }],
  [{ Z: 32, WZ: 8, SZ: 4, ZM: 4, D: 1, MASKED: 0 }, { QZ: 8 }],
  [
    { Y: 12, WY: 5, YM: 2, Z: 16, WZ: 6, ZM: 4, D: 2 },
    { QY: 2, QZ: 4 },
  ],
  [
    { Y: 13, WY: 6, SY: 4, YM: 3, Z: 10, WZ: 4, SZ: 2, ZM: 2, D: 2 },
    { QY: 2, QZ: 4 },
  ],
  [
    { X: 5, WX: 3, XM: 2, Y: 6, WY: 3, YM: 2, Z: 8, WZ: 3, ZM: 2 },
    { QX: 1, QY: 2, QZ: 4 },
  ],
])('the bytes of neighbourhood attention are those of a walk over every iteration: %o', (sizes, parameters) => {
  const workload = workloadOf('neighborhood-attention', { B: 1, H: 2, E: 3, F: 2, ...sizes });
  const p = must(place(shipped('mappings', 'fna.map').text, workload, h100, parameters));
  const { movements, computes } = countTraffic(p);
  const walked = countAccesses(p);
  expect(movements.map((m) => m.fill_bytes)).toEqual(walked.filled);
  expect(movements.map((m) => m.drain_bytes)).toEqual(walked.drained);
  expect(computes.map((c) => c.read_bytes)).toEqual(walked.reads);
  expect(computes.map((c) => c.write_bytes)).toEqual(walked.writes);
});

test('blocks of queries under a window are alike, however many there are', () => {
  const runs = (P: number): readonly number[] => {
    const p = windowed({ P, M: P, M0: 128, WINDOW: 300 }, 128, 64);
    const loop = p.grids[0]!.at(-1)!;
    const einsums = p.computes.filter((c) => c.above.includes(loop)).map((c) => c.einsum);
    const lengths: number[] = [];
    const visit = (_first: number, length: number): void => {
      lengths.push(length);
    };
    const shape = shapeOf(einsums, p.workload.tensors);
    forEachRun(loop, shape, wholeEnvironment(p.workload), visit, reachOf(einsums, loopsInside(loop.block)));
    return lengths;
  };
  // The first blocks see fewer keys: 1, 2 and 3 tiles and, from the fourth on, 4.
  expect(runs(2048)).toEqual([1, 1, 1, 13]);
  expect(runs(2 ** 20)).toEqual([1, 1, 1, 8189]);
});
