import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDocument } from '../../src/document.ts';
import { importText } from '../../src/import/import-text.ts';
import { cases } from './cases.ts';
import { placesIn } from './documents.ts';

const odd = [
  ...['', 'null', 'true', '-1', '0', '1.5', '1e308', '1e-320', '.inf', '.nan', '9007199254740993'],
  ...['[]', '{}', '[1, [2]]', '{a: 1}', '!Memory {name: q}', '"x y"', '"a\\nb: c"', '"inf"', '"1/0"'],
  ...['"Z[m,n] = "', '"A[m] = B[m"', '"PE[0..99999999999999999999]"', `"${'('.repeat(400)}"`],
] as const;

const changes = fc.record({
  name: fc.constantFrom(...cases.map(({ name }) => name)),
  edits: fc.array(fc.record({ where: fc.nat(), value: fc.constantFrom(...odd) }), { minLength: 1, maxLength: 3 }),
});

test('whatever stands in a file, what comes back is texts without mistakes, or mistakes with a place', async () => {
  await fc.assert(
    fc.asyncProperty(changes, async ({ name, edits }) => {
      const { kind, source } = cases.find((c) => c.name === name)!;
      let { text } = source;
      for (const { where, value } of edits) {
        const document = readDocument({ name: source.name, text }, { tags: 'kept' });
        const places = document.ok ? placesIn(document.value) : [];
        const span = places[where % Math.max(1, places.length)]?.node.span;
        if (span !== undefined) text = text.slice(0, span.start) + value + text.slice(span.end);
      }
      const result = await importText({ name: source.name, text }, kind);
      if (result.ok) expect(result.value.texts.length).toBeGreaterThan(0);
      else expect(result.diagnostics.every(({ span }) => span !== undefined)).toBe(true);
    }),
    { numRuns: 200 },
  );
});
