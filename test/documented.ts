import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

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
