import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Result, renderDiagnostic } from '../../src/diagnostic.ts';
import type { Constraints } from '../../src/search/constraints/constraints.ts';
import { parseConstraints } from '../../src/search/constraints/parse.ts';
import { printConstraints } from '../../src/search/constraints/print.ts';
import { anyConstraint } from '../arbitraries/constraints.ts';

const parse = (text: string): Result<Constraints> => parseConstraints({ name: 'random.txt', text });

/** What a text says, without where it says it. */
const withoutSpans = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutSpans);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, v]) => (/span$/i.test(key) ? [] : [[key, withoutSpans(v)]])),
  );
};

test('law 1: printed constraints read as the same constraints, and print as the same text', () => {
  fc.assert(
    fc.property(fc.array(anyConstraint, { maxLength: 5 }), (constraints) => {
      const text = printConstraints(constraints);
      const read = parse(text);
      if (!read.ok) throw new Error(`${text}\n${read.diagnostics.map(renderDiagnostic).join('\n')}`);
      expect(withoutSpans(read.value)).toEqual(withoutSpans(constraints));
      expect(printConstraints(read.value)).toBe(text);
    }),
    { numRuns: 500 },
  );
});

describe('texts that try the reader', () => {
  test('any text is read or refused, at a place in it', () => {
    const words = [
      'never ',
      'keep ',
      'cut ',
      'tile ',
      'compute ',
      'with ',
      'by ',
      'in ',
      'on ',
      ', ',
      '(',
      '\n',
      'A',
      '2',
    ];
    const piece = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 5 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        const read = parse(text);
        if (read.ok) return;
        expect(read.diagnostics.length).toBeGreaterThan(0);
        for (const d of read.diagnostics) expect(d.span?.end ?? 0).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['lines', 'keep A in L\n'.repeat(80_000)],
    ['names', `fuse A${', A'.repeat(300_000)}\n`],
    ['tiles', `tile m by 1${', 1'.repeat(300_000)}\n`],
    ['empty lines', '\n'.repeat(1_000_000)],
  ])('a megabyte of %s is read or refused', (_, text) => {
    const read = parse(text);
    if (!read.ok) expect(read.diagnostics.length).toBeLessThanOrEqual(51);
  });
});
