import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { operators } from '../../src/einsum/operators.ts';

const apply = (name: string, a: number, b = 0): number => operators.get(name)!.evaluate(a, b);
const value = fc.double({ min: -30, max: 30, noNaN: true }).map((x) => x + 0);

describe('operators', () => {
  test.each([...operators].filter(([, o]) => o.identity !== undefined))('%s has its identity', (name, { identity }) => {
    const domain = name === 'any' ? fc.constantFrom(0, 1) : value;
    fc.assert(
      fc.property(domain, (a) => {
        expect(apply(name, a, identity)).toBe(a);
        expect(apply(name, identity!, a)).toBe(a);
      }),
    );
  });

  test.each([
    ['sigmoid', 0, 0.5],
    ['sigmoid', 2, 0.8807970779778823],
    ['sigmoid', -800, 0],
    ['exp2', 3, 8],
    ['rsqrt', 4, 0.5],
    ['reciprocal', 4, 0.25],
    ['square', -3, 9],
    ['relu', -3, 0],
    ['silu', 1, 0.7310585786300049],
    // x times the normal distribution function at x, from tables of it.
    ['gelu', 1, 0.8413447460685429],
    ['gelu', -1, -0.15865525393145707],
    ['gelu', 3, 2.99595030590511],
    ['gelu', -4, -0.00012668496733247997],
    ['gelu', 10, 10],
  ])('%s(%d) is %d', (name, a, expected) => expect(apply(name, a)).toBeCloseTo(expected, 12));

  test('gelu(x) - gelu(-x) is x', () => {
    fc.assert(
      fc.property(value, (x) => {
        expect(apply('gelu', x) - apply('gelu', -x)).toBeCloseTo(x, 11);
      }),
    );
  });
});
