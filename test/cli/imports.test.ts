import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../src');

/** Packages that a file needs before its first line runs: its static imports, and theirs, types left out. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>();
  if (seen.has(file) || !existsSync(file)) return packages;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, clause, from] of text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from '([^']+)';/gms)) {
    if (clause !== undefined || from === undefined || from.startsWith('node:')) continue;
    if (!from.startsWith('.')) packages.add(from);
    else for (const p of packagesOf(join(dirname(file), from), seen)) packages.add(p);
  }
  return packages;
}

test('--help waits for nothing but commander', () => {
  expect([...packagesOf(join(root, 'cli/main.ts'))]).toEqual(['commander']);
});

test.each(['run', 'check', 'analyze', 'execute', 'list', 'show', 'demo'])(
  '%s does not wait for mathjs, d3 or the DOM, which take most of a second, unless it needs them',
  (command) => {
    const file = join(root, `cli/commands/${command}.ts`);
    expect(existsSync(file)).toBe(true);
    const packages = packagesOf(file);
    for (const slow of ['mathjs', 'mathjs/number', 'd3', 'd3-node', 'jsdom']) expect(packages).not.toContain(slow);
  },
);

test('the drawing code runs in a browser: no package, nothing of Node', () => {
  for (const file of ['roofline-plot.ts', 'roofline-data.ts', 'summary.ts', 'report.ts']) {
    expect([...packagesOf(join(root, 'report', file))]).toEqual([]);
    expect(readFileSync(join(root, 'report', file), 'utf8')).not.toContain("'node:");
  }
});
