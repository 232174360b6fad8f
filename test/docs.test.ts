import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documents } from '../.vitepress/contents.ts';
import { declaredProgram } from '../src/cli/program.ts';
import { type Result, renderDiagnostic } from '../src/diagnostic.ts';
import type { Cascade } from '../src/einsum/ast.ts';
import { checkCascade } from '../src/einsum/check.ts';
import { evaluateCascade } from '../src/einsum/evaluate.ts';
import { parseCascade } from '../src/einsum/parse.ts';
import { randomInputs } from '../src/einsum/random-inputs.ts';
import { bindSizes } from '../src/einsum/shape.ts';
import { expectShown, expectWritten } from './documented.ts';
import { type Block, blocks, commandsOf, executedDocuments, fileOf, root } from './documents.ts';
import { compilePrograms, programName } from './programs.ts';
import { type RedisServer, startRedis } from './sweep/redis-server.ts';

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

const examples = blocks.filter((b) => b.language === 'einsum' && b.rest !== 'error');
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

const mistakes = blocks.flatMap((b, i) =>
  b.language === 'einsum' && b.rest === 'error' ? [{ ...b, answer: blocks[i + 1] }] : [],
);
describe('examples of mistakes', () => {
  test('are there', () => expect(mistakes.length).toBeGreaterThan(2));

  test.each(mistakes)('$document:$line is answered as shown', ({ text, answer }) => {
    expect(answer?.language).toBe('text');
    expect(messages(checked(text))).toBe(answer?.text);
  });
});

/** Blocks of a document that another test reads. */
const readElsewhere: ReadonlyMap<string, readonly string[]> = new Map([
  ['docs/constraints.md', ['constraints']], // test/search/constraints-docs.test.ts
  ['docs/hardware.md', ['yaml']], // test/arch/docs.test.ts
  ['docs/mappings.md', ['mapping', 'bytes']], // test/mapper/docs.test.ts
  ['docs/sweeps.md', ['json']], // test/sweep/parse-experiment.test.ts
]);

/** How a block is executed; undefined if it is not. */
function executionOf(block: Block, i: number): string | undefined {
  const { document, language, rest } = block;
  if (rest.startsWith('by hand: ')) return 'by hand';
  if (language === 'einsum') return 'as a cascade';
  if (readElsewhere.get(document)?.includes(language) === true) return 'elsewhere';
  if (fileOf(block) !== undefined) return 'as a file';
  if (language === 'sh') return 'as commands';
  if (language === 'ts') return 'as a program';
  // No program reads a grammar: those who write parsers and properties do.
  if (language === 'ebnf') return 'by hand';
  const before = blocks[i - 1];
  const isAnswer = before?.document === document && (/^(sh|ts)$/.test(before.language) || before.rest === 'error');
  return language === 'text' && isAnswer ? 'as an answer' : undefined;
}

test('every block is executed, or says why not', () => {
  expect(blocks.filter((b, i) => executionOf(b, i) === undefined)).toEqual([]);
  const byHand = blocks.filter((b) => b.rest.startsWith('by hand: '));
  expect(byHand.map((b) => `${b.document}: ${b.language} ${b.rest}`)).toMatchInlineSnapshot(`
    [
      "ARCHITECTURE.md: text by hand: a drawing",
      "CONTRIBUTING.md: sh by hand: installs the package, and runs all tests",
      "README.md: sh by hand: installs the package, and runs all tests",
      "docs/editors.md: json by hand: settings of an editor",
      "docs/search.md: sh by hand: builds the package and the checker",
      "docs/search.md: text by hand: takes half a minute",
      "docs/sweeps.md: sh by hand: needs Slurm",
      "docs/sweeps.md: sh by hand: goes on until it is stopped",
      "docs/sweeps.md: sh by hand: needs that server",
      "docs/tutorial.md: sh by hand: installs the package",
      "experiments/fusemax/README.md: sh by hand: takes minutes; test/experiments compares what it makes",
      "experiments/gpus/measure/README.md: sh by hand: needs a GPU",
      "experiments/spatten/README.md: sh by hand: takes minutes; test/experiments compares what it makes",
    ]
  `);
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

/** Where the reader of a document is: in a folder of their own, beside the experiments of a clone. */
function folderOf(document: string): string {
  const path = join(folder, document.replaceAll('/', '-'));
  if (!existsSync(path)) {
    mkdirSync(path);
    symlinkSync(join(root, 'experiments'), join(path, 'experiments'));
  }
  return path;
}

const attnsim = `"${process.execPath}" "${join(root, 'dist/cli/main.js')}"`;

/** Runs a command line as a reader would where the package is installed and a queue is kept. */
function shell(document: string, line: string) {
  const here = line.replace(/^(npx )?attnsim/, attnsim).replace('redis://127.0.0.1:6379', redis.url);
  return spawnSync('bash', ['-c', here], { cwd: folderOf(document), encoding: 'utf8' });
}

const printed = new Map<string, string>();

/** What a command prints. One that reads and writes no files of its reader's prints the same in all documents, and runs once. */
function run(document: string, line: string): string {
  const command = line.replace(/^npx /, '');
  const isSame =
    /^attnsim (run|map|analyze|execute|validate|check|list|show) /.test(command) && !/\.[a-z]+\b/.test(line);
  const key = isSame ? command : `${document} ${command}`;
  const known = isSame ? printed.get(key) : undefined;
  if (known !== undefined) return known;
  const ran = shell(document, line);
  expect(ran.stderr).toBe('');
  expect(ran.status).toBe(0);
  printed.set(key, ran.stdout);
  return ran.stdout;
}

const commands = blocks
  .filter((b) => b.language === 'sh' && !b.rest.startsWith('by hand'))
  .flatMap((block) => commandsOf(block).map((line) => ({ document: block.document, line })));

test('the README has an example of every command', () => {
  const program = declaredProgram();
  const names = program
    .createHelp()
    .visibleCommands(program)
    .map((command) => command.name());
  expect(names.length).toBeGreaterThan(5);
  const readme = commands.filter((c) => c.document === 'README.md').map((c) => /attnsim ([a-z]+)/.exec(c.line)?.[1]);
  expect(names.filter((n) => n !== 'help' && n !== 'demo' && !readme.includes(n))).toEqual([]);
});

/** Kinds of files that `attnsim check` reads; one that a command of its document takes need not be checked apart. */
const isChecked = (file: string): boolean => /\.(einsum|yaml|map)$|^sweep\.json$/.test(file);

const programs = blocks.filter((b) => b.language === 'ts');
beforeAll(() => compilePrograms(join(folder, 'programs'), programs));

/** Documents with blocks that their reader runs or saves. */
const runnable = executedDocuments.filter((document) =>
  blocks.some((b, i) => b.document === document && /^as (a file|commands|a program)$/.test(executionOf(b, i) ?? '')),
);

/** Figures that a document shows and that its commands draw, in the folder of its reader, under the same name. */
const figuresOf = (document: string): readonly string[] =>
  [...readFileSync(join(root, document), 'utf8').matchAll(/!\[[^\]]*\]\(([^)]*)\)/g)]
    .map((match) => match[1]!)
    .filter((path) => commands.some((c) => c.document === document && c.line.includes(` ${path}`)));

