import fc from 'fast-check';
import { expect, test } from 'vitest';
import { builtInFunctions, evaluateArithmetic } from '../../src/einsum/arithmetic.ts';
import type { Arithmetic } from '../../src/einsum/ast.ts';
import { compileArithmetic } from '../../src/einsum/compile-arithmetic.ts';
import { anyArithmetic } from '../arbitraries/cascade.ts';
import { endOnFailure, runs } from '../runs.ts';

function* namesIn(a: Arithmetic): Iterable<string> {
  if (a.kind === 'name') yield a.name;
  if (a.kind === 'call') for (const o of a.operands) yield* namesIn(o);
}

test('a compiled expression has the value of the expression, with other numbers, too', () => {
  let valued = 0;
  fc.assert(
    fc.property(
      anyArithmetic,
      fc.array(fc.integer({ min: -4, max: 9 }), { minLength: 8, maxLength: 8 }),
      (a, numbers) => {
        const names = [...new Set(namesIn(a))].slice(0, 7);
        const values = new Float64Array(8);
        const compiled = compileArithmetic(
          a,
          values,
          (n) => (names.includes(n) ? names.indexOf(n) : undefined),
          builtInFunctions,
          () => () => Number.NaN,
        );
        for (const shift of [0, 1]) {
          names.forEach((_, i) => {
            values[i] = numbers[(i + shift) % 8]!;
          });
          const expected = evaluateArithmetic(a, new Map(names.map((n, i) => [n, values[i]!])));
          if (expected.ok) valued++;
          const value = compiled();
          if (expected.ok) expect(value + 0).toBe(expected.value + 0);
          else expect(value).toBeNaN();
        }
      },
    ),
    { numRuns: runs(2000), endOnFailure },
  );
  expect(valued).toBeGreaterThan(200);
});
