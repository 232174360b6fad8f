import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { contents, documents, pageOf } from '../.vitepress/contents.ts';

const root = join(import.meta.dirname, '..');
const site = mkdtempSync(join(tmpdir(), 'attnsim-'));
afterAll(() => rmSync(site, { recursive: true }));

test('every document is in the sidebar once, and nothing else is', () => {
  expect(contents.flatMap((section) => section.documents).toSorted()).toEqual(documents.toSorted());
});

const page = (path: string): string => readFileSync(join(site, path), 'utf8');

const home = 'http://host/under/here/';

/** What a page of the site links to on its own host. */
const linksOf = (path: string): readonly URL[] =>
  [...page(path).matchAll(/<(?:a|link|img|script)\b[^>]*? (?:href|src)="([^"]*)"/g)]
    .map((match) => new URL(match[1]!.replaceAll('&amp;', '&'), home + path))
    .filter((url) => url.host === 'host');

describe('npm run docs', () => {
  test('makes the site, for a folder of a host', () => {
    const ran = spawnSync('npm', ['run', 'docs', '--silent', '--', '--outDir', site], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, DOCS_BASE: '/under/here/' },
    });
    expect(ran.status, ran.stdout + ran.stderr).toBe(0);
    for (const document of documents)
      expect(existsSync(join(site, pageOf(document).replace(/\.md$/, '.html'))), document).toBe(true);
  });

  test('leaves no link, no file and no heading that is not there', () => {
    const pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
    const dead = pages.flatMap((path) =>
      linksOf(path).flatMap(({ href }) => {
        const [to = '', anchor = ''] = decodeURI(href).split('#');
        const file = to.slice(home.length).replace(/(^|\/)$/, '$1index.html');
        if (!to.startsWith(home) || !existsSync(join(site, file))) return [`${path} links to ${href}`];
        const isThere = anchor === '' || anchor === 'VPContent' || page(file).includes(`id="${anchor}"`);
        return isThere ? [] : [`${path} links to ${href}, which has no such heading`];
      }),
    );
    expect(dead).toEqual([]);
  });

  test('asks no other host for anything', () => {
    const files = readdirSync(site, { recursive: true, encoding: 'utf8' });
    const loaded = /<(?:link|script|img|iframe)\b[^>]*?(?:href|src)="https?:|@import|url\(["']?https?:/;
    for (const file of files.filter((name) => /\.(html|css)$/.test(name))) expect(page(file), file).not.toMatch(loaded);
  });
});
