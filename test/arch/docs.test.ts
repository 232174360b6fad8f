import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { levelFields, memoryFields, operatorFields, selectorFields, unitFields } from '../../src/arch/fields.ts';
import { functionNames } from '../../src/arch/functions.ts';
import { loadMachine } from '../../src/arch/load.ts';
import { machineSchema } from '../../src/arch/schema.ts';
import { renderDiagnostic } from '../../src/diagnostic.ts';
import { units } from '../../src/units.ts';
import { machineOf, resolveShipped } from './shipped.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/hardware.md'), 'utf8');
const blocks = [...text.matchAll(/^```(\w+)( \w+)?\n([\s\S]*?)^```$/gm)].map(([, language, kind, body]) => ({
  language: `${language}${kind ?? ''}`,
  body: body!,
}));
const nameOf = (body: string): string => /^name: (.*)$/m.exec(body)![1]!;

describe('examples of docs/hardware.md', () => {
  test.each(blocks.filter(({ language }) => language === 'yaml').map(({ body }) => [nameOf(body), body]))(
    '%s loads',
    async (name, body) => {
      expect((await machineOf({ name: `${name}.yaml`, text: body })).name).toBe(name);
    },
  );
  test('a mistake gives the text that is printed below it', async () => {
    const mistaken = blocks.flatMap((block, i) =>
      block.language === 'yaml error' ? [[block, blocks[i + 1]!] as const] : [],
    );
    expect(mistaken).not.toHaveLength(0);
    for (const [{ body }, shown] of mistaken) {
      const loaded = await loadMachine({ name: `${nameOf(body)}.yaml`, text: body }, { resolve: resolveShipped });
      const rendered = loaded.ok ? '' : loaded.diagnostics.map(renderDiagnostic).join('\n');
      expect(`${rendered}\n`).toBe(shown.body);
    }
  });
});

test('the page names every field, function and unit', () => {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  const code = new Set([...prose.matchAll(/`([^`]+)`/g)].flatMap(([, inside]) => inside!.split(/[\s,]+|\(.*\)/)));
  const fields = [levelFields, memoryFields, unitFields, operatorFields, selectorFields].flatMap(Object.keys);
  for (const name of [...fields, ...Object.keys(machineSchema.properties), ...functionNames])
    expect(code.has(name), name).toBe(true);
  const prefixed = /^(?:[kMGTP]|[KMGTP]i)[Bb]$/;
  for (const symbol of units.keys()) expect(code.has(symbol) || prefixed.test(symbol), symbol).toBe(true);
});
