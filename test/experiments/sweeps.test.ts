import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

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

/** Runs the commands of a block as a reader would in an empty folder, and gives what they print. */
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

const quick = ['sequence-length'];

test.each(quick)('what the README of %s shows is what its commands make', expectRemade, 600_000);
