import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadMachine } from '../../src/arch/load.ts';
import { runs } from '../runs.ts';
import { resolveShipped, shippedNames, shippedSource } from './shipped.ts';

const shipped = shippedNames.map((name) => shippedSource(name).text);

const scrap = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ': ',
    '\n',
    '\n  - ',
    '"',
    "'",
    '|',
    '&a',
    '*a',
    '!!set',
    '? ',
    '#',
    '---\n',
    '\t',
    'null',
    '.nan',
    '-1',
    '0x1F',
    '1e400',
    '__proto__: 1',
    'extends: flat\n',
    'source: ',
    'value: ',
    '^',
    '*',
  ),
);

/** A shipped spec with a few pieces cut out, copied elsewhere or replaced. */
const mutant = fc
  .tuple(
    fc.constantFrom(...shipped),
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(40), scrap), { minLength: 1, maxLength: 4 }),
  )
  .map(([text, cuts]) =>
    cuts.reduce((t, [where, length, piece]) => {
      const at = Math.floor(where * t.length);
      return t.slice(0, at) + piece + t.slice(at + length);
    }, text),
  );

test('a broken spec gives a machine or diagnostics in the text, and never throws', async () => {
  await fc.assert(
    fc.asyncProperty(mutant, async (text) => {
      const result = await loadMachine({ name: 'mutant.yaml', text }, { resolve: resolveShipped });
      if (result.ok) {
        expect(result.value.levels.length).toBeGreaterThan(0);
        return;
      }
      expect(result.diagnostics.length).toBeGreaterThan(0);
      for (const { span, message } of result.diagnostics) {
        expect(message).not.toMatch(/undefined|\[object|NaN/);
        if (span?.source.name === 'mutant.yaml') {
          expect(span.start).toBeGreaterThanOrEqual(0);
          expect(span.start).toBeLessThanOrEqual(span.end);
          expect(span.end).toBeLessThanOrEqual(text.length + 1);
        }
      }
    }),
    { numRuns: runs(150) },
  );
});
