import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadMachine, loadSpec } from '../../src/arch/load.ts';
import { printSpec } from '../../src/arch/print.ts';
import type { Spec } from '../../src/arch/spec.ts';
import { renderDiagnostic } from '../../src/diagnostic.ts';
import { arbitrarySpec } from '../arbitraries/spec.ts';
import { runs } from '../runs.ts';
import { machineOf, resolveShipped, shippedNames, shippedSource } from './shipped.ts';

/** Without places, which a reprint moves. */
const withoutSpans = (value: unknown): unknown => {
  if (value instanceof Map) return [...value].map(([key, inner]) => [key, withoutSpans(inner)]);
  if (Array.isArray(value)) return value.map(withoutSpans);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'span')
      .map(([key, inner]) => [key, withoutSpans(inner)]),
  );
};

async function specOf(text: string): Promise<Spec> {
  const loaded = await loadSpec({ name: 'spec.yaml', text }, { resolve: resolveShipped });
  if (!loaded.ok) throw new Error(`${loaded.diagnostics.map(renderDiagnostic).join('\n')}\n${text}`);
  return loaded.value;
}

describe.each(shippedNames)('%s', (name) => {
  test('is the same machine when printed and read again', async () => {
    const source = shippedSource(name);
    const printed = printSpec(await specOf(source.text));
    expect(await machineOf({ name: 'printed.yaml', text: printed })).toEqual(await machineOf(source));
    expect(printSpec(await specOf(printed))).toBe(printed);
  });
});

test('what a spec extends is written out', async () => {
  const printed = printSpec(await specOf('name: child\nextends: flat\n'));
  expect(printed).not.toContain('extends');
  const { name: _, ...child } = await machineOf({ name: 'printed.yaml', text: printed });
  const { name: __, ...base } = await machineOf(shippedSource('flat'));
  expect(child).toEqual(base);
});

test('random specs: read(print(s)) = s, and the machine of both is the same', async () => {
  await fc.assert(
    fc.asyncProperty(arbitrarySpec, async (spec) => {
      const text = printSpec(spec);
      const again = await specOf(text);
      expect(withoutSpans(again)).toEqual(withoutSpans(spec));
      expect(printSpec(again)).toBe(text);
      const machine = await loadMachine({ name: 'spec.yaml', text });
      if (!machine.ok) throw new Error(`${machine.diagnostics.map(renderDiagnostic).join('\n')}\n${text}`);
      expect(machine.value.levels).toHaveLength(spec.levels.length);
    }),
    { numRuns: runs(60) },
  );
});
