import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Import = { readonly file: string; readonly from: string };
const importsOf = (table: readonly (readonly [string, ...string[]])[]): readonly Import[] =>
  table.flatMap(([file, ...imported]) => imported.map((from) => ({ file, from })));

const forbidden = importsOf([
  ['src/source.ts', './einsum/ast.ts', './arch/load.ts', './files.ts', './simulate.ts'],
  ['src/source.ts', 'node:path', 'mathjs', 'mathjs/number', 'd3', 'd3-node', 'jsdom'],
  ['src/files.ts', './report/report.ts', './simulate.ts', 'mathjs'],
  ['src/simulate.ts', './report/report.ts', './cli/program.ts', './files.ts', 'node:fs'],
  ['src/index.ts', './files.ts', './cli/program.ts', 'node:fs'],
  [
    'src/einsum/a.ts',
    '../arch/load.ts',
    '../mapper/place.ts',
    '../models/walk.ts',
    '../report/table.ts',
    '../files.ts',
  ],
  ['src/einsum/rules/a.ts', '../../arch/load.ts', '../../mapper/place.ts', '../../simulate.ts', 'node:fs', 'mathjs'],
  ['src/arch/a.ts', '../einsum/ast.ts', '../mapper/place.ts', '../models/walk.ts', '../files.ts', 'mathjs/number'],
  ['src/arch/expression.ts', '../einsum/ast.ts', '../models/walk.ts', 'node:fs', 'd3-node'],
  ['src/mapper/a.ts', '../models/metrics.ts', '../report/report.ts', '../simulate.ts', 'node:fs', 'mathjs'],
  ['src/models/a.ts', '../mapper/place.ts', '../mapper/parse.ts', '../report/report.ts', '../simulate.ts', 'node:fs'],
  ['src/models/cycle/a.ts', '../../mapper/place.ts', '../../report/report.ts', '../../simulate.ts', '../../files.ts'],
  ['src/report/a.ts', '../mapper/placed.ts', '../models/evaluate.ts', '../simulate.ts', 'd3-node', 'node:fs'],
  ['src/report/a.ts', '../validate/suite.ts', '../figures/figure.ts', '../page/page.ts'],
  ['src/figures/a.ts', '../models/evaluate.ts', '../simulate.ts', '../files.ts', 'd3-node', 'node:fs', 'mathjs'],
  ['src/figures/a.ts', '../validate/suite.ts', '../sweep/store.ts', '../page/page.ts', '../cli/program.ts'],
  ['src/figures/svg.ts', '../models/evaluate.ts', '../files.ts', 'node:fs', 'mathjs'],
  ['src/page/a.ts', '../files.ts', '../sweep/store.ts', '../cli/program.ts', '../index.ts', 'node:fs', 'd3', 'mathjs'],
  ['src/page/browser/a.ts', '../../files.ts', '../../sweep/store.ts', 'node:fs', 'mathjs'],
  ['src/models/c.ts', '../figures/figure.ts', '../page/page.ts'],
  ['src/models/b.ts', '../validate/suite.ts'],
  ['src/simulate.ts', './validate/suite.ts'],
  ['src/validate/a.ts', '../files.ts', '../index.ts', '../cli/program.ts', 'node:fs', 'mathjs', 'd3-node'],
  ['src/validate/suites/a.ts', '../../files.ts', '../../cli/program.ts', 'node:fs'],
  ['src/search/a.ts', '../report/report.ts', '../files.ts', '../cli/program.ts', 'node:fs', 'mathjs', 'd3-node'],
  [
    'src/import/a.ts',
    '../models/evaluate.ts',
    '../search/search.ts',
    '../report/table.ts',
    '../files.ts',
    'node:fs',
    'mathjs',
  ],
  ['src/einsum/b.ts', '../import/ledger.ts'],
  [
    'src/sweep/a.ts',
    '../import/import-text.ts',
    '../cli/program.ts',
    '../index.ts',
    '../validate/suite.ts',
    'mathjs',
    'd3-node',
  ],
  ['src/models/a.ts', '../sweep/table.ts'],
  ['src/mapper/a.ts', '../search/search.ts'],
  ['src/models/a.ts', '../search/search.ts'],
  ['src/cli/program.ts', '../index.ts', 'mathjs', 'd3-node'],
  ['src/cli/commands/a.ts', '../../index.ts', 'mathjs/number', 'd3'],
]);

