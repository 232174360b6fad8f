import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Result, renderDiagnostic } from '../src/diagnostic.ts';
import type { Cascade } from '../src/einsum/ast.ts';
import { checkCascade } from '../src/einsum/check.ts';
import { evaluateCascade } from '../src/einsum/evaluate.ts';
import { parseCascade } from '../src/einsum/parse.ts';
import { randomInputs } from '../src/einsum/random-inputs.ts';
import { bindSizes } from '../src/einsum/shape.ts';

const root = join(import.meta.dirname, '..');
const documents = [
  ...readdirSync(join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
  ...readdirSync(root).filter((file) => file === 'README.md'),
];

type Block = { readonly document: string; readonly line: number; readonly info: string; readonly text: string };

function blocksOf(document: string): readonly Block[] {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    document,
    line: text.slice(0, match.index).split('\n').length,
    info: (match[1] ?? '').trim(),
    text: match[2] ?? '',
  }));
}

const blocks = documents.flatMap(blocksOf);

const checked = (text: string) => {
  const parsed = parseCascade({ name: 'example.einsum', text });
  return parsed.ok ? checkCascade(parsed.value) : parsed;
};

const messages = (result: Result<unknown>): string =>
  (result.ok ? result.warnings : result.diagnostics).map((d) => `${renderDiagnostic(d)}\n`).join('\n');

function contentOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(messages(result));
  return result.value;
}

/** Sizes that leave tiles ragged and differ from rank to rank. */
const smallSizes = (cascade: Cascade): ReadonlyMap<string, number> =>
  new Map(
    cascade.ranks.flatMap((r, i) => {
      if (r.size === undefined) return [[r.name, 5 + (i % 3)] as const];
      return r.overridable ? [[r.name, 3] as const] : [];
    }),
  );

const examples = blocks.filter((b) => b.info === 'einsum');
describe('examples of cascades', () => {
  test('are there', () => expect(examples.length).toBeGreaterThan(10));

  test.each(examples)('$document:$line is checked and executed', ({ text }) => {
    const result = checked(text);
    expect(messages(result)).toBe('');
    const cascade = contentOf(result);
    const workload = contentOf(bindSizes(cascade, smallSizes(cascade)));
    const values = evaluateCascade(workload, randomInputs(workload, 1));
    for (const { name } of cascade.tensors.filter((t) => t.role === 'output')) {
      const output = values.get(name);
      expect(output?.exists.some((e) => e === 1)).toBe(true);
      expect(output?.values.every((v, i) => output.exists[i] === 0 || Number.isFinite(v))).toBe(true);
    }
  });
});

const mistakes = blocks.flatMap((b, i) => (b.info === 'einsum error' ? [{ ...b, answer: blocks[i + 1] }] : []));
describe('examples of mistakes', () => {
  test('are there', () => expect(mistakes.length).toBeGreaterThan(2));

  test.each(mistakes)('$document:$line is answered as shown', ({ text, answer }) => {
    expect(answer?.info).toBe('text');
    expect(messages(checked(text))).toBe(answer?.text);
  });
});
