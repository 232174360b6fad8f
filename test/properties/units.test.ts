import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readExpression } from '../../src/arch/expression.ts';
import { readProduct } from '../../src/arch/product.ts';
import { combineDimensions, type Measure, noDimension, sameDimension, units } from '../../src/units.ts';
import { runs } from '../runs.ts';

const symbols: ReadonlyMap<string, Measure> = new Map([
  ['N', { value: 12, dimension: noDimension }],
  ['SIZE', { value: 1024, dimension: { ...noDimension, data: 1 } }],
]);

const unit = fc.constantFrom(...units.keys());
const number = fc.oneof(
  fc.nat(10_000).map(String),
  fc.tuple(fc.nat(999), fc.nat(999)).map(([a, b]) => `${a}.${b}`),
  fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: -9, max: 9 })).map(([a, e]) => `${a}e${e}`),
);
const factor = fc.oneof(
  number,
  fc.constantFrom('N', 'SIZE', 'N^2', 'SIZE^3'),
  fc.tuple(number, unit).map(([n, u]) => `${n} ${u}`),
  fc.tuple(number, unit, fc.integer({ min: 1, max: 3 })).map(([n, u, p]) => `${n} ${u}^${p}`),
);
const product = fc
  .tuple(fc.array(factor, { minLength: 1, maxLength: 3 }), fc.option(fc.oneof(unit, factor), { nil: undefined }))
  .map(([factors, below]) => factors.join(' * ') + (below === undefined ? '' : ` / ${below}`));

const near = (a: number, b: number): boolean =>
  a === b || Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));

test('a product means the same to the quick reader and to the expression reader', async () => {
  await fc.assert(
    fc.asyncProperty(product, async (text) => {
      const quick = readProduct(text, symbols);
      // In parentheses it is no plain product any more, so mathjs parses it.
      const full = await readExpression(`(${text})`, symbols);
      if (quick === undefined) return;
      if (!quick.ok || !full.ok) throw new Error(`${text}: ${JSON.stringify([quick, full])}`);
      expect(sameDimension(quick.value.dimension, full.value.dimension)).toBe(true);
      const finite = Number.isFinite(quick.value.value) || Number.isFinite(full.value.value);
      if (finite) expect(near(quick.value.value, full.value.value), text).toBe(true);
    }),
    { numRuns: runs(500) },
  );
});

test('every unit scales: 3 u = 3 x (1 u)', () => {
  for (const name of units.keys()) {
    const [one, three] = [readProduct(`1 ${name}`, symbols), readProduct(`3 ${name}`, symbols)];
    if (one?.ok !== true || three?.ok !== true) throw new Error(name);
    expect(near(three.value.value, 3 * one.value.value), name).toBe(true);
    expect(sameDimension(one.value.dimension, three.value.dimension)).toBe(true);
  }
});

test('no text throws or hangs', async () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 6 }),
    fc.constantFrom('(', ')', '+', '-', '*', '/', '^', ' ', 'ceil', 'N', 'GB', '2', '.', '[', '{', ':', '=', '"', '%'),
  );
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  await fc.assert(
    fc.asyncProperty(text, async (t) => {
      const reading = await readExpression(t, symbols);
      if (!reading.ok)
        for (const { start, end } of reading.problems)
          expect(0 <= start && start <= end && end <= t.length + 1).toBe(true);
    }),
    { numRuns: runs(1000) },
  );
});

test('dimensions are a group under combination', () => {
  const exponent = fc.integer({ min: -3, max: 3 });
  const dimension = fc.record({ data: exponent, time: exponent, cycles: exponent, energy: exponent, length: exponent });
  fc.assert(
    fc.property(dimension, dimension, (a, b) => {
      const product = combineDimensions(a, b, 1);
      expect(sameDimension(product, combineDimensions(b, a, 1))).toBe(true);
      expect(sameDimension(combineDimensions(product, b, -1), a)).toBe(true);
    }),
  );
});
