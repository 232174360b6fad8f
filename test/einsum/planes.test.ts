import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluateCascade } from '../../src/einsum/evaluate.ts';
import { inputsFrom, operandsOf } from '../../src/einsum/planes.ts';
import { randomInputs } from '../../src/einsum/random-inputs.ts';
import { workloadOf } from '../mapper/inputs.ts';
import { runs } from '../runs.ts';

const text = (planes: string, sum: string): string => `cascade planes
  rank M
  input K[M] : int10 = ${planes}
  output Z[M]

  Z[m] = ${sum}
`;

test.each([
  ['K0 : int6, K1 : uint4', '16 * K0[m] + K1[m]'],
  ['K0 : int4, K1 : uint2, K2 : uint4', '64 * K0[m] + 16 * K1[m] + K2[m]'],
  ['K0 : int10', '1 * K0[m]'],
])('planes %s add up to the operand in its format', (planes, sum) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 8 }), (values) => {
      const w = workloadOf(text(planes, sum), { M: values.length });
      const found = evaluateCascade(w, inputsFrom(w, new Map([['K', Float64Array.from(values)]]))).get('Z')!.values;
      const half = Math.max(...values.map(Math.abs)) / 511 / 2;
      for (const [i, value] of found.entries()) expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(half * 1.001);
    }),
    { numRuns: runs(100) },
  );
});

test('a plane has the numbers of its bits', () => {
  const w = workloadOf(text('K0 : int6, K1 : uint4', '16 * K0[m] + K1[m]'), { M: 3 });
  // A scale of 1: 511 is the largest code of 10 bits.
  const inputs = inputsFrom(w, new Map([['K', Float64Array.of(511, -511, -1)]]));
  expect([...inputs.get('K0')!]).toEqual([31, -32, -1]);
  expect([...inputs.get('K1')!]).toEqual([15, 1, 15]);
});

test('what comes from outside is the operand', () => {
  const w = workloadOf(text('K0 : int6, K1 : uint4', '16 * K0[m] + K1[m]'), { M: 64 });
  expect(operandsOf(w).map((o) => o.name)).toEqual(['K']);
  expect(w.tensors.map((t) => [t.name, t.bitsPerElement])).toEqual([
    ['K0', 6],
    ['K1', 4],
    ['Z', 6],
  ]);
  const inputs = randomInputs(w, 1);
  expect([...inputs.keys()]).toEqual(['K0', 'K1']);
  expect(Math.min(...inputs.get('K1')!)).toBeGreaterThanOrEqual(0);
});
