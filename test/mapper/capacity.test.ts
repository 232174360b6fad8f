import { describe, expect, test } from 'vitest';
import { keepBytes, overCapacity, requiredBytes } from '../../src/mapper/capacity.ts';
import type { PlacedMapping } from '../../src/mapper/placed.ts';
import { must, place, shippedMachine, workloadOf } from './inputs.ts';

const fusemax = await shippedMachine('fusemax');
const h100 = await shippedMachine('h100-sxm');

/** Bytes by level. */
const required = (p: PlacedMapping): Readonly<Record<string, number>> =>
  Object.fromEntries(requiredBytes(p).map((bytes, l) => [p.machine.levels[l]!.name, bytes]));

const bytesOf = (p: PlacedMapping, tensor: string): readonly number[] =>
  p.keeps.filter((k) => p.workload.tensors[k.tensor]!.name === tensor).map((k) => keepBytes(p, k));

const gemm = (sizes: Readonly<Record<string, number>>, body: string, machine = fusemax): PlacedMapping =>
  must(place(`mapping m\n${body}`, workloadOf('gemm', sizes), machine));

describe('bytes that a mapping needs', () => {
  test('are tiles in as many stages as they have', () => {
    const p = gemm(
      { M: 100, N: 90, K: 70 },
      `  keep A, B, Z in DRAM
  for m by 32
    keep A in GlobalBuffer
    for n by 64
      keep B in GlobalBuffer stages 3
      keep Z in RF2D stages 2
      compute Z on Array2D (rows m, columns n)`,
    );
    expect(required(p)).toEqual({
      DRAM: 2 * (100 * 70 + 70 * 90 + 100 * 90),
      GlobalBuffer: 2 * (32 * 70 + 3 * 70 * 64),
      RF2D: 2 * (2 * 32 * 64),
      RF1D: 0,
    });
  });

  test('are no more than the tensor, whatever the tile', () => {
    const p = gemm(
      { M: 3, N: 5, K: 7 },
      `  keep A, B, Z in DRAM
  for m by 32
    for m by 64
      keep A in GlobalBuffer
      compute Z on Array2D (rows m, columns n)`,
    );
    expect(required(p)['GlobalBuffer']).toBe(2 * 3 * 7);
  });

  const twoPhases = (schedule: string, first = '', second = ''): PlacedMapping =>
    must(
      place(
        `mapping m
  keep Q, K, V, QK, GM, SN, SD, A, AV in DRAM
  for h ${schedule}
    for p by 8 ${first}
      keep Q in GlobalBuffer stages 2
      compute QK on Array2D (rows m, columns p)
    compute GM on Array1D (lanes m)
    compute SN on Array1D (lanes m)
    compute SD on Array1D (lanes m)
    compute A on Array1D (lanes m)
    for p by 8 ${second}
      keep A in GlobalBuffer
      compute AV on Array2D (rows m, columns p)`,
        workloadOf('attention-3-pass', { B: 1, H: 2, P: 16, M: 32, E: 4, F: 4 }),
        fusemax,
      ),
    );
  const q = 2 * 8 * 4;
  const a = 2 * 8 * 32;

  test('of branches in sequence are those of the largest, beside what is fetched ahead', () => {
    expect(required(twoPhases('sequence'))['GlobalBuffer']).toBe(q + Math.max(q, a));
  });
  test('of branches in a pipeline, or trailing, add up', () => {
    expect(required(twoPhases('pipeline 2'))['GlobalBuffer']).toBe(2 * q + a);
    expect(required(twoPhases('sequence', '', 'trailing'))['GlobalBuffer']).toBe(2 * q + a);
  });

  const inPlace = (keeps: string): PlacedMapping =>
    must(
      place(
        `mapping m
  keep Q, K, V, AV in DRAM
  for p by 8
    keep GM, SD in GlobalBuffer
${keeps}
    compute QK on Array2D (rows m, columns p)
    compute GM on Array1D (lanes m)
    compute SN on Array1D (lanes m)
    compute SD on Array1D (lanes m)
    compute A on Array1D (lanes m)
    compute AV on Array2D (rows m, columns p)`,
        workloadOf('attention-3-pass', { B: 1, H: 1, P: 16, M: 32, E: 4, F: 4 }),
        fusemax,
      ),
    );

  test('of tensors that lie over each other are those of the largest, with its stages', () => {
    const vectors = 2 * 2 * 8;
    expect(required(inPlace('    keep QK, SN, A in GlobalBuffer stages 2'))['GlobalBuffer']).toBe(6 * a + vectors);
    const p = inPlace('    keep QK in GlobalBuffer stages 2\n    keep SN, A in GlobalBuffer over QK');
    expect(required(p)['GlobalBuffer']).toBe(2 * a + vectors);
    expect(p.keeps.filter((k) => k.room.length === 3).map((k) => k.stages)).toEqual([2, 2, 2]);
  });

  test('of what spills are there in part; the rest of a home is further out', () => {
    const p = inPlace(`    keep QK in GlobalBuffer spill 1/8 to DRAM
    keep SN, A in GlobalBuffer over QK spill 1/4 to DRAM`);
    expect(required(p)).toMatchObject({
      DRAM: 2 * 4 * (16 + 32 + 32 + 16) + a / 4,
      GlobalBuffer: (a * 7) / 8 + 2 * 2 * 8,
    });
  });

  test('of a shared keep in a grid count the tiles that neighbouring steps touch', () => {
    const p = (n: number, dispatch = ''): PlacedMapping =>
      gemm(
        { M: 64 * 200, N: n, K: 16 },
        `  keep A, B, Z in HBM
  for m by 64 across SM
    keep A in L2
    for n by 16 across SM ${dispatch}
      compute Z on TensorCore (m m, n n, k k)`,
        h100,
      );
    // One row block a step: 132 instances are at 132 of them; 10 steps a row block: at 15 at most.
    expect(bytesOf(p(16), 'A')[1]).toBe(132 * 2 * 64 * 16);
    expect(bytesOf(p(160), 'A')[1]).toBe((Math.floor((132 + 10 - 2) / 10) + 1) * 2 * 64 * 16);
    expect(bytesOf(p(160, 'static'), 'A')).toEqual(bytesOf(p(160), 'A'));
    // Two steps of each instance are under way.
    expect(bytesOf(p(160, 'persistent pipeline 2'), 'A')[1]).toBe((Math.floor((264 + 10 - 2) / 10) + 1) * 2 * 64 * 16);
    // Shares of 15 steps are anywhere in the grid.
    for (const dispatch of ['longest', 'contiguous']) expect(bytesOf(p(160, dispatch), 'A')[1]).toBe(200 * 2 * 64 * 16);
  });
});

