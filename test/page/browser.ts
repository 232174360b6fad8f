import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { runCommand } from '../cases/command-errors.ts';

/** Debian's browser. A machine without one fails: these pages are for browsers. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  if (!existsSync(executablePath))
    throw new Error(
      `no browser at ${executablePath}: install Debian's package "chromium", or say in CHROMIUM where one is`,
    );
  return await chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** A page with all that it should not have done: said on the console, thrown, or asked of a network. */
export type Opened = { readonly page: Page; readonly problems: readonly string[] };

export async function openFile(browser: Browser, file: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => problems.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (request) => {
    if (!/^(file|blob):/.test(request.url())) problems.push(`request: ${request.url()}`);
  });
  await page.goto(pathToFileURL(file).href);
  return { page, problems };
}

/** Writes a page by the command line. */
export async function writePage(file: string, ...args: readonly string[]): Promise<string> {
  const { code, error } = await runCommand([...args, '--html', file]);
  expect(code, error).toBe(0);
  return readFileSync(file, 'utf8');
}

/** Until the panel has an answer to what was asked last. */
export async function answered(page: Page, ask: () => Promise<unknown>): Promise<void> {
  const count = () =>
    page.evaluate(() => Number(document.querySelector('.answer')?.getAttribute('data-answered') ?? 0));
  const before = await count();
  await ask();
  await page.waitForFunction(
    (least) => Number(document.querySelector('.answer')?.getAttribute('data-answered') ?? 0) > least,
    before,
  );
}

/** Words of a command line as a shell reads it. */
export const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'((?:[^']|'\\'')*)'|(\S+)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll(`'\\''`, "'") ?? plain!,
  );
