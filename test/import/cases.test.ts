import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importText } from '../../src/import/import-text.ts';
import { caseRoot, cases, contentOf, rendered } from './cases.ts';

const extensions = { workload: 'yaml', cascade: 'einsum', hardware: 'yaml' } as const;

describe('files of other tools', () => {
  test.each(cases)('$kind: $name', async ({ kind, name, source }) => {
    const result = await importText(source);
    const { from, texts } = contentOf(result);
    expect(from).toBe(kind);
    expect(texts.length).toBeGreaterThan(0);
    for (const { kind: what, text } of texts)
      await expect(text).toMatchFileSnapshot(join(caseRoot, kind, `${name}.expected.${extensions[what]}`));
    // What `attnsim check` would say of the texts.
    expect(result.ok ? rendered(result.warnings) : '').toBe('');
  });
});
