import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileExpression } from '../../src/arch/compile-expression.ts';
import { readExpression } from '../../src/arch/expression.ts';
import type { OpenSymbols, Slot, TextSlot } from '../../src/arch/operand.ts';
import { baseUnit, type Dimension, type Measure, noDimension } from '../../src/units.ts';
import { runs } from '../runs.ts';

const data: Dimension = { ...noDimension, data: 1 };
const names: ReadonlyMap<string, Dimension> = new Map([
  ['N', noDimension],
  ['X', noDimension],
  ['SIZE', data],
  ['BW', { ...data, time: -1 }],
]);

const number = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.double({ min: 1e-3, max: 1e6, noNaN: true }));

/** Most are right: what is refused must be refused by both. */
const { expression } = fc.letrec<{ expression: string; plain: string; size: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small' },
    tie('plain'),
    tie('size'),
    fc.tuple(tie('size'), tie('plain'), fc.constantFrom('+', '/', '*')).map(([a, b, sign]) => `${a} ${sign} ${b}`),
    fc.constantFrom('BW / 2', 'SIZE / BW', '3 TB/s', 'X^2 * SIZE', '- N * 4 B / X', 'SIZE^N', '2 GBps', 'SIZES + 1'),
  ),
  plain: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('N', 'X', '(1/3)', '2.5e-3'),
    fc.integer({ min: 0, max: 9 }).map(String),
    fc
      .tuple(tie('plain'), tie('plain'), fc.constantFrom('+', '-', '*', '/', '^'))
      .map(([a, b, s]) => `(${a} ${s} ${b})`),
    fc.tuple(tie('size'), tie('size')).map(([a, b]) => `${a} / (${b})`),
    fc
      .tuple(fc.constantFrom('ceil', 'floor', 'round', 'abs', 'sqrt', 'log2', '-'), tie('plain'))
      .map(([f, a]) => `${f}(${a})`),
    fc.tuple(fc.constantFrom('min', 'max'), tie('plain'), tie('plain')).map(([f, a, b]) => `${f}(${a}, ${b})`),
    fc.tuple(tie('size'), tie('plain')).map(([x, y]) => `interpolate(${x}, 1 B, 2, 1 kB, ${y}, 4 MiB, 17)`),
  ),
  size: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('SIZE', '3 KiB', '12.5 MB', '7 b', 'N B'),
    fc.tuple(tie('plain'), tie('size'), fc.constantFrom('*', '/')).map(([a, b, sign]) => `(${b} ${sign} ${a})`),
    fc.tuple(tie('size'), tie('size'), fc.constantFrom('+', '-')).map(([a, b, sign]) => `(${a} ${sign} ${b})`),
    tie('size').map((a) => `ceil(${a})`),
  ),
}));

const bits = (value: number): string => new BigUint64Array(Float64Array.of(value).buffer)[0]!.toString(16);

test('a compiled expression says what the reader says, to the last bit', async () => {
  let agreed = 0;
  const property = fc.asyncProperty(
    expression,
    fc.tuple(number, number, number, number),
    fc.integer({ min: 0, max: 15 }),
    async (text, numbers, later) => {
      const known = new Map<string, Measure>();
      const open = new Map<string, Measure | Slot>();
      [...names].forEach(([name, dimension], position) => {
        const measure = { value: numbers[position]!, dimension };
        known.set(name, measure);
        open.set(name, (later >> position) % 2 === 1 ? { position, dimension } : measure);
      });
      const read = await readExpression(text, known);
      const compiled = await compileExpression(text, open);
      if (!compiled.ok) {
        // An exponent of a unit that is not known yet is all that only the compiler refuses.
        if (read.ok) expect(compiled.problems[0]!.message).toContain('an exponent must be');
        return;
      }
      const value = compiled.value.run(Float64Array.from(numbers));
      if (!read.ok) {
        expect(read.problems[0]!.message).toContain('interpolate');
        expect(value).toBeNaN();
        return;
      }
      expect(bits(value), text).toBe(bits(read.value.value));
      expect(baseUnit(compiled.value.dimension)).toBe(baseUnit(read.value.dimension));
      for (const position of compiled.value.positions) expect((later >> position) % 2).toBe(1);
      agreed++;
    },
  );
  await fc.assert(property, { numRuns: runs(2000) });
  expect(agreed).toBeGreaterThan(0);
});

const symbols: OpenSymbols = new Map<string, Slot | TextSlot>([
  ['N', { position: 0, dimension: noDimension }],
  ['SIZE', { position: 1, dimension: data }],
  ['A', { position: 2, texts: ['one', 'two'] }],
]);

test('what it depends on is what it names', async () => {
  const positions = async (text: string): Promise<readonly number[]> => {
    const compiled = await compileExpression(text, symbols);
    if (!compiled.ok) throw new Error(compiled.problems[0]!.message);
    return [...compiled.value.positions];
  };
  expect(await positions('2 * SIZE')).toEqual([1]);
  expect(await positions('N * 2 B + SIZE')).toEqual([0, 1]);
  expect(await positions('3 KiB + 1 B')).toEqual([]);
});

test.each([
  ['A', 'wrong-type', '"A" is a text'],
  ['ceil(A)', 'wrong-type', '"A" is a text'],
  ['SIZE ^ N', 'wrong-dimension', 'an exponent must be'],
  ['N + SIZE', 'wrong-dimension', 'two values of one kind'],
  ['interpolate(N, 2, 2, 1, 3)', 'bad-expression', 'rising'],
  ['N == 3', 'bad-expression', 'the operator "=="'],
  ['NN * 2', 'unknown-parameter', 'neither a parameter nor a unit'],
])('refuses %j as %s', async (text, code, message) => {
  const compiled = await compileExpression(text, symbols);
  if (compiled.ok) throw new Error('it was compiled');
  expect(compiled.problems[0]).toMatchObject({ code });
  expect(compiled.problems[0]!.message).toContain(message);
});

test.each([
  ['interpolate(N, 1, 2, 3, 4)', -1],
  ['interpolate(2, 1, 2, N, 4)', 1],
  ['interpolate(2, 1, N, 3, 4)', 0],
])('%s is not a number at N = %d', async (text, n) => {
  const compiled = await compileExpression(text, symbols);
  if (!compiled.ok) throw new Error(compiled.problems[0]!.message);
  expect(compiled.value.run(Float64Array.of(n, 0, 0))).toBeNaN();
});
