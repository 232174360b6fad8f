import fc from 'fast-check';
import { expect, test } from 'vitest';
import { importText } from '../../src/import/import-text.ts';
import type { Place } from '../../src/import/ledger.ts';
import { cases, contentOf } from './cases.ts';
import { placesOf } from './documents.ts';

/** The text with one more key at the beginning of a map, written as the map is. */
function withKey(text: string, map: Place, key: string, value: string): string {
  const { start } = map.node.span;
  if (text[start] === '{') return `${text.slice(0, start + 1)} "${key}": ${value}, ${text.slice(start + 1)}`;
  const indent = ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1));
  return `${text.slice(0, start)}"${key}": ${value}\n${indent}${text.slice(start)}`;
}

const added = fc.record({
  name: fc.constantFrom(...cases.map(({ name }) => name)),
  where: fc.nat(),
  key: fc.stringMatching(/^[a-z]{3,8}_unheard_of$/),
  value: fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.constant([]), fc.constant({ a: 1 })),
});

test('a key that no reader knows is told of, wherever it stands', async () => {
  await fc.assert(
    fc.asyncProperty(added, async ({ name, where, key, value }) => {
      const example = cases.find((c) => c.name === name)!;
      const maps = placesOf(example.source).filter(({ node }) => node.kind === 'map' && node.entries.size > 0);
      const map = maps[where % maps.length]!;
      const text = withKey(example.source.text, map, key, JSON.stringify(value));
      const source = { name: example.source.name, text };
      const result = await importText(source, example.kind);
      // A tensor or a component with a name that nobody knows may be a mistake instead.
      if (!result.ok) return;
      const { path } = placesOf(source).find((place) => place.path.endsWith(key))!;
      const { untranslated, texts } = result.value;
      const told = untranslated.some(
        (u) => path === u.path || (/^[.[]/.test(path.slice(u.path.length)) && path.startsWith(u.path)),
      );
      expect(told || texts.some((t) => t.text.toLowerCase().includes(key)), path).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('what a config says is in the workload, or told of', async () => {
  for (const { source } of cases.filter(({ kind }) => kind === 'huggingface')) {
    const { texts, untranslated } = contentOf(await importText(source));
    const said = texts.map(({ text }) => text).join('\n');
    for (const { path, node } of placesOf(source).filter((place) => place.node.kind === 'scalar')) {
      const isTold = untranslated.some((u) => path.startsWith(u.path));
      const key = path.split('.').at(-1)!;
      const value = node.kind === 'scalar' ? node.text : '';
      expect(isTold || said.includes(key) || said.includes(value), `${source.name}: ${path}`).toBe(true);
    }
  }
});
