import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { runCommand } from '../cases/command-errors.ts';
import { type Opened, openFile } from './browser.ts';

/** Opens the page of a sweep, may read what is copied from it, and waits until it has been drawn. */
export async function openSweepPage(
  browser: Browser,
  file: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const opened = await openFile(browser, file, { permissions: ['clipboard-read', 'clipboard-write'], ...options });
  await opened.page.waitForSelector('#scatter svg .brush');
  return opened;
}

export const selectedCount = async (page: Page): Promise<number> =>
  Number((await page.textContent('#selected-count'))!.replaceAll(',', ''));

/** Columns of all rows that are selected, as they are copied. */
export async function copied(page: Page): Promise<Readonly<Record<string, readonly string[]>>> {
  await page.waitForTimeout(200);
  await page.click('#copy-csv');
  await page.waitForFunction(() => document.querySelector('#copy-csv')?.textContent === 'Copied');
  const [head, ...lines] = (await page.evaluate(() => navigator.clipboard.readText())).trim().split('\r\n');
  const cells = lines.map((line) => line.split(','));
  return Object.fromEntries(head!.split(',').map((name, c) => [name, cells.map((row) => row[c]!)]));
}

export const numbers = (texts: readonly string[]): readonly number[] => texts.map(Number).sort((a, b) => a - b);

export async function asked(file: string, statement: string, column: string): Promise<readonly number[]> {
  const { code, out, error } = await runCommand(['query', file, statement, '--json']);
  expect(code, error).toBe(0);
  return (JSON.parse(out) as Record<string, number>[]).map((row) => row[column]!).sort((a, b) => a - b);
}

/** Drags from one place in an element to another, both as shares of its size. */
export async function drag(
  page: Page,
  selector: string,
  from: readonly [number, number],
  to: readonly [number, number],
) {
  await page.locator(selector).scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await page.locator(selector).boundingBox())!;
  await page.mouse.move(x + from[0] * width, y + from[1] * height);
  await page.mouse.down();
  await page.mouse.move(x + to[0] * width, y + to[1] * height, { steps: 4 });
  await page.mouse.up();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}
