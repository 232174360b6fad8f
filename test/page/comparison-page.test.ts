import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { differingInputs } from '../../src/report/compared.ts';
import type { Report } from '../../src/report/report.ts';
import { runCommand } from '../cases/command-errors.ts';
import { launchBrowser, openFile } from './browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
const page = join(folder, 'comparison.html');
const sizes = ['M=8', 'N=512', 'K=512'].flatMap((s) => ['--set', s]);
const bandwidths = ['10 GB/s', '17 GB/s', '34 GB/s'];
const files = bandwidths.map((_, i) => join(folder, `${i}.json`));

let browser: Browser;
let printed = '';
beforeAll(async () => {
  browser = await launchBrowser();
  for (const [i, bandwidth] of bandwidths.entries()) {
    const run = ['run', 'gemm', 'raspberry-pi-5', ...sizes, '--mapping', 'gemm-cores'];
    const { code, error } = await runCommand([...run, '--param', `BANDWIDTH=${bandwidth}`, '--out', files[i]!]);
    expect(code, error).toBe(0);
  }
  const { code, out, error } = await runCommand(['compare', ...files.map((f, i) => `run ${i}=${f}`), '--html', page]);
  expect(code, error).toBe(0);
  printed = out;
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

test('what differs has none of the digits that rounding leaves', () => {
  const [slow, quick] = [0, 1].map((i) => JSON.parse(readFileSync(files[i]!, 'utf8')) as Report);
  const runs = [
    {
      label: 'slow',
      report: { ...slow!, hardware_parameters: { LAUNCH: 0.1 + 0.2, SIZE: 2 ** 53 - 1, SAME: 0.1 * 3 } },
    },
    { label: 'quick', report: { ...quick!, hardware_parameters: { LAUNCH: 0.1, SIZE: 2 ** 53 - 2, SAME: 0.3 } } },
  ];
  expect(differingInputs(runs).slice(-2)).toEqual([
    { name: 'LAUNCH', values: ['0.3', '0.1'] },
    { name: 'SIZE', values: ['9007199254740991', '9007199254740990'] },
  ]);
});

test('compare prints the runs and how they differ from the first', () => {
  expect(printed).toMatch(/time +\S+ \S+ +\S+ \S+ +\S+ \S+/);
  expect(printed).toMatch(/against run 0 +speed-up +energy +bytes/);
  expect(printed).toMatch(/run 2 +[1-9]\S* x +- +equal/);
});

test('compare gives data to programs, and takes another baseline', async () => {
  const { out } = await runCommand([
    'compare',
    ...files.map((f, i) => `run ${i}=${f}`),
    '--baseline',
    'run 2',
    '--json',
  ]);
  const { baseline, runs } = JSON.parse(out) as { baseline: string; runs: { latency_s: number; speedup: number }[] };
  expect(baseline).toBe('run 2');
  expect(runs[2]!.speedup).toBe(1);
  expect(runs[0]!.speedup).toBe(runs[2]!.latency_s / runs[0]!.latency_s);
});

test('one report is not enough, and a baseline is one of the runs', async () => {
  expect((await runCommand(['compare', files[0]!])).code).toBe(2);
  const { code, error } = await runCommand(['compare', ...files, '--baseline', 'other']);
  expect(code).toBe(2);
  expect(error).toContain('--baseline "other" is none of the runs');
});

test.each([390, 1280])('the page shows the runs at %d pixels', async (width) => {
  const opened = await openFile(browser, page, { viewport: { width, height: 844 } });
  await opened.page.waitForSelector('#theme');
  expect(await opened.page.textContent('#summary')).toMatch(
    /^run 2 is the quickest, with .* times as fast as run 0\. All move the same bytes\.$/,
  );
  expect(await opened.page.textContent('#runs')).toContain('run 0 (baseline)');
  expect(await opened.page.textContent('#runs')).toContain('BANDWIDTH');
  const roofline = await opened.page.textContent('#figure-roofline svg');
  for (const name of ['run 0', 'run 1', 'run 2']) expect(roofline).toContain(name);
  const wide = await opened.page.$$eval('figure svg', (svgs) => svgs.map((svg) => svg.getBoundingClientRect().width));
  expect(wide.length).toBeGreaterThanOrEqual(6);
  expect(Math.max(...wide)).toBeLessThanOrEqual(width);
  expect(await opened.page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  expect(opened.problems).toEqual([]);
  await opened.page.context().close();
});
