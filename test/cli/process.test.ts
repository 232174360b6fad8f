import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const main = join(root, 'dist/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));

afterAll(() => rmSync(folder, { recursive: true }));

const attnsim = (...args: string[]) =>
  spawnSync(process.execPath, [main, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });

test('help goes to stdout and exits with 0', () => {
  const ran = attnsim('--help');
  expect(ran.status).toBe(0);
  expect(ran.stdout).toContain('Usage: attnsim');
  expect(ran.stderr).toBe('');
});

test('no command at all shows the help on stderr and exits with 2', () => {
  const ran = attnsim();
  expect(ran.status).toBe(2);
  expect(ran.stdout).toBe('');
  expect(ran.stderr).toContain('Usage: attnsim');
});

test('help of a command that is not there says so, under the help of all', () => {
  const ran = attnsim('help', 'runn');
  expect(ran.status).toBe(2);
  expect(ran.stdout).toBe('');
  expect(ran.stderr).toMatch(
    /^Usage: attnsim[\s\S]*error\[unknown-command\]: attnsim has no command "runn"\n.*"run"\?\n$/,
  );
});

test("the version is the package's", () => {
  expect(attnsim('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('diagnostics go to stderr; wrong input exits with 1, wrong usage with 2', () => {
  const input = attnsim('check', 'nothing-there.einsum');
  expect(input.status).toBe(1);
  expect(input.stderr).toContain('error[unreadable-file]');
  const usage = attnsim('chekc', 'x');
  expect(usage.status).toBe(2);
  expect(usage.stdout).toBe('');
  expect(usage.stderr).toContain('did you mean "check"?');
});

test('a reader that goes away, as head does, is no error', () => {
  const script = `"${process.execPath}" "${main}" list --json | head -c 10; echo "exit \${PIPESTATUS[0]}"`;
  const ran = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect(ran.stderr).toBe('');
  expect(ran.stdout).toMatch(/^\[\n {2}\{\n {3}.*exit 0\n$/s);
});

test.each([
  ['cascade', 'check', 'huge.einsum'],
  ['machine', 'check', 'huge.yaml'],
  ['mapping', 'check', 'huge.map'],
])('a %s of 200 MB is refused before it is read', (_, command, name) => {
  const file = join(folder, name);
  writeFileSync(file, '');
  truncateSync(file, 200 * 2 ** 20);
  const ran = attnsim(command, file);
  expect(ran.status).toBe(1);
  expect(ran.stderr).toContain('error[too-large]');
  expect(ran.stderr).toContain('200.0 MiB; at most 1.0 MiB is read');
});

test.each([
  ['a zero byte', Buffer.from('cascade x\0'), 'zero byte at offset 9'],
  ['bytes that are not UTF-8', Buffer.from([0x63, 0xff, 0xfe]), 'not a text in UTF-8'],
])('%s is refused', (_, bytes, reason) => {
  const file = join(folder, 'binary.einsum');
  writeFileSync(file, bytes);
  const ran = attnsim('check', file);
  expect(ran.status).toBe(1);
  expect(ran.stderr).toContain(reason);
});

test('a named pipe without a writer is refused, not waited for', () => {
  const pipe = join(folder, 'pipe.einsum');
  execFileSync('bash', ['-c', 'mkfifo "$0"', pipe]);
  const ran = attnsim('check', pipe);
  expect(ran.status).toBe(1);
  expect(ran.stderr).toContain('not a regular file');
});

test('a file of a shipped name in the working folder is the one that is meant', () => {
  writeFileSync(join(folder, 'gemm'), 'cascade own\n  rank M\n  input A[M]\n  output Z[M]\n  Z[m] = exp(A[m])\n');
  const ran = attnsim('analyze', 'gemm', '--set', 'M=4');
  expect(ran.stdout).toMatch(/^own\n/);
  expect(ran.status).toBe(0);
});
