import { copyFileSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** What a browser shows by itself; other texts get a name by which it knows them as such. */
const shown = /\.(json|svg|txt|html)$/;

const nameInSite = (path: string): string => (shown.test(path) ? path : `${path}.txt`);

/** Files of the repository that documents link to and that are no documents: cascades, machines, schemas, points. */
export type LinkedFiles = Set<string>;

/**
 * What a link of a document (a path in the repository) becomes in the site. What it links to, if that is no document, is
 * added to `linked`. Throws if there is no such file.
 */
export function hrefInSite(root: string, document: string, href: string, linked: LinkedFiles): string {
  if (/^([a-z]+:|\/\/|#)/i.test(href)) return href;
  const [path = '', anchor = ''] = href.split(/(?=#)/);
  const file = posix.join(posix.dirname(document), path);
  if (statSync(join(root, file), { throwIfNoEntry: false })?.isFile() !== true)
    throw new Error(`${document} links to "${file}", which is no file`);
  if (path.endsWith('.md')) return path.replace(/README\.md$/, 'index.md') + anchor;
  linked.add(file);
  return nameInSite(path) + anchor;
}

/** Copies their texts into the site, to the same places. */
export function copyLinkedFiles(root: string, linked: LinkedFiles, site: string): void {
  for (const file of linked) {
    const copy = join(site, nameInSite(file));
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(join(root, file), copy);
  }
}
