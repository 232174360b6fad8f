import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../cases/command-errors.ts';
import { run } from '../sweep/processes.ts';
import { launchBrowser, openFile, wordsOf, writePage } from './browser.ts';
import { asked, copied, drag, numbers, openSweepPage, selectedCount } from './sweep-actions.ts';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
const pathOf = (name: string): string => join(folder, name);
const store = pathOf('first.duckdb');
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
  expect((await run(folder, 'sweep', 'first-sweep', '--out', 'first.duckdb', '--html', 'first.html')).code).toBe(0);
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

/** The rows on the page are those that its condition selects in the store, and its command gives the best of them. */
async function expectSelected(page: Page): Promise<readonly number[]> {
  const condition = (await page.textContent('#condition'))!;
  const points = numbers((await copied(page))['point']!);
  expect(await asked(store, `select point from points where status = 'ok' and (${condition})`, 'point')).toEqual(
    points,
  );
  expect(await selectedCount(page)).toBe(points.length);
  const [name, command, file, ...args] = wordsOf((await page.textContent('#command'))!);
  expect([name, command, file]).toEqual(['attnsim', 'best', 'first.duckdb']);
  const { code, out, error } = await runCommand(['best', store, ...args, '--json']);
  expect(code, error).toBe(0);
  const best = (JSON.parse(out) as { points: { point: number }[] }).points.map((p) => p.point);
  expect(points).toEqual(expect.arrayContaining(best));
  expect(best.length).toBe(Math.min(20, points.length));
  return points;
}

const open = (name: string, options?: BrowserContextOptions) => openSweepPage(browser, pathOf(name), options);

const axisOf = (i: number): string => `#parallel .axes:nth-of-type(${i}) .overlay`;