describe('the largest tile', () => {
  const cascade = (index: string, size: string): string => `cascade c
  rank P, W
  rank X = ${size}
  input A[X] : fp16
  output Y[P]

  Y[p] = sum(w) A[${index}]
`;
  const tile = (index: string, size: string, step: number, sizes = { P: 12, W: 3 }): number => {
    const p = must(
      place(
        `mapping m\n  keep A, Y in DRAM\n  for p by ${step}\n    keep A in GlobalBuffer\n    compute Y on Array1D (lanes p)\n`,
        workloadOf(cascade(index, size), sizes),
        fusemax,
      ),
    );
    return bytesOf(p, 'A')[1]! / 2;
  };

  test('of a window has a border', () => {
    expect(tile('p+w', 'P + W - 1', 4)).toBe(4 + 3 - 1);
    expect(tile('2*p+w', '2*P + W', 4)).toBe(2 * 3 + 3);
  });
  test('is not the first one, where that is clipped', () => {
    expect(tile('p-w+1', 'P', 4)).toBe(4 + 3 - 1);
  });
  test('of a quotient is that of the worst beginning', () => {
    // Steps of 2 begin at 0 and 2 of groups of 4, never across; steps of 3 do.
    expect(tile('(p+w) div 4', 'P', 2, { P: 12, W: 1 })).toBe(1);
    expect(tile('(p+w) div 4', 'P', 3, { P: 12, W: 1 })).toBe(2);
    expect(tile('(p+w) div 4', 'P', 8, { P: 16, W: 1 })).toBe(2);
  });

  test('of packed elements may be part of a byte', () => {
    const workload = workloadOf('cascade c\n  rank P\n  input A[P] : int4\n  output Y[P]\n\n  Y[p] = A[p] * A[p]\n', {
      P: 9,
    });
    const p = must(place('mapping m\n  keep A, Y in DRAM\n  compute Y on Array1D (lanes p)\n', workload, fusemax));
    expect(bytesOf(p, 'A')).toEqual([4.5]);
  });
});

test('what is too much by a byte is told in bytes', () => {
  expect(overCapacity('L2', 3 * 2 ** 20, 2 ** 21)).toBe('the tiles kept in "L2" need 3 MiB, but it has 2 MiB');
  expect(overCapacity('L2', 2 ** 21 + 2, 2 ** 21)).toBe('the tiles kept in "L2" need 2097154 B, but it has 2097152 B');
});
