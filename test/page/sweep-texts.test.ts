import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStore } from '../../src/sweep/store.ts';
import { runCommand } from '../cases/command-errors.ts';
import { must } from '../mapper/inputs.ts';
import { identity, rowsOf, storeWith } from '../sweep/tables.ts';
import { launchBrowser, wordsOf, writePage } from './browser.ts';
import { asked, copied, numbers, openSweepPage, selectedCount } from './sweep-actions.ts';

const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
const pathOf = (name: string): string => join(folder, name);
const store = pathOf('plain.duckdb');
const hostileStore = pathOf('hostile.duckdb');
const hostile = `</script><img src=x onerror="document.title='stolen'">' "<!--`;
/** Rows that are rounded on the page and thinned out, some nearly alike. */
const many = 'select range as n, 1 + sqrt(range + 0.5) / 1e4 as root_s, n % 3 as third from range(30000)';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
  await storeWith(store, [{ first: 0, count: 10 }]);
  const made = must(await createStore(hostileStore, { ...identity, name: hostile }));
  const rows = rowsOf({ first: 0, count: 1000 });
  const [sizes, machines, ...others] = rows.columns;
  const named = { ...(machines as { codes: Int32Array }), texts: [hostile, 'zwölf\nlines', "it's"] };
  must(await made.append({ ...rows, columns: [sizes!, named, ...others] }));
  await made.close();
  await writePage(pathOf('many.html'), 'query', store, many);
  await writePage(pathOf('hostile.html'), 'query', hostileStore);
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

describe('the page of a statement of many rows', () => {
  test('is small, says what it has, and selects of the store what it selects of its rows', async () => {
    expect(readFileSync(pathOf('many.html')).length).toBeLessThan(2e6);
    const { page, problems } = await openSweepPage(browser, pathOf('many.html'));
    expect(await page.textContent('#summary')).toBe(
      '30,000 rows of the table of buffers. The page has 20,000 of the 30,000 rows: an even sample. Where a column has more than 1,000 different numbers, the page has 7 digits of them.',
    );
    const all = new Set((await copied(page))['n']);
    for (const [from, to] of [
      ['1.01', '1.0123'],
      ['1.009999', '1.01000004'],
      ['', '1.0050001'],
    ]) {
      await page.fill('[name="root_s from"]', from!);
      await page.fill('[name="root_s to"]', to!);
      await page.keyboard.press('Tab');
      const selected = numbers((await copied(page))['n']!);
      const [, , , statement] = wordsOf((await page.textContent('#command'))!);
      const inStore = await asked(store, statement!, 'n');
      expect(inStore.filter((n) => all.has(String(n)))).toEqual(selected);
      expect(selected.length).toBeGreaterThan(0);
    }
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('is the same bytes each time', async () => {
    const again = await writePage(pathOf('again.html'), 'query', store, many);
    expect(again).toBe(readFileSync(pathOf('many.html'), 'utf8'));
  });
});

test('names and texts that are markup stay text', async () => {
  const { page, problems } = await openSweepPage(browser, pathOf('hostile.html'));
  expect(await page.title()).toBe(`Sweep ${hostile}`);
  expect(await page.$$('img')).toEqual([]);
  expect(await page.textContent('#range-list')).toContain(hostile);
  await page.uncheck('input[name="machine"] >> nth=1');
  const condition = (await page.textContent('#condition'))!;
  const points = await asked(hostileStore, `select point from points where status = 'ok' and (${condition})`, 'point');
  expect(await selectedCount(page)).toBe(points.length);
  const [, , , ...args] = wordsOf((await page.textContent('#command'))!);
  expect((await runCommand(['best', hostileStore, ...args])).code).toBe(0);
  expect(problems).toEqual([]);
  await page.context().close();
});
