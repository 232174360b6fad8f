import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { contents, documents, pageOf, titleOf } from './contents.ts';
import { grammars } from './grammars.ts';
import { copyLinkedFiles, hrefInSite, type LinkedFiles } from './linked-files.ts';
import { openFromDisk } from './open-from-disk.ts';

const root = join(import.meta.dirname, '..');
const base = process.env['DOCS_BASE'] ?? '/';
const linked: LinkedFiles = new Set();

/** A roofline. */
const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="none" stroke="#0072b2" stroke-width="2.4">' +
  '<path d="M1 14 8 5h7" stroke-linecap="round" stroke-linejoin="round"/></svg>';

const linkTo = (document: string) => ({
  text: document === 'README.md' ? 'Overview' : titleOf(document),
  link: `/${pageOf(document).replace(/(index)?\.md$/, '')}`,
});

/** `npm run docs` makes the site of it; DOCS_BASE=/attnsim/ for one that is not at the root of its host. */
export default defineConfig({
  title: 'attnsim',
  description: 'A simulator and cost modeller of attention on hardware accelerators',
  lang: 'en',
  base,
  srcExclude: ['{dist,out,site,test,src}/**'],
  rewrites: Object.fromEntries(documents.map((document) => [document, pageOf(document)])),
  outDir: join(root, 'site'),
  cacheDir: join(root, 'node_modules/.cache/vitepress'),
  // One page after the other, so that the index of the search is the same each time.
  buildConcurrency: 1,
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(icon)}` }]],
  markdown: {
    languages: grammars,
    config(md) {
      md.core.ruler.push('links-of-the-repository', ({ tokens, env }) => {
        const document = String(env.realPath ?? env.path).slice(root.length + 1);
        for (const token of tokens.flatMap((t) => t.children ?? [])) {
          const href = token.attrGet('href');
          if (token.type === 'link_open' && href !== null)
            token.attrSet('href', hrefInSite(root, document, href, linked));
        }
      });
    },
  },
  // The index of the search, which is loaded when somebody searches.
  vite: { build: { chunkSizeWarningLimit: 3000 } },
  transformHtml: (html, _, { page }) => openFromDisk(html, base, page),
  buildEnd: ({ outDir }) => copyLinkedFiles(root, linked, outDir),
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    nav: [
      { text: 'Tutorial', link: '/docs/tutorial' },
      { text: 'Commands', link: '/docs/reference/commands' },
      { text: 'Validation', link: '/docs/validation' },
    ],
    sidebar: contents.map(({ title, documents }) => ({ text: title, items: documents.map(linkTo) })),
  },
});
