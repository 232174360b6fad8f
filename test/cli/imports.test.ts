import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

test('--help waits for nothing but commander, and what measures texts', () => {
  expect([...packagesOf(join(root, 'cli/main.ts'))].sort()).toEqual(['commander', 'string-width']);
});

test.each(['run', 'check', 'analyze', 'execute', 'list', 'show', 'demo', 'validate'])(
  '%s does not wait for mathjs, d3 or the DOM, which are slow to load, unless it needs them',
  (command) => {
    const file = join(root, `cli/commands/${command}.ts`);
    expect(existsSync(file)).toBe(true);
    const packages = packagesOf(file);
    for (const slow of ['mathjs', 'mathjs/number', 'mathjs/lib/browser/math.js', 'd3', 'd3-node', 'jsdom'])
      expect(packages).not.toContain(slow);
  },
);

test('drawing code and texts run in a browser: no package but what measures texts, nothing of Node', () => {
  for (const file of [
    'figures/roofline-figure.ts',
    'figures/roofline-data.ts',
    'report/summary.ts',
    'report/report.ts',
  ]) {
    expect(['', 'string-width']).toContain([...packagesOf(join(root, file))].join());
    expect(readFileSync(join(root, file), 'utf8')).not.toContain("'node:");
  }
});

const moduleOf = (text: string): string => `data:text/javascript,${encodeURIComponent(text)}`;

/** Tells every package that is imported on stderr. */
const hook = moduleOf(`
  import { writeSync } from 'node:fs';
  export async function resolve(specifier, context, next) {
    if (/^[a-z@]/.test(specifier) && !/^(node|file|data):/.test(specifier)) writeSync(2, 'loads ' + specifier + '\\n');
    return next(specifier, context);
  }`);
const preload = moduleOf(`import { register } from 'node:module'; register(${JSON.stringify(hook)});`);

/** What `string-width` consists of. */
const measuring = ['ansi-regex', 'get-east-asian-width', 'string-width', 'strip-ansi'];

/** Packages that a process imports when it runs a command line, in alphabetical order. */
function loadedBy(...args: string[]): readonly string[] {
  const main = join(import.meta.dirname, '../../dist/cli/main.js');
  const ran = spawnSync(process.execPath, ['--import', preload, main, ...args], { encoding: 'utf8' });
  expect(ran.status, ran.stderr).toBe(0);
  return [...new Set([...ran.stderr.matchAll(/^loads (.*)$/gm)].map(([, name]) => `${name}`))].sort();
}

// FuseMax's areas and register energies are functions of parameters, for which mathjs is loaded.
test('a run on a machine without functions in its spec loads neither mathjs nor d3, which are slow to load', () => {
  const sizes = ['M=64', 'N=64', 'K=64'].flatMap((s) => ['--set', s]);
  const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
  const [machine, mapping] = [join(folder, 'plain.yaml'), join(folder, 'plain.map')];
  writeFileSync(
    machine,
    `name: plain
sources: { made-up: made up for this test }
clock: { value: 1 GHz, source: made-up }
levels:
  - name: DRAM
    source: made-up
    memory: { bandwidth: 64 B/cycle }
    units:
      - name: Lanes
        dimensions: { lanes: 64 }
        operators: { mac: { cycles: 1 } }
`,
  );
  writeFileSync(mapping, 'mapping plain\n  cascade gemm\n  keep A, B, Z in DRAM\n  compute Z on Lanes (lanes m)\n');
  const loaded = loadedBy('run', 'gemm', machine, ...sizes, '--mapping', mapping);
  rmSync(folder, { recursive: true });
  expect(loaded).toEqual(['ajv/dist/2020.js', 'commander', 'yaml', ...measuring].sort());
});

test('--help loads commander and what measures texts, and nothing else', () => {
  expect(loadedBy('--help')).toEqual(['commander', ...measuring].sort());
});
