import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderDiagnostic } from '../../src/diagnostic.ts';
import { printArithmetic } from '../../src/einsum/arithmetic.ts';
import type { Arithmetic } from '../../src/einsum/ast.ts';
import { checkCascade } from '../../src/einsum/check.ts';
import { parseCascade } from '../../src/einsum/parse.ts';
import { printCascade } from '../../src/einsum/print.ts';
import { anyArithmetic, anyCascade } from '../arbitraries/cascade.ts';
import { runs } from '../runs.ts';

/** What a text says, without where it says it. */
const withoutSpans = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutSpans);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, v]) => (/span$/i.test(key) ? [] : [[key, withoutSpans(v)]])),
  );
};

const parse = (text: string) => parseCascade({ name: 'random.einsum', text });

test('law 1: a printed cascade reads as the same cascade, and prints as the same text', () => {
  fc.assert(
    fc.property(anyCascade, (cascade) => {
      const text = printCascade(cascade);
      const read = parse(text);
      if (!read.ok) throw new Error(`${text}\n${read.diagnostics.map(renderDiagnostic).join('\n')}`);
      expect(withoutSpans(read.value)).toEqual(withoutSpans(cascade));
      expect(printCascade(read.value)).toBe(text);
    }),
    { numRuns: runs(500) },
  );
});

/** The same arithmetic with brackets around every part. */
function bracketed(a: Arithmetic): string {
  if (a.kind !== 'call') return printArithmetic(a);
  const operands = a.operands.map((o) => `(${bracketed(o)})`);
  if (/^\w/.test(a.operator) && a.operator !== 'div' && a.operator !== 'mod')
    return `${a.operator}(${operands.join(', ')})`;
  return operands.length === 1 ? `-${operands[0]}` : operands.join(` ${a.operator} `);
}

test('brackets that the printer leaves out are those that change nothing', () => {
  const size = (text: string): unknown => {
    const read = parse(`cascade c\n  rank M = ${text}\n`);
    return read.ok ? withoutSpans(read.value.ranks[0]?.size) : read.diagnostics.map(renderDiagnostic);
  };
  fc.assert(
    fc.property(anyArithmetic, (a) => {
      expect(size(printArithmetic(a))).toEqual(withoutSpans(a));
      expect(size(bracketed(a))).toEqual(withoutSpans(a));
    }),
  );
});

/** Reading must end, and every diagnostic must be printable, whatever the text. */
function readAnything(text: string): void {
  const parsed = parse(text);
  const result = parsed.ok ? checkCascade(parsed.value) : parsed;
  if (result.ok) return;
  expect(result.diagnostics.length).toBeGreaterThan(0);
  for (const d of result.diagnostics) {
    expect(d.severity).toBe('error');
    expect(renderDiagnostic(d)).toMatch(/error\[[a-z-]+\]: /);
    if (d.span !== undefined) expect(d.span.start).toBeLessThanOrEqual(text.length);
  }
}

test('any string is read or refused', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), readAnything), { numRuns: runs(500) });
});

const words =
  'cascade rank param input output tensor default where and or not div mod inf top bottom above below choose M m Q q[ ] ( ) , = == < + - * / : 0 1 256 exp max 1e9 2.5 __proto__ # !'.split(
    ' ',
  );
test('any sequence of words of the language is read or refused', () => {
  const text = fc.array(fc.constantFrom(...words, '\n', ' '), { maxLength: 60 }).map((w) => w.join(' '));
  fc.assert(
    fc.property(text, (t) => readAnything(`cascade c\n${t}`)),
    { numRuns: runs(1000) },
  );
});

const shipped = join(import.meta.dirname, '../../cascades');
const texts = readdirSync(shipped)
  .filter((file) => file.endsWith('.einsum'))
  .map((file) => readFileSync(join(shipped, file), 'utf8'));

test('a shipped cascade with random edits is read or refused', () => {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.nat(8),
    added: fc.oneof(fc.constantFrom(...words, '\n'), fc.string({ maxLength: 3 })),
  });
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 4 }), (text, edits) => {
      const edited = edits.reduce((t, { at, removed, added }) => {
        const place = Math.floor(at * t.length);
        return t.slice(0, place) + added + t.slice(place + removed);
      }, text);
      readAnything(edited);
    }),
    { numRuns: runs(500) },
  );
});

/** Just under the size limit. */
const fill = (part: (i: number) => string): string => {
  let text = 'cascade c\nrank M, P\ninput A[M, P]\noutput Z\n';
  for (let i = 0; text.length < 2 ** 20 - 100; i++) text += part(i);
  return text;
};

test.each([
  ['brackets', () => '('.repeat(2 ** 19) + ']'.repeat(2 ** 19 - 1)],
  ['line breaks', () => `cascade c\nZ[m] = A +${'\n'.repeat(2 ** 20 - 100)}`],
  ['unfinished statements', () => fill(() => 'Z[m = (A[m,p\n')],
  ['one expression', () => `cascade c\nZ[m] = A[m] where ${'((m < 1) and '.repeat(80_000)}`],
  ['carried tensors', () => fill((i) => `R${i}[0] = 0\nR${i}[m+1] = R0[m] + R${i + 1}[m]\n`)],
  ['ranks defined in a chain', () => fill((i) => `rank R${i} = R${i + 1}\ninput B${i}[R${i}]\n`)],
])('a megabyte of %s is refused', (_, text) => {
  readAnything(text());
});

test('a shipped cascade keeps its meaning when it is printed', () => {
  expect(texts.length).toBeGreaterThan(0);
  for (const text of texts) {
    const read = parse(text);
    if (!read.ok) throw new Error(read.diagnostics.map(renderDiagnostic).join('\n'));
    const again = parse(printCascade(read.value));
    expect(again.ok && withoutSpans(again.value)).toEqual(withoutSpans(read.value));
  }
});
