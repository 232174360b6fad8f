import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import { runCommand } from '../cases/command-errors.ts';
import { answered, launchBrowser, openFile, wordsOf, writePage } from './browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
const root = join(import.meta.dirname, '../..');
const fileOf = (name: string): string => join(folder, `${name}.html`);
const sizes = (...texts: readonly string[]): readonly string[] => texts.flatMap((s) => ['--set', s]);

const fusemax = ['attention-1-pass', 'fusemax', '--mapping', 'fusemax-binding', '--model', 'both'];
const runs = {
  fusemax: ['run', ...fusemax, ...sizes('B=1', 'H=2', 'P=2048', 'M=2048', 'E=64', 'F=64')],
  h100: [
    'run',
    'attention-1-pass',
    'h100-sxm',
    '--workload',
    'flash-h100',
    ...sizes('P=1024', 'M=1024'),
    '--mapping',
    'flash-attention-3',
  ],
  cpu: ['run', 'gemm', 'raspberry-pi-5', ...sizes('M=8', 'N=512', 'K=512'), '--mapping', 'gemm-cores'],
} as const;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
  for (const [name, args] of Object.entries(runs)) await writePage(fileOf(name), ...args);
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

/** Answered once: all that the script does at first is done. */
const ready = (page: Page) => page.waitForSelector('.answer[data-answered]');

/** Numbers of the answer by what they are. */
const answers = (page: Page): Promise<Record<string, number>> =>
  page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll('tr[data-answer]')].flatMap((row) => {
        const value = row.querySelector('[data-value]')?.getAttribute('data-value');
        return value == null ? [] : [[row.getAttribute('data-answer'), Number(value)]];
      }),
    ),
  );

/** What the command that the page shows prints. */
async function reportOf(page: Page): Promise<Report> {
  const command = (await page.textContent('#command'))!;
  const [name, ...args] = wordsOf(command);
  expect(name).toBe('attnsim');
  const { code, out, error } = await runCommand([...args, '--json']);
  expect(code, error).toBe(0);
  return JSON.parse(out) as Report;
}

async function expectSame(page: Page): Promise<void> {
  const report = await reportOf(page);
  const { roofline, traffic_bytes } = report;
  const moved = traffic_bytes[roofline!.level]!;
  expect(await answers(page)).toMatchObject({
    time: report.latency_s,
    cycles: report.latency_cycles,
    ...(report.energy_j > 0 ? { energy: report.energy_j } : {}),
    performance: roofline!.achieved_ops_per_s,
    'outermost traffic': moved.read + moved.write,
  });
}

