import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Result, renderDiagnostic } from '../../src/diagnostic.ts';
import type { Mapping } from '../../src/mapper/mapping.ts';
import { parseMapping } from '../../src/mapper/parse.ts';
import { printMapping } from '../../src/mapper/print.ts';
import { anyMapping } from '../arbitraries/mapping.ts';
import { place, shipped, shippedMachine, shippedNames, workloadOf } from '../mapper/inputs.ts';

const parse = (text: string): Result<Mapping> => parseMapping({ name: 'random.map', text });

/** What a text says, without where it says it. */
const withoutSpans = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutSpans);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, v]) => (/span$/i.test(key) ? [] : [[key, withoutSpans(v)]])),
  );
};

test('law 1: a printed mapping reads as the same mapping, and prints as the same text', () => {
  fc.assert(
    fc.property(anyMapping, (mapping) => {
      const text = printMapping(mapping);
      const read = parse(text);
      if (!read.ok) throw new Error(`${text}\n${read.diagnostics.map(renderDiagnostic).join('\n')}`);
      expect(withoutSpans(read.value)).toEqual(withoutSpans(mapping));
      expect(printMapping(read.value)).toBe(text);
    }),
    { numRuns: 500 },
  );
});

describe('texts that try the reader', () => {
  test('any text is read or refused, at a place in it', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'keep ',
        'for ',
        'compute ',
        'param ',
        'in ',
        'on ',
        'by ',
        ', ',
        '(',
        ')',
        '\n',
        '  ',
        'A',
        '= ',
        '2',
      ),
      fc.string({ maxLength: 5 }),
    );
    const text = fc.array(piece, { maxLength: 40 }).map((pieces) => `mapping m\n${pieces.join('')}`);
    fc.assert(
      fc.property(text, (t) => {
        const read = parse(t);
        if (read.ok) return;
        expect(read.diagnostics.length).toBeGreaterThan(0);
        for (const d of read.diagnostics) expect(d.span?.end ?? 0).toBeLessThanOrEqual(t.length);
      }),
      { numRuns: 1000 },
    );
  });

  const line = '  for m by 2 pipeline 2\n';
  test.each([
    ['loops', `mapping m\n${line.repeat(2 ** 20 / line.length - 10)}`],
    [
      'deeper and deeper loops',
      `mapping m\n${Array.from({ length: 1400 }, (_, i) => `${' '.repeat(i)} for m\n`).join('')}`,
    ],
    ['lines that mean nothing', `mapping m\n${'  what\n'.repeat(140_000)}`],
    ['parameters', `mapping m\n  param A = 1${', B = 2'.repeat(140_000)}\n  compute Z on U\n`],
    ['keeps', `mapping m\n  keep A${', A'.repeat(300_000)} in DRAM\n  compute Z on U\n`],
    ['bindings', `mapping m\n  compute Z on U${', mac on U'.repeat(100_000)}\n`],
    ['empty lines', `mapping m\n${'\n'.repeat(1_000_000)}`],
  ])('a megabyte of %s is refused', async (_, text) => {
    const workload = workloadOf('gemm', { M: 4, N: 4, K: 4 });
    const placed = place(text, workload, await shippedMachine('fusemax'));
    expect(placed.ok ? 0 : placed.diagnostics.length).toBeGreaterThan(0);
    if (!placed.ok) expect(placed.diagnostics.length).toBeLessThan(100);
  });
});

describe('a shipped mapping with one line changed', () => {
  const texts = shippedNames('mappings', '.map').map((name) => shipped('mappings', `${name}.map`).text);
  /** One line left out, moved or written twice. */
  const edited = fc.tuple(fc.constantFrom(...texts), fc.nat(), fc.nat(), fc.constantFrom('drop', 'move', 'repeat'));

  test('is placed or refused, never a crash', async () => {
    const machines = await Promise.all(['fusemax', 'flat', 'h100-sxm'].map(shippedMachine));
    const sizes = { B: 1, H: 2, P: 96, M: 80, E: 16, F: 24, M0: 32, N: 40, K: 24, D: 40, FF: 56 };
    fc.assert(
      fc.property(edited, fc.nat(2), ([text, from, to, how], m) => {
        const lines = text.split('\n');
        const [line = ''] = lines.splice(from % lines.length, how === 'repeat' ? 0 : 1);
        if (how !== 'drop')
          lines.splice(to % lines.length, 0, how === 'repeat' ? `${lines[from % lines.length]}` : line);
        const cascade = /^ {2}cascade ([\w-]+)/m.exec(text)?.[1];
        const placed = place(lines.join('\n'), workloadOf(`${cascade}`, sizes), machines[m]!);
        if (!placed.ok) for (const d of placed.diagnostics) expect(renderDiagnostic(d)).toContain(`[${d.code}]`);
      }),
      { numRuns: 200 },
    );
  });
});
