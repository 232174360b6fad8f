import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findExperiment, gatherTexts } from '../../src/sweep/gather-texts.ts';
import { openSweep } from '../../src/sweep/open-sweep.ts';
import { remadeExperiments } from '../documents.ts';
import { must } from '../mapper/inputs.ts';

const root = join(import.meta.dirname, '../..');
const main = join(root, 'dist/cli/main.js');
const isUpdating = process.env['UPDATE_DOCS'] === '1';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Block = { readonly info: string; readonly text: string; readonly from: number; readonly to: number };

const blocksOf = (document: string): readonly Block[] =>
  [...document.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    info: match[1]!,
    text: match[2]!,
    from: match.index,
    to: match.index + match[0].length,
  }));

/** Runs the commands of a block as a reader would beside the experiments, and gives what they print. */
function execute(cwd: string, commands: string): string {
  const script = `set -e\nattnsim() { "${process.execPath}" "${main}" "$@"; }\n${commands}`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return stdout;
}

/** The document with what its commands print now in the blocks below them; the figures that they draw are in the folder. */
function remade(name: string, cwd: string): { readonly is: string; readonly becomes: string } {
  const is = readFileSync(join(root, 'experiments', name, 'README.md'), 'utf8');
  let becomes = '';
  let done = 0;
  const blocks = blocksOf(is);
  for (const [i, { info, text, to }] of blocks.entries()) {
    if (info !== 'sh') continue;
    const printed = execute(cwd, text);
    const answer = blocks[i + 1];
    if (answer?.info !== 'text' || is.slice(to, answer.from).trim() !== '') continue;
    becomes += `${is.slice(done, answer.from)}\`\`\`text\n${printed}\`\`\``;
    done = answer.to;
  }
  return { is, becomes: becomes + is.slice(done) };
}

function expectRemade(name: string): void {
  const cwd = join(folder, name);
  mkdirSync(cwd);
  symlinkSync(join(root, 'experiments'), join(cwd, 'experiments'));
  const { is, becomes } = remade(name, cwd);
  const figures = join(root, 'experiments', name, 'figures');
  const drawn = readdirSync(join(cwd, 'figures')).sort();
  if (isUpdating) {
    writeFileSync(join(root, 'experiments', name, 'README.md'), becomes);
    for (const file of drawn) writeFileSync(join(figures, file), readFileSync(join(cwd, 'figures', file)));
  } else {
    expect(becomes, 'UPDATE_DOCS=1 writes it as it is now').toBe(is);
    expect(drawn).toEqual(readdirSync(figures).sort());
    for (const file of drawn) {
      const isAlike = readFileSync(join(cwd, 'figures', file)).equals(readFileSync(join(figures, file)));
      expect(isAlike, `UPDATE_DOCS=1 writes ${file} as it is now`).toBe(true);
    }
  }
}

/** A million points are made again where documents are written; else those that the tables show are. */
const { quick, large } = remadeExperiments;

test.each(isUpdating ? [...quick, ...large] : quick)(
  'what the README of %s shows is what its commands make',
  expectRemade,
  600_000,
);

/** Rows of the tables that have a column `point`. */
function shownPoints(name: string): readonly ReadonlyMap<string, string>[] {
  const document = readFileSync(join(root, 'experiments', name, 'README.md'), 'utf8');
  return blocksOf(document).flatMap(({ info, text }) => {
    const lines = text.split('\n');
    const rule = lines.findIndex((line) => /^-+( +-+)+$/.test(line));
    const head = lines[rule - 1]?.trim().split(/ +/) ?? [];
    if (info !== 'text' || !head.includes('point')) return [];
    const rows = lines.slice(rule + 1).filter((line) => line !== '');
    return rows.map(
      (line) =>
        new Map(
          line
            .trim()
            .split(/ +/)
            .map((cell, i) => [head[i]!, cell]),
        ),
    );
  });
}

/** A number with as many decimals as are shown. */
const asShown = (value: number | string | undefined, cell: string): string =>
  typeof value === 'number' ? value.toFixed((cell.split('.')[1] ?? '').length) : String(value);

describe.each(large)('points that the README of %s shows', (name) => {
  const shown = shownPoints(name);
  test('are there', () => expect(shown.length).toBeGreaterThan(30));

  test('are what they are when evaluated again', async () => {
    const found = must(await findExperiment(join(root, 'experiments', name)));
    const sweep = must(await openSweep(must(await gatherTexts(found.source, found.folder))));
    for (const row of shown) {
      const { columns } = await sweep.evaluate({ first: Number(row.get('point')), count: 1 });
      for (const [i, { name: column }] of sweep.columns.entries()) {
        const cell = row.get(column);
        const cells = columns[i]!;
        const value = 'texts' in cells ? cells.texts[cells.codes[0]!] : cells[0];
        if (cell !== undefined) expect(asShown(value, cell), `point ${row.get('point')}, ${column}`).toBe(cell);
      }
    }
  });
});