describe.each(Object.keys(runs))('the page of %s', (name) => {
  test('loads without a word on the console or a request, and has its figures', async () => {
    const { page, problems } = await openFile(browser, fileOf(name));
    await ready(page);
    const figures = await page.$$eval('figure svg', (svgs) =>
      svgs
        .filter((svg) => svg.checkVisibility())
        .map((svg) => {
          const frame = svg.getBoundingClientRect();
          const clipped = [...svg.querySelectorAll('text')].filter((text) => {
            const box = text.getBoundingClientRect();
            return (
              box.left < frame.left - 1 ||
              box.right > frame.right + 1 ||
              box.top < frame.top - 1 ||
              box.bottom > frame.bottom + 1
            );
          });
          return {
            width: frame.width,
            height: frame.height,
            label: svg.getAttribute('aria-label') ?? '',
            clipped: clipped.map((t) => t.textContent),
          };
        }),
    );
    expect(figures.length).toBeGreaterThanOrEqual(6);
    for (const { width, height, label, clipped } of figures) {
      expect(Math.min(width, height)).toBeGreaterThan(100);
      expect(label.length).toBeGreaterThan(20);
      expect(clipped).toEqual([]);
    }
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('is well under 2 MB', () => expect(readFileSync(fileOf(name)).length).toBeLessThan(1.5e6));

  test('says what the command line says when controls move', async () => {
    const { page, problems } = await openFile(browser, fileOf(name));
    await ready(page);
    await expectSame(page);
    const sliders = await page.$$('.control > input[type="range"]');
    for (const slider of [sliders[0]!, sliders[2]!, sliders.at(-1)!]) {
      if (!(await slider.isVisible())) continue;
      await answered(page, () => slider.press('ArrowRight'));
      if (await page.isHidden('.refusal')) await expectSame(page);
      else await answered(page, () => slider.press('ArrowLeft'));
    }
    await answered(page, () => page.fill('#machine-BANDWIDTH', '123.4 GB/s'));
    await expectSame(page);
    expect(await page.textContent('#command')).toContain("--param 'BANDWIDTH=123.4 GB/s'");
    await answered(page, () => page.click('#reset'));
    await expectSame(page);
    expect(await page.textContent('#command')).not.toContain('BANDWIDTH');
    expect(problems).toEqual([]);
    await page.context().close();
  });
});

test('a page is the same bytes each time', async () => {
  expect(await writePage(join(folder, 'again.html'), ...runs.cpu)).toBe(readFileSync(fileOf('cpu'), 'utf8'));
});

test('what cannot be run is said in words, and reset mends it', async () => {
  const { page } = await openFile(browser, fileOf('fusemax'));
  await ready(page);
  await answered(page, () => page.fill('#machine-GLOBAL_BUFFER', '1 KiB'));
  expect(await page.textContent('.refusal')).toMatch(/GlobalBuffer/);
  await answered(page, () => page.fill('#size-P', '1.5'));
  expect(await page.textContent('.refusal')).toContain('"1.5" is not a whole number');
  await answered(page, () => page.click('#reset'));
  expect(await page.isHidden('.refusal')).toBe(true);
  await page.context().close();
});

test('what follows others follows until it is moved, even back to where it was', async () => {
  const { page } = await openFile(browser, fileOf('fusemax'));
  await ready(page);
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
  const columns = await page.inputValue('#mapping-P0');
  await answered(page, () => page.fill('#machine-PE_COLUMNS', '128'));
  expect(await page.inputValue('#mapping-P0')).not.toBe(columns);
  await answered(page, () => page.fill('#mapping-P0', '64'));
  await answered(page, () => page.fill('#mapping-P0', columns));
  expect(await page.inputValue('#mapping-P0')).toBe(columns);
  expect(await page.textContent('#command')).toContain(`P0=${columns}`);
  await page.context().close();
});

test('sliders follow their fields, and what follows from others follows them', async () => {
  const { page } = await openFile(browser, fileOf('fusemax'));
  await ready(page);
  const stop = () =>
    page.$eval('#machine-GLOBAL_BUFFER', (field) =>
      Number((field.parentElement!.querySelector('[type="range"]') as HTMLInputElement).value),
    );
  const [before, tiles] = [await stop(), await page.inputValue('#mapping-FIT')];
  await answered(page, () => page.fill('#machine-GLOBAL_BUFFER', '64 MiB'));
  expect(await stop()).toBeGreaterThan(before);
  expect(Number(await page.inputValue('#mapping-FIT'))).toBeGreaterThan(Number(tiles));
  await page.context().close();
});

test('the point on the roofline moves', async () => {
  const { page } = await openFile(browser, fileOf('fusemax'));
  await ready(page);
  const texts = () => page.textContent('#figure-what-if svg');
  expect(await texts()).not.toContain('changed');
  await answered(page, () => page.fill('#size-M', '256'));
  expect(await texts()).toMatch(/as it is.*changed/s);
  await page.context().close();
});

test('tables sort by click and by key', async () => {
  const { page } = await openFile(browser, fileOf('fusemax'));
  await ready(page);
  const table = page.locator('table.data', { has: page.locator('caption', { hasText: 'Energy' }) });
  const column = () =>
    table
      .locator('tbody tr')
      .evaluateAll((rows) => rows.map((row) => Number((row as HTMLTableRowElement).cells[1]!.dataset['value'])));
  const head = table.locator('thead th').nth(1);
  await head.locator('button').click();
  expect(await head.getAttribute('aria-sort')).toBe('descending');
  const descending = await column();
  expect(descending).toEqual(descending.toSorted((a, b) => b - a));
  await head.locator('button').focus();
  await page.keyboard.press('Enter');
  expect(await head.getAttribute('aria-sort')).toBe('ascending');
  expect(await column()).toEqual(descending.toReversed());
  await table.locator('thead th').first().locator('button').click();
  expect(await head.getAttribute('aria-sort')).toBe('none');
  const names = await table.locator('tbody th').allTextContents();
  expect(names).toEqual(names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })));
  await page.context().close();
});

