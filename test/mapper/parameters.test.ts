import { describe, expect, test } from 'vitest';
import { codesOf, must, place, shippedMachine, workloadOf } from './inputs.ts';

const workload = workloadOf('gemm', { M: 96, N: 8, K: 4 });
const fusemax = await shippedMachine('fusemax');
const h100 = await shippedMachine('h100-sxm');

const withParameters = (parameters: string, overrides = {}, machine = fusemax, top = 'DRAM', unit = 'Array2D') =>
  place(
    `mapping m\n  param ${parameters}\n  keep A, B, Z in ${top}\n  compute Z on ${unit}\n`,
    workload,
    machine,
    overrides,
  );

const valueOfX = (expression: string): number | undefined =>
  must(withParameters(`X = ${expression}`)).parameters.get('X');

describe('parameters of a mapping', () => {
  test('know sizes, capacities, arrays and formats', () => {
    expect(valueOfX('M + K')).toBe(100);
    expect(valueOfX('capacity(GlobalBuffer)')).toBe(2 ** 24);
    expect(valueOfX('lanes(Array2D, columns) / lanes(Array1D, lanes)')).toBe(1);
    expect(valueOfX('bytes(A)')).toBe(2);
    expect(valueOfX('instances(DRAM)')).toBe(1);
    const sms = must(withParameters('X = instances(SM)', {}, h100, 'HBM', 'TensorCore'));
    expect(sms.parameters.get('X')).toBe(132);
  });

  test.each([
    [96, 40, 32],
    [97, 40, 1],
    [96, 0.5, 1],
    [96, 1000, 96],
    [2 ** 40, 2 ** 20 + 1, 2 ** 20],
    [1, 1, 1],
  ])('the largest divisor of %d up to %d is %d', (n, limit, divisor) => {
    expect(valueOfX(`largest_divisor(${n}, ${limit})`)).toBe(divisor);
  });

  test('a number too large to divide is refused', () => {
    expect(codesOf(withParameters('X = largest_divisor(9007199254740991, 5)'))).toEqual(['number-range']);
  });

  test('are computed in order, and those that follow see what replaces one', () => {
    const p = must(withParameters('X = 2, Y = X * 10', { X: 7 }));
    expect([...p.parameters]).toEqual([
      ['X', 7],
      ['Y', 70],
    ]);
    expect(codesOf(withParameters('Y = X * 10, X = 2'))).toEqual(['unknown-parameter']);
  });

  test('that would be fields of every object are unknown', () => {
    expect(codesOf(withParameters('X = constructor'))).toEqual(['unknown-parameter']);
    expect(codesOf(withParameters('X = toString(1)'))).toEqual(['unknown-function']);
    expect(codesOf(withParameters('X = 1', { __proto__x: 1 }))).toEqual(['unknown-override']);
  });
});