const allowed = importsOf([
  ['src/files.ts', 'node:fs', './diagnostic.ts'],
  ['src/simulate.ts', './einsum/parse.ts', './arch/load.ts', './mapper/place.ts', './models/evaluate.ts'],
  ['src/index.ts', './simulate.ts', './report/report.ts'],
  ['src/einsum/rules/a.ts', '../../diagnostic.ts', '../ast.ts'],
  ['src/einsum/a.ts', '../document.ts'],
  ['src/arch/expression.ts', 'mathjs/number', '../units.ts'],
  ['src/mapper/a.ts', '../einsum/ast.ts', '../arch/machine.ts'],
  ['src/search/a.ts', '../mapper/place.ts', '../models/evaluate.ts', '../arch/machine.ts'],
  [
    'src/models/cycle/a.ts',
    '../../mapper/placed.ts',
    '../../mapper/tile.ts',
    '../../einsum/workload.ts',
    './simulate.ts',
  ],
  ['src/models/a.ts', './cycle/simulate.ts', '../arch/peaks.ts'],
  ['src/import/a.ts', '../arch/expression.ts', '../einsum/words.ts', '../mapper/mapping.ts', '../document.ts'],
  ['src/report/a.ts', '../models/metrics.ts', '../models/roofline.ts', '../arch/machine.ts'],
  ['src/figures/a.ts', '../report/report.ts', '../einsum/ast.ts', '../mapper/mapping.ts', '../models/metrics.ts'],
  ['src/figures/svg.ts', 'd3-node'],
  ['src/page/a.ts', '../figures/figure.ts', '../report/report.ts', '../simulate.ts'],
  ['src/page/browser/a.ts', '../../simulate.ts', '../page.ts', 'd3'],
  ['src/validate/a.ts', '../simulate.ts', '../report/validation.ts', '../mapper/place.ts', '../arch/load.ts'],
  ['src/validate/suites/a.ts', '../suite.ts', '../../diagnostic.ts'],
  ['src/cli/commands/b.ts', '../../validate/validate.ts', '../../sweep/store.ts'],
  ['src/sweep/a.ts', '../simulate.ts', '../files.ts', '../search/search.ts', '../report/report.ts', 'node:fs'],
  ['src/cli/commands/a.ts', '../../simulate.ts', '../../files.ts', 'node:path'],
]);

/** Lints a tree whose files import just that; gives the pairs that the linter refuses. */
function refused(imports: readonly Import[]): readonly string[] {
  const files = new Map(imports.map(({ file }) => [file, imports.filter((i) => i.file === file)]));
  for (const [file, list] of files) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), list.map(({ from }) => `import '${from}';\n`).join(''));
  }
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const options = ['lint', '--only=style/noRestrictedImports', '--reporter=github', '--max-diagnostics=none', 'src'];
  const ran = spawnSync(process.execPath, [biome, ...options], { cwd: folder, encoding: 'utf8' });
  return [...ran.stdout.matchAll(/^::error title=lint.style.noRestrictedImports,file=([^,]+),line=(\d+),/gm)].map(
    ([, path = '', line = '']) => {
      const [file, list] = [...files].find(([f]) => path.endsWith(f))!;
      return `${file} ${list[Number(line) - 1]!.from}`;
    },
  );
}

const pairs = (imports: readonly Import[]): readonly string[] => imports.map(({ file, from }) => `${file} ${from}`);

beforeAll(() => copyFileSync(join(root, 'biome.json'), join(folder, 'biome.json')));

test('imports against the direction are refused', () =>
  expect([...refused(forbidden)].sort()).toEqual([...pairs(forbidden)].sort()));

test('imports along it are not', () => {
  rmSync(join(folder, 'src'), { recursive: true });
  expect(refused(allowed)).toEqual([]);
});
