import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCommand } from '../cases/command-errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('of a cascade and a machine each gets its own extension', async () => {
  const { code, out, error } = await runCommand(['import', 'timeloop-array.yaml', '--out', join(folder, 'array.yaml')]);
  expect({ code, error }).toEqual({ code: 0, error: '' });
  expect(out).toContain(`${join(folder, 'array.einsum')}: cascade timeloop-array`);
  expect(out).toContain('not translated:');
  expect(readFileSync(join(folder, 'array.einsum'), 'utf8')).toContain('cascade timeloop-array');
  expect(readFileSync(join(folder, 'array.yaml'), 'utf8')).toContain('levels:');
});

test('without a file the text is printed as it would be written', async () => {
  const path = join(folder, 'llama.yaml');
  await runCommand(['import', 'llama-8b.json', '--out', path]);
  const { out } = await runCommand(['import', 'llama-8b.json']);
  expect(out).toBe(readFileSync(path, 'utf8'));
});

test('JSON has the texts, and a place and a reason for all that is left', async () => {
  const { out } = await runCommand(['import', 'llama-8b.json', '--json']);
  const { from, texts, derived, untranslated } = JSON.parse(out);
  expect(from).toBe('huggingface');
  expect(texts.map(({ kind, name }: { kind: string; name: string }) => `${kind} ${name}`)).toEqual([
    'workload llama-8b',
  ]);
  expect(derived).toContain('G = 4: num_attention_heads / num_key_value_heads');
  expect(untranslated).toContainEqual({
    path: 'rope_theta',
    line: 22,
    column: 17,
    value: '500000.0',
    reason: 'positions cost nothing in the cascades that ship',
  });
});

test('a file is never replaced by what it becomes', async () => {
  const path = join(folder, 'config.json');
  writeFileSync(path, '{ "n_embd": 768, "n_head": 12 }');
  const { code, error } = await runCommand(['import', path, '--out', path]);
  expect(code).toBe(1);
  expect(error).toContain('the result would replace it');
  expect(readFileSync(path, 'utf8')).toContain('n_embd');
});

test('a mistake writes nothing', async () => {
  const path = join(folder, 'broken.json');
  writeFileSync(path, '{ "n_embd": 768, "n_head": 7 }');
  const { code } = await runCommand(['import', path, '--out', join(folder, 'broken.yaml')]);
  expect(code).toBe(1);
  expect(existsSync(join(folder, 'broken.yaml'))).toBe(false);
});
