import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { diagnosticCodes, renderDiagnostic } from '../../src/diagnostic.ts';
import { errorKinds } from './error-kinds.ts';

const root = join(import.meta.dirname, 'errors');
const kinds = readdirSync(root);
const cases = kinds.flatMap((kind) =>
  readdirSync(join(root, kind))
    .filter((file) => !file.endsWith('.expected.txt'))
    .map((file) => ({ kind, file, name: file.replace(/\.[^.]+$/, '') })),
);

/** Spares the repository texts of a megabyte: the line `#repeat 3000 "("` becomes 3000 brackets. */
const expand = (text: string): string =>
  text.replaceAll(/^#repeat (\d+) "(.*)"$/gm, (_, count, part) => `${part}`.repeat(Number(count)));

const known = new Map<string, Promise<string>>();

/** What is told of a case; found once. */
function rendered(kind: string, file: string): Promise<string> {
  const path = join(kind, file);
  const text = known.get(path) ?? render(kind, file);
  known.set(path, text);
  return text;
}

async function render(kind: string, file: string): Promise<string> {
  const find = errorKinds.get(kind);
  if (find === undefined) throw new Error(`error-kinds.ts has no kind "${kind}"`);
  const text = expand(readFileSync(join(root, kind, file), 'utf8'));
  const found = await find({ name: file, text });
  return typeof found === 'string' ? found : found.map((d) => `${renderDiagnostic(d)}\n`).join('\n');
}

/** The code that a case is named after: `rank-arity-output.einsum` is about `rank-arity`. */
const subject = (name: string): string | undefined =>
  diagnosticCodes
    .filter((code) => name === code || name.startsWith(`${code}-`))
    .toSorted((a, b) => b.length - a.length)[0];

describe.each(kinds)('mistakes in a %s', (kind) => {
  test.each(cases.filter((c) => c.kind === kind))('$name', async ({ file, name }) => {
    const text = await rendered(kind, file);
    expect(subject(name), 'the file is named after a diagnostic code').toBeDefined();
    expect(text).toContain(`[${subject(name)}]`);
    expect(text).not.toMatch(/^\s+at .*[:)]\d*$|Error:/m);
    await expect(text).toMatchFileSnapshot(join(root, kind, `${name}.expected.txt`));
  });
});

test('every diagnostic code has a case', async () => {
  const texts = await Promise.all(cases.map(({ kind, file }) => rendered(kind, file)));
  const seen = new Set(texts.flatMap((text) => [...text.matchAll(/(?:error|warning)\[([a-z-]+)\]/g)].map((m) => m[1])));
  expect(diagnosticCodes.filter((code) => !seen.has(code))).toEqual([]);
});
