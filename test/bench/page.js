// How soon the page of a run answers, in a browser: `npm run build && node test/bench/page.js`. CHROMIUM: another one.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const runs = {
  fusemax: ['attention-1-pass', 'fusemax', '--workload', 'bert-base', '--mapping', 'fusemax-binding'],
  'h100-sxm': ['attention-1-pass', 'h100-sxm', '--workload', 'flash-h100', '--mapping', 'flash-attention-3'],
};
const times = 5;

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
const main = join(import.meta.dirname, '../../dist/cli/main.js');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const answers = (page) => page.evaluate(() => Number(document.querySelector('.answer')?.dataset.answered ?? 0));

/** Waits inside the page, where no round trip is measured. */
const untilAnswered = (page, most) =>
  page.waitForFunction((n) => Number(document.querySelector('.answer')?.dataset.answered ?? 0) > n, most);

/** Milliseconds from the beginning of the navigation until the panel can be used, and from a move to its answer. */
async function measure(file, slowdown) {
  const page = await (await browser.newContext()).newPage();
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector('.panel input[type=range]');
  const usable = await page.evaluate(() => performance.now());
  const paint = await page.evaluate(() => performance.getEntriesByType('paint').at(-1)?.startTime ?? Number.NaN);
  await untilAnswered(page, 0);
  const first = await page.evaluate(() => performance.now());
  const moves = [];
  for (let i = 0; i < 5; i++) {
    const before = await answers(page);
    const start = await page.evaluate(() => {
      const slider = document.querySelector('.panel input[type=range]');
      slider.stepUp();
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      return performance.now();
    });
    await untilAnswered(page, before);
    moves.push((await page.evaluate(() => performance.now())) - start);
  }
  await page.context().close();
  return { paint, usable, first, move: median(moves) };
}

try {
  for (const [name, args] of Object.entries(runs)) {
    const file = join(folder, `${name}.html`);
    execFileSync(process.execPath, [main, 'run', ...args, '--quiet', '--html', file]);
    process.stdout.write(`${name}: ${(statSync(file).size / 1e6).toFixed(2)} MB\n`);
    for (const slowdown of [1, 4]) {
      const all = [];
      for (let i = 0; i < times; i++) all.push(await measure(file, slowdown));
      const of = (key) => `${median(all.map((m) => m[key])).toFixed(0)} ms`;
      process.stdout.write(
        `  CPU ${slowdown}x slower: paint ${of('paint')}, sliders ${of('usable')}, first answer ${of('first')}, a move ${of('move')}\n`,
      );
    }
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