describe.each(runnable)('a reader of %s', (document) => {
  const own = blocks.filter((b) => b.document === document);
  for (const [i, block] of own.entries()) {
    const answer = own[i + 1]?.language === 'text' ? own[i + 1] : undefined;
    const file = fileOf(block);
    if (file !== undefined)
      test(`saves ${file}, line ${block.line}`, () => {
        const path = join(folderOf(document), file);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, block.text);
        const isUsed = commands.some((c) => c.document === document && c.line.includes(` ${file}`));
        if (isChecked(file) && !isUsed) run(document, `attnsim check ${file}`);
      });
    else if (block.language === 'sh' && !block.rest.startsWith('by hand')) {
      let all = '';
      for (const line of commandsOf(block))
        test(line, () => {
          all += run(document, line);
        });
      if (answer !== undefined) test(`reads the answer, line ${answer.line}`, () => expectShown(answer, all));
    } else if (block.language === 'ts')
      test(`runs the program, line ${block.line}`, () => {
        const program = join(folder, 'programs', programName(block));
        const ran = spawnSync(process.execPath, [program], { cwd: folderOf(document), encoding: 'utf8' });
        expect(ran.stderr).toBe('');
        expect(ran.status).toBe(0);
        if (answer !== undefined) expectShown(answer, ran.stdout);
      });
  }
  for (const figure of figuresOf(document))
    test(`draws ${figure} as it is shown`, () =>
      expectWritten(join(dirname(document), figure), readFileSync(join(folderOf(document), figure), 'utf8')));
});

test('the plot in the documents is the one that npm start draws', () => {
  expect(shell('README.md', 'attnsim demo --out demo').status).toBe(0);
  const drawn = readFileSync(join(folderOf('README.md'), 'demo/roofline.svg'), 'utf8');
  const shown = join(root, 'docs/roofline.svg');
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(shown, drawn);
  expect(readFileSync(shown, 'utf8') === drawn, 'UPDATE_DOCS=1 writes docs/roofline.svg as it is now').toBe(true);
});

const texts = documents.map((document) => ({ document, text: readFileSync(join(root, document), 'utf8') }));

const sources = ['src', 'test', 'experiments', '.vitepress'].flatMap((room) =>
  readdirSync(join(root, room), { encoding: 'utf8', recursive: true }),
);

test.each(texts)('the files that $document names are there', ({ document, text }) => {
  const links = [...text.matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)].map(([, path = '']) =>
    join(root, document, '..', path),
  );
  const named = [...text.matchAll(/`((?:src|test|cascades|mappings|workloads|hardware-specs|docs)\/[\w./-]*\w)`/g)];
  const paths = [...links, ...named.map(([, path = '']) => join(root, path))];
  // NAME stands for any name.
  expect(paths.filter((path) => !path.includes('NAME') && !existsSync(path))).toEqual([]);
  // Inside the paragraph of a room a file goes by its name alone.
  const short = [...text.matchAll(/`((?:[\w-]+\/)*[\w-]+\.ts)`/g)].map(([, name = '']) =>
    name.replace(/^(src|test|experiments)\//, ''),
  );
  expect(short.filter((name) => !sources.some((file) => `/${file}`.endsWith(`/${name}`)))).toEqual([]);
});