describe('the page of a sweep', () => {
  test('loads without a word on the console or a request, and says what there is', async () => {
    const { page, problems } = await open('first.html');
    expect(await page.textContent('#summary')).toBe(
      'Of 60 points of first-sweep, 46 are ok, 8 break a constraint and 6 are not in the space. 2 are in the front of latency_s and area_mm2: no other is better in one and as good in the others.',
    );
    expect(await page.textContent('.tiles')).toMatch(/least latency_s2.0134 msPES = 256, BUFFER = 4 Mi, BW = 400 G/);
    expect(await page.textContent('#outcomes')).toContain('a constraint does not hold');
    expect(await selectedCount(page)).toBe(46);
    const inked = await page.$$eval('canvas', (canvases) =>
      canvases.map((canvas) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        return data.some((value) => value > 0);
      }),
    );
    expect(inked).toEqual([true, true, true, true]);
    expect(await page.locator('.front').getAttribute('d')).toMatch(/^M.*V.*H/);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('brushes by mouse select what the SQL selects, on axes and in the plot, and all views follow', async () => {
    const { page, problems } = await open('first.html');
    // The fifth axis is the latency: its lower part.
    await drag(page, axisOf(5), [0.5, 0.45], [0.5, 0.99]);
    const few = await expectSelected(page);
    expect(few.length).toBeLessThan(46);
    expect(await page.inputValue('[name="latency_s to"]')).toMatch(/ ms$/);
    expect(await page.isVisible('#scatter .brush .selection')).toBe(true);
    await drag(page, axisOf(1), [0.5, 0.5], [0.5, 0.99]);
    const fewer = await expectSelected(page);
    expect(few).toEqual(expect.arrayContaining(fewer as number[]));
    expect(await page.locator('#rows tbody tr').count()).toBe(fewer.length);
    await page.click('#clear');
    expect(await selectedCount(page)).toBe(46);
    await drag(page, '#scatter .overlay', [0.02, 0.6], [0.5, 0.99]);
    const low = await expectSelected(page);
    expect(low.length).toBeGreaterThan(0);
    expect(low.length).toBeLessThan(46);
    expect(await page.textContent('#condition')).toMatch(/^"latency_s" <= \S+ AND "area_mm2" <= \S+$/);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('typed ranges and boxes do the same, without a mouse', async () => {
    const { page } = await open('first.html');
    await page.fill('[name="BW from"]', '100 G');
    await page.keyboard.press('Enter');
    await page.fill('[name="latency_s to"]', '7.165 ms');
    await page.keyboard.press('Tab');
    expect(await page.textContent('#condition')).toBe('"BW" >= 100000000000 AND "latency_s" <= 7.165e-3');
    const typed = await expectSelected(page);
    await page.uncheck('input[name="bound.resource"] >> nth=0');
    const checked = await expectSelected(page);
    expect(checked.length).toBeLessThan(typed.length);
    expect(await page.textContent('#condition')).toContain(`"bound.resource" IN ('Array2D', 'DRAM')`);
    await page.fill('[name="BW from"]', 'fast');
    await page.keyboard.press('Tab');
    expect(await page.getAttribute('[name="BW from"]', 'aria-invalid')).toBe('true');
    expect(await selectedCount(page)).toBe(checked.length);
    await page.fill('[name="BW from"]', '');
    await page.keyboard.press('Tab');
    expect(await page.textContent('#condition')).not.toContain('BW');
    await expectSelected(page);
    await page.context().close();
  });

  test('the table sorts by any column, and its rows mark their dots', async () => {
    const { page } = await open('first.html');
    const cells = (column: number) =>
      page.$$eval(
        '#rows tbody tr',
        (rows, c) => rows.map((row) => (row as HTMLTableRowElement).cells[c]!.title),
        column,
      );
    const heads = page.locator('#rows thead th');
    expect(await heads.nth(5).getAttribute('aria-sort')).toBe('ascending');
    expect((await cells(5)).map(Number)).toEqual(numbers(await cells(5)));
    await heads.nth(6).locator('button').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    expect(await heads.nth(6).getAttribute('aria-sort')).toBe('descending');
    expect((await cells(6)).map(Number)).toEqual(numbers(await cells(6)).toReversed());
    await page.locator('#rows tbody tr').nth(3).hover();
    expect(await page.locator('#scatter .marked').isVisible()).toBe(true);
    expect(await page.locator('#parallel path.marked').getAttribute('d')).toMatch(/^M\d.*L/);
    await page.locator('#rows tbody tr').first().focus();
    await page.keyboard.press('ArrowDown');
    expect(await page.$$eval('#rows tbody tr.marked', (rows) => rows.length)).toBe(1);
    await page.context().close();
  });

  test('a pointer over a dot shows its row', async () => {
    const { page } = await open('first.html');
    await page.locator('#scatter').scrollIntoViewIfNeeded();
    const path = (await page.locator('#scatter .front').getAttribute('d'))!;
    const [, x, y] = /^M([\d.]+),[-\d.]+V([\d.]+)/.exec(path)!;
    const box = (await page.locator('#scatter svg').boundingBox())!;
    await page.mouse.move(box.x + Number(x), box.y + Number(y));
    expect(await page.textContent('.row-tip')).toMatch(/^point38PES256BUFFER4 MiBW400 GL1 Kilatency_s2.0134 ms/);
    expect(await page.$$eval('#rows tr.marked', (rows) => rows.map((row) => row.getAttribute('data-row')))).toEqual([
      await page.getAttribute('#rows tbody tr', 'data-row'),
    ]);
    await page.mouse.move(box.x + 5, box.y + 5);
    expect(await page.isHidden('.row-tip')).toBe(true);
    await page.context().close();
  });

  test('columns and scales of the plot can be chosen, and brushes stay', async () => {
    const { page } = await open('first.html');
    await page.fill('[name="energy_j to"]', '100 J');
    await page.keyboard.press('Tab');
    const before = await selectedCount(page);
    await page.selectOption('select[name="x"]', { label: 'energy_j' });
    await page.uncheck('[name="x log"]');
    await page.selectOption('select[name="Colour"]', { label: 'bound.resource' });
    expect(await page.textContent('.legend')).toContain('Array1D');
    expect(await page.textContent('#scatter svg')).toContain('energy_j (J)');
    expect(await page.isVisible('#scatter .brush .selection')).toBe(true);
    expect(await selectedCount(page)).toBe(before);
    await page.context().close();
  });
});

describe('what to change first', () => {
  test('is on the page as attnsim sensitivity has found it', async () => {
    const moved = pathOf('moved.json');
    expect((await runCommand(['sensitivity', 'first-sweep', '--point', '38', '--out', moved])).code).toBe(0);
    await writePage(pathOf('moved.html'), 'query', store, '--sensitivity', moved);
    const { page, problems } = await open('moved.html', { viewport: { width: 390, height: 844 } });
    const texts = await page.$$eval('#figure-sensitivity svg text', (all) => all.map((text) => text.textContent));
    expect(texts).toEqual(expect.arrayContaining(['PES = 256 (kink)', 'change of area_mm2 (%)']));
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('is refused where it is something else, or there is no page', async () => {
    const other = pathOf('other.json');
    writeFileSync(other, '{ "experiment": "x", "objectives": [{ "metric": 3 }] }');
    const ran = await runCommand(['query', store, '--html', pathOf('none.html'), '--sensitivity', other]);
    expect(ran.code).toBe(1);
    expect(ran.error).toContain('error[missing-field]: what "attnsim sensitivity --out" writes has no "model"');
    expect(ran.error).toContain('error[wrong-type]: "metric" must be a text');
    expect(existsSync(pathOf('none.html'))).toBe(false);
    expect(await runCommand(['query', store, '--sensitivity', other])).toMatchObject({ code: 2 });
  });
});

test('a sweep and a query write the same page', async () => {
  const page = await writePage(pathOf('queried.html'), 'query', store);
  expect(page).toBe(readFileSync(pathOf('first.html'), 'utf8'));
});

describe('it is for all readers', () => {
  test('on a narrow page nothing is wider than it', async () => {
    const { page, problems } = await open('first.html', { viewport: { width: 390, height: 844 } });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('without a script there are the summary and the front', async () => {
    const { page, problems } = await openFile(browser, pathOf('first.html'), { javaScriptEnabled: false });
    expect(await page.textContent('#row-table caption')).toBe('2 of 2 rows of the front');
    expect(await page.textContent('noscript')).toContain('JavaScript');
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('dots and lines are drawn in the colours of the theme, and light on paper', async () => {
    const { page } = await open('first.html');
    const ink = () =>
      page.$eval('#scatter canvas', (canvas) => {
        const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, 9999, 440);
        const at = data.findIndex((value, i) => i % 4 === 3 && value === 255);
        return data[at - 1]!;
      });
    const light = await ink();
    await page.click('#theme');
    const dark = await ink();
    expect(dark).toBeLessThan(light);
    await page.emulateMedia({ media: 'print' });
    await expect.poll(ink).toBe(light);
    await page.context().close();
  });
});
