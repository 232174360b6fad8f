import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadMachine } from '../../src/arch/load.ts';
import { checkCascade } from '../../src/einsum/check.ts';
import { parseCascade } from '../../src/einsum/parse.ts';
import { parseWorkloadFile } from '../../src/einsum/workload-file.ts';
import type { ImportedText } from '../../src/import/imported.ts';
import { caseRoot, cases, imported, rendered } from './cases.ts';

const extensions = { workload: 'yaml', cascade: 'einsum', hardware: 'yaml' } as const;

/** What `attnsim check` says of a text. */
async function mistakesIn({ kind, name, text }: ImportedText): Promise<string> {
  const source = { name, text };
  const parsed = kind === 'cascade' ? parseCascade(source) : undefined;
  const read =
    parsed !== undefined
      ? parsed.ok
        ? checkCascade(parsed.value)
        : parsed
      : kind === 'workload'
        ? parseWorkloadFile(source)
        : await loadMachine(source, { resolve: async () => undefined, known: [] });
  return rendered(read.ok ? read.warnings : read.diagnostics);
}

describe('files of other tools', () => {
  test.each(cases)('$kind: $name', async ({ kind, name, source }) => {
    const { from, texts } = await imported(source);
    expect(from).toBe(kind);
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) {
      const file = `${name}.expected.${extensions[text.kind]}`;
      await expect(text.text).toMatchFileSnapshot(join(caseRoot, kind, file));
      expect(await mistakesIn(text)).toBe('');
    }
  });
});
