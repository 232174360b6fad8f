import { describe, expect, test } from 'vitest';
import type { Keep, PlacedMapping } from '../../src/mapper/placed.ts';
import { codesOf, must, place, shipped, shippedMachine, workloadOf } from './inputs.ts';

const fusemax = await shippedMachine('fusemax');
const h100 = await shippedMachine('h100-sxm');

const keepOf = (p: PlacedMapping, tensor: string, level: string): Keep => {
  const found = p.keeps.filter(
    (k) => p.workload.tensors[k.tensor]!.name === tensor && p.machine.levels[k.level]!.name === level,
  );
  expect(found).toHaveLength(1);
  return found[0]!;
};

const move = (p: PlacedMapping, tensor: string, level: string) => {
  const { fill, drain, local } = keepOf(p, tensor, level);
  return { fill, drain, local };
};

const attention = { B: 1, H: 2, P: 256, M: 512, E: 16, F: 16, M0: 128 };
const shippedOn = (name: string, sizes: object, machine = fusemax, cascade = 'attention-1-pass'): PlacedMapping =>
  must(place(shipped('mappings', `${name}.map`).text, workloadOf(cascade, { ...attention, ...sizes }), machine));

describe('what a keep moves', () => {
  test('operands come, results go, state stays', () => {
    const p = shippedOn('fusemax-binding', {});
    expect(move(p, 'K', 'GlobalBuffer')).toEqual({ fill: 'always', drain: false, local: false });
    expect(move(p, 'AV', 'RF1D')).toEqual({ fill: 'revisited', drain: true, local: false });
    // Homes: nothing above to come from or to go to.
    for (const [tensor, level] of [
      ['QK', 'RF2D'],
      ['RNV', 'GlobalBuffer'],
      ['Q', 'DRAM'],
    ] as const)
      expect(move(p, tensor, level)).toEqual({ fill: 'never', drain: false, local: false });
  });

  test('partial results and state that loops come back to go out and return', () => {
    const p = must(
      place(
        `mapping m
  keep A, B, Z in DRAM
  for k by 2
    for m by 4
      keep Z in RF2D
      compute Z on Array2D (rows m, columns n)`,
        workloadOf('gemm', { M: 8, N: 8, K: 4 }),
        fusemax,
      ),
    );
    expect(move(p, 'Z', 'RF2D')).toEqual({ fill: 'revisited', drain: true, local: false });
    const flash = shippedOn('flash-attention-1', {}, h100, 'attention-1-pass-eager');
    expect(move(flash, 'RM', 'Registers')).toEqual({ fill: 'revisited', drain: true, local: true });
  });

  test('a result that is read under the same keep stays there', () => {
    const p = must(
      place(
        `mapping m
  keep Q, K, V, AV, QK, GM, SN, SD, A in DRAM
  for p by 64
    keep QK, SN in GlobalBuffer
    compute QK on Array2D (rows m, columns p)
    compute GM on Array1D (lanes m)
    compute SN on Array1D (lanes m)
    compute SD on Array1D (lanes m)
  compute A on Array1D (lanes m)
  compute AV on Array2D (rows m, columns p)`,
        workloadOf('attention-3-pass', attention),
        fusemax,
      ),
    );
    expect(move(p, 'QK', 'GlobalBuffer').drain).toBe(false);
    expect(move(p, 'SN', 'GlobalBuffer').drain).toBe(true);
  });

  test('a grid is a list of its loops, and keeps know on which side of it they are', () => {
    const p = shippedOn('flash-attention-2', {}, h100);
    expect(p.grids.map((g) => g.map((l) => p.workload.variables[l.variable]!.name))).toEqual([['b', 'h', 'p']]);
    expect(move(p, 'K', 'L2').local).toBe(false);
    expect(move(p, 'K', 'SharedMemory').local).toBe(true);
  });
});

describe('legal mappings that look odd', () => {
  const sizes: readonly [string, object][] = [
    ['one query (decoding)', { P: 1 }],
    ['every size 1', { B: 1, H: 1, P: 1, M: 1, E: 1, F: 1, M0: 1 }],
    ['tiles larger than the ranks', { P: 100, M: 50, M0: 256 }],
    ['grouped heads', { H: 8, G: 4 }],
    ['causal', { CAUSAL: 1, P: 250, M: 511 }],
  ];
  test.each(sizes)('%s', (_, s) => {
    shippedOn('fusemax-binding', s);
    shippedOn('fusemax-architecture', s);
    shippedOn('flash-attention-2', s, h100);
    shippedOn('flash-attention-3', s, h100);
  });

  test('a loop over a rank that an Einsum lacks, if it has one step', () => {
    const body = (step: number): string => `mapping m
  keep Q, K, V, AV in DRAM
  keep QK, GM, SN, SD, A in GlobalBuffer
  for e by ${step}
    compute QK on Array2D (rows m, columns p)
    compute GM on Array1D (lanes m)
  compute SN on Array1D (lanes m)
  compute SD on Array1D (lanes m)
  compute A on Array1D (lanes m)
  compute AV on Array2D (rows m, columns p)
`;
    const workload = workloadOf('attention-3-pass', attention);
    expect(codesOf(place(body(16), workload, fusemax))).toEqual([]);
    expect(codesOf(place(body(8), workload, fusemax))).toEqual(['foreign-loop']);
  });

  test('the version before, read where it still is', () => {
    const scan = `cascade scan
  rank M, P
  input A[M, P] : fp16
  output Z[M, P]

  S[0, p] = 0
  S[m+1, p] = S[m, p] + A[m, p]
  Z[m, p] = S[m, p] - A[m, p]
`;
    const body = (lines: string): string => `mapping m\n  keep A, S, Z in DRAM\n  for m\n${lines}`;
    const s = '    for p by 4\n      compute S on Array1D (lanes p)\n';
    const z = '    for p by 2\n      compute Z on Array1D (lanes p)\n';
    const both = '    for p by 4\n      compute S on Array1D (lanes p)\n      compute Z on Array1D (lanes p)\n';
    const codes = (lines: string) => codesOf(place(body(lines), workloadOf(scan, { M: 4, P: 16 }), fusemax));
    expect(codes(z + s)).toEqual([]);
    expect(codes(both)).toEqual([]);
    expect(codes(s + z)).toEqual(['incomplete-operand']);
  });
});
