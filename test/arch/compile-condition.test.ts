import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileCondition } from '../../src/arch/compile-condition.ts';
import type { OpenSymbols, Slot, TextSlot } from '../../src/arch/operand.ts';
import { noDimension } from '../../src/units.ts';
import { runs } from '../runs.ts';

const symbols: OpenSymbols = new Map<string, Slot | TextSlot>([
  ['X', { position: 0, dimension: noDimension }],
  ['Y', { position: 1, dimension: noDimension }],
  ['T', { position: 2, dimension: { ...noDimension, time: 1 } }],
  ['A', { position: 3, texts: ['flat', 'one "pass"', 'three'] }],
]);

async function holds(text: string, values: readonly number[]): Promise<boolean> {
  const compiled = await compileCondition(text, symbols);
  if (!compiled.ok) throw new Error(`${text}: ${compiled.problems[0]!.message}`);
  return compiled.value.holds(Float64Array.from(values));
}

test.each([
  ['X < 3', [2, 0, 0, 0], true],
  ['X < 3', [3, 0, 0, 0], false],
  ['X <= 3 and Y > X + 1', [3, 5, 0, 0], true],
  ['not (X == 3) or Y >= 2', [3, 1, 0, 0], false],
  ['T <= 9 us', [0, 0, 9 / 1e6, 0], true],
  ['A == "flat"', [0, 0, 0, 0], true],
  ["'three' != A", [0, 0, 0, 2], false],
  ['A == "one \\"pass\\""', [0, 0, 0, 1], true],
  // What is no number is not more, less or the same.
  ['X / Y < 1 or X / Y >= 1', [0, 0, 0, 0], false],
  ['X / Y != X / Y', [0, 0, 0, 0], true],
])('%s at %j: %s', async (text, values, expected) => {
  expect(await holds(text, values)).toBe(expected);
});

type Truth = { readonly text: string; readonly of: (x: number, y: number) => boolean };

const comparison: fc.Arbitrary<Truth> = fc
  .tuple(fc.constantFrom('<', '<=', '>', '>=', '==', '!='), fc.integer({ min: -3, max: 3 }))
  .map(([sign, n]) => ({
    text: `X ${sign} Y + ${n}`,
    of: (x, y) => {
      const z = y + n;
      return { '<': x < z, '<=': x <= z, '>': x > z, '>=': x >= z, '==': x === z, '!=': x !== z }[sign]!;
    },
  }));

const { truth } = fc.letrec<{ truth: Truth }>((tie) => ({
  truth: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    comparison,
    fc.tuple(tie('truth'), tie('truth')).map(([a, b]) => ({
      text: `(${a.text}) and (${b.text})`,
      of: (x: number, y: number) => a.of(x, y) && b.of(x, y),
    })),
    // "and" binds before "or".
    fc.tuple(comparison, comparison, comparison).map(([a, b, c]) => ({
      text: `${a.text} or ${b.text} and ${c.text}`,
      of: (x: number, y: number) => a.of(x, y) || (b.of(x, y) && c.of(x, y)),
    })),
    tie('truth').map((a) => ({ text: `not (${a.text})`, of: (x: number, y: number) => !a.of(x, y) })),
  ),
}));

test('a condition holds where what it says is so', async () => {
  const small = fc.integer({ min: -3, max: 3 });
  await fc.assert(
    fc.asyncProperty(truth, small, small, async ({ text, of }, x, y) => {
      fc.pre(text.length <= 500);
      expect(await holds(text, [x, y, 0, 0])).toBe(of(x, y));
    }),
    { numRuns: runs(300) },
  );
});
