import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Result, renderDiagnostic } from '../src/diagnostic.ts';
import type { Cascade } from '../src/einsum/ast.ts';
import { checkCascade } from '../src/einsum/check.ts';
import { evaluateCascade } from '../src/einsum/evaluate.ts';
import { parseCascade } from '../src/einsum/parse.ts';
import { randomInputs } from '../src/einsum/random-inputs.ts';
import { bindSizes } from '../src/einsum/shape.ts';
import { type RedisServer, startRedis } from './sweep/redis-server.ts';

const root = join(import.meta.dirname, '..');
const documents = [
  ...readdirSync(join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
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

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true });
});

const attnsim = `"${process.execPath}" "${join(root, 'dist/cli/main.js')}"`;

/** Runs a command line as a reader would in an empty folder, where the package is installed and a queue is kept. */
const shell = (line: string) => {
  const here = line.replace(/^(npx )?attnsim/, attnsim).replace('redis://127.0.0.1:6379', redis.url);
  return spawnSync('bash', ['-c', here], { cwd: folder, encoding: 'utf8' });
};

const commands = blocks
  .filter((b) => b.info === 'sh')
  .flatMap(({ document, text }) => text.split('\n').map((line) => ({ document, line })))
  .filter(({ line }) => /^(npx )?attnsim /.test(line));

describe('examples of commands', () => {
  test('are there, one for every command', () => {
    const help = shell('attnsim --help').stdout;
    const listed = help.slice(help.indexOf('Commands:')).split('\n\n')[0] ?? '';
    const names = [...listed.matchAll(/^ {2}([a-z]+) /gm)].map((m) => m[1]!);
    expect(names.length).toBeGreaterThan(5);
    const readme = commands.filter((c) => c.document === 'README.md').map((c) => /attnsim ([a-z]+)/.exec(c.line)?.[1]);
    expect(names.filter((n) => n !== 'help' && n !== 'demo' && !readme.includes(n))).toEqual([]);
  });

  test.each(commands)('$document: $line', ({ line }) => {
    const ran = shell(line);
    expect(ran.stderr).toBe('');
    expect(ran.status).toBe(0);
  });
});

test('the plot in the documents is the one that npm start draws', () => {
  expect(shell('attnsim demo --out demo').status).toBe(0);
  const drawn = readFileSync(join(folder, 'demo/roofline.svg'), 'utf8');
  const shown = join(root, 'docs/roofline.svg');
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(shown, drawn);
  expect(readFileSync(shown, 'utf8') === drawn, 'UPDATE_DOCS=1 writes docs/roofline.svg as it is now').toBe(true);
});

const texts = documents.map((document) => ({ document, text: readFileSync(join(root, document), 'utf8') }));

const sources = ['src', 'test', 'experiments'].flatMap((room) =>
  readdirSync(join(root, room), { encoding: 'utf8', recursive: true }),
);

test.each(texts)('the files that $document names are there', ({ document, text }) => {
  const links = [...text.matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)].map(([, path = '']) =>
    join(root, document, '..', path),
  );
  const named = [...text.matchAll(/`((?:src|test|cascades|mappings|workloads|hardware-specs|docs)\/[\w./-]*\w)`/g)];
  const paths = [...links, ...named.map(([, path = '']) => join(root, path))];
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  // Inside the paragraph of a room a file goes by its name alone.
  const short = [...text.matchAll(/`((?:[\w-]+\/)*[\w-]+\.ts)`/g)].map(([, name = '']) =>
    name.replace(/^(src|test|experiments)\//, ''),
  );
  expect(short.filter((name) => !sources.some((file) => `/${file}`.endsWith(`/${name}`)))).toEqual([]);
});
