import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { Block } from './documents.ts';

/**
 * Compares a table with the one of a document of the repository, which stands between `<!-- table NAME -->` and
 * `<!-- end -->`. UPDATE_DOCS=1 writes it there instead.
 */
export function expectDocumented(document: string, name: string, rows: readonly (readonly string[])[]): void {
  const path = join(import.meta.dirname, '..', document);
  const text = readFileSync(path, 'utf8');
  const begin = `<!-- table ${name} -->\n`;
  const start = text.indexOf(begin) + begin.length;
  const end = text.indexOf('<!-- end -->', start);
  expect(text, `${document} has no table ${name}`).toContain(begin);
  const [head = '', ...body] = rows.map((cells) => `| ${cells.join(' | ')} |\n`);
  const table = `${head}|${'---|'.repeat(rows[0]!.length)}\n${body.join('')}`;
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, text.slice(0, start) + table + text.slice(end));
  else expect(table, `${document}: UPDATE_DOCS=1 writes the table as it is now`).toBe(text.slice(start, end));
}

/** Compares a text with a file of the repository that is made of it. UPDATE_DOCS=1 writes the file instead. */
export function expectWritten(document: string, text: string): void {
  const path = join(import.meta.dirname, '..', document);
  if (process.env['UPDATE_DOCS'] === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const written = existsSync(path) ? readFileSync(path, 'utf8') : '';
  expect(written === text, `UPDATE_DOCS=1 writes ${document} as it is now`).toBe(true);
}

/**
 * Compares what a block of a document shows with what is printed; a line "..." stands for any lines. UPDATE_DOCS=1 writes a
 * block without such lines anew.
 */
export function expectShown({ document, line, text }: Block, printed: string): void {
  const parts = text.split(/^\.\.\.\n/m);
  if (parts.length === 1 && process.env['UPDATE_DOCS'] === '1' && text !== printed) {
    const path = join(import.meta.dirname, '..', document);
    const is = readFileSync(path, 'utf8');
    const [fence, after] = ['```text\n', '```\n'];
    if (!is.includes(`${fence}${text}${after}`)) throw new Error(`${document}:${line} has changed meanwhile`);
    writeFileSync(
      path,
      is.replace(`${fence}${text}${after}`, () => `${fence}${printed}${after}`),
    );
    return;
  }
  const exactly = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('(?:.*\\n)*');
  if (!new RegExp(`^${exactly}$`).test(printed)) expect(printed, `${document}:${line}`).toBe(text);
}
