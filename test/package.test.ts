import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
const installed = join(folder, 'node_modules/attnsim');
afterAll(() => rmSync(folder, { recursive: true }));

const run = (command: string, ...args: string[]) => {
  const ran = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  expect(ran.status, ran.stderr).toBe(0);
  return ran.stdout;
};

// As `npm install attnsim-<version>.tgz` leaves it, but that the dependencies come from here and not from the registry.
beforeAll(() => {
  run('npm', 'pack', root, '--ignore-scripts', '--silent', '--pack-destination', folder);
  const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  run('tar', '-xzf', `${tarball}`);
  mkdirSync(join(folder, 'node_modules'));
  renameSync(join(folder, 'package'), installed);
  symlinkSync(join(root, 'node_modules'), join(installed, 'node_modules'));
});

test('the packed package runs the main job and writes its files', () => {
  const sizes = ['B=1', 'H=1', 'P=512', 'M=512'].flatMap((s) => ['--set', s]);
  const inputs = ['attention-1-pass', 'fusemax', '--workload', 'bert-base', ...sizes, '--mapping', 'fusemax-binding'];
  const outputs = ['--out', 'out/report.json', '--svg', 'out/roofline.svg'];
  const main = join(installed, 'dist/cli/main.js');
  expect(run(process.execPath, main, 'run', ...inputs, ...outputs)).toContain('limited by');
  expect(JSON.parse(readFileSync(join(folder, 'out/report.json'), 'utf8'))).toMatchObject({ hardware: 'fusemax' });
  expect(readFileSync(join(folder, 'out/roofline.svg'), 'utf8')).toContain('<svg');
});

test('it is a library with types, and ships its data', () => {
  const script = `
    import { readFileSync } from 'node:fs';
    import { fileURLToPath } from 'node:url';
    import { checkCascade, parseCascade } from 'attnsim';
    const path = fileURLToPath(import.meta.resolve('attnsim/cascades/gemm.einsum'));
    const parsed = parseCascade({ name: path, text: readFileSync(path, 'utf8') });
    console.log(checkCascade(parsed.value).ok);`;
  expect(run(process.execPath, '--input-type=module', '--eval', script)).toBe('true\n');
  expect(existsSync(join(installed, 'dist/index.d.ts'))).toBe(true);
});

test('a bundle of it for a page wants nothing of Node', async () => {
  const told: string[] = [];
  const onLog = (_: string, { message }: { readonly message: string }) => void told.push(message);
  const bundle = await rolldown({ input: join(installed, 'dist/index.js'), platform: 'browser', onLog });
  await bundle.generate();
  await bundle.close();
  expect(told).toEqual([]);
});

test('it holds what users need and nothing of the tests', () => {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: readonly string[] };
  const packed = readdirSync(installed).filter((name) => name !== 'node_modules');
  expect(packed.sort()).toEqual([...files, 'README.md', 'package.json'].sort());
});