test('marks have tooltips, by pointer and by key', async () => {
  const { page } = await openFile(browser, fileOf('fusemax'));
  await ready(page);
  const marks = page.locator('#figure-energy svg [data-mark]');
  await marks.first().hover();
  const text = await marks.first().getAttribute('aria-label');
  expect(await page.textContent('.tip')).toBe(text);
  await page.keyboard.press('Escape');
  expect(await page.isHidden('.tip')).toBe(true);
  await marks.first().focus();
  await page.keyboard.press('ArrowRight');
  expect(await page.textContent('.tip')).toBe(await marks.nth(1).getAttribute('aria-label'));
  expect(await page.isVisible('.tip')).toBe(true);
  await page.context().close();
});

test('it is light and dark, by the system and by the button', async () => {
  const paper = (page: Page) =>
    page.evaluate(() =>
      [document.body, document.querySelector('#figure-time svg > rect')!].map((e) => {
        const style = getComputedStyle(e);
        return e === document.body ? style.backgroundColor : style.fill;
      }),
    );
  const light = ['rgb(255, 255, 255)', 'rgb(255, 255, 255)'];
  const { page } = await openFile(browser, fileOf('cpu'), { colorScheme: 'dark' });
  await ready(page);
  const dark = await paper(page);
  expect(dark[0]).toBe(dark[1]);
  expect(dark).not.toEqual(light);
  await page.click('#theme');
  expect(await paper(page)).toEqual(light);
  await page.click('#theme');
  expect(await paper(page)).toEqual(dark);
  await page.emulateMedia({ media: 'print' });
  expect(await paper(page)).toEqual(light);
  expect(await page.isHidden('.bar')).toBe(true);
  expect(await page.isHidden('section:has(#what-if) h2')).toBe(true);
  await page.context().close();
});

test('without its script it shows all but the panel', async () => {
  const { page, problems } = await openFile(browser, fileOf('fusemax'), { javaScriptEnabled: false });
  expect(await page.textContent('#summary')).toContain('It is limited by');
  expect(await page.locator('table.data').count()).toBeGreaterThan(6);
  expect(await page.locator('figure svg').count()).toBeGreaterThanOrEqual(5);
  expect(await page.textContent('#what-if')).toContain('needs the script');
  expect(problems).toEqual([]);
  await page.context().close();
});

test.each([390, 1280])('at %d pixels nothing is wider than the page', async (width) => {
  const { page } = await openFile(browser, fileOf('h100'), { viewport: { width, height: 844 } });
  await ready(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  await page.context().close();
});

test('names that are markup stay text', async () => {
  const hostile = '</script><script>alert(1)</script><img src=x onerror=alert(1)><!--';
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const files = {
    cascade: ['gemm.einsum', `# ${hostile}\n${read('cascades/gemm.einsum')}`],
    mapping: ['m.map', `# ${hostile}\n${read('mappings/gemm-cores.map')}`],
    machine: [
      'm.yaml',
      `name: mine\nextends: raspberry-pi-5\ndescription: "${hostile}"\nsources: { me: "${hostile}" }\nparameters: { CORES: { value: 2, source: me, note: "${hostile}" } }\n`,
    ],
  } as const;
  for (const [name, text] of Object.values(files)) writeFileSync(join(folder, name), text);
  const [cascade, mapping, machine] = [files.cascade, files.mapping, files.machine].map(([name]) => join(folder, name));
  await writePage(fileOf('hostile'), 'run', cascade!, machine!, '--mapping', mapping!, ...sizes('M=8', 'N=64', 'K=64'));
  const { page, problems } = await openFile(browser, fileOf('hostile'));
  await ready(page);
  expect(await page.textContent('#sources')).toContain(hostile);
  expect(await page.textContent('#texts')).toContain(hostile);
  expect(await page.textContent('#what-if')).toContain(hostile);
  expect(await page.locator('img').count()).toBe(0);
  expect(problems).toEqual([]);
  await page.context().close();
});
