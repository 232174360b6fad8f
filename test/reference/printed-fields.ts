import type { Printed } from './printed.ts';

type Segments = readonly string[];
type Seen = { readonly segments: Segments; readonly is: string };

/** All values of a document that are no containers, and containers that are empty, each with its path. */
function valuesOf(value: unknown, segments: Segments): readonly Seen[] {
  if (Array.isArray(value))
    return value.length === 0
      ? [{ segments: [...segments, '[]'], is: '' }]
      : value.flatMap((item) => valuesOf(item, [...segments, '[]']));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, item]) => valuesOf(item, [...segments, key]));
  return [{ segments, is: value === null ? 'null' : typeof value }];
}

/** "a.b[].c" in parts: a, b, [], c. */
const segmentsOf = (path: string): Segments =>
  path
    .replace(/\.\.\.$/, '')
    .replaceAll('[]', '.[]')
    .split('.')
    .filter((part) => part !== '');

function fits(path: string, found: Segments): boolean {
  const wanted = segmentsOf(path);
  if (path.endsWith('...') ? found.length < wanted.length : found.length !== wanted.length) return false;
  return wanted.every((part, i) => part === found[i] || (part === 'NAME' && found[i] !== '[]'));
}

/** A table of the fields that a command printed; what nothing is said of is told apart. */
export function printedTable({ fields }: Printed, documents: readonly unknown[]) {
  const seen = documents.flatMap((document) => valuesOf(document, []));
  const paths = Object.keys(fields);
  const silent = seen.filter(({ segments }) => !paths.some((path) => fits(path, segments)));
  const rows = paths.map((path) => {
    const told = seen.filter((s) => fits(path, s.segments) && s.is !== '').map((s) => s.is);
    const isObject =
      path.endsWith('...') || seen.some((s) => fits(`${path}...`, s.segments) && !fits(path, s.segments));
    const kinds = path.endsWith('...') ? told.filter((is) => is === 'null') : told;
    const is = [...new Set([...kinds, ...(isObject ? ['object'] : [])])].sort().reverse().join(' or ');
    return `| \`${path.replace(/\.\.\.$/, '')}\` | ${is} | ${fields[path]} |\n`;
  });
  return {
    table: `| field | is | says |\n| --- | --- | --- |\n${rows.join('')}`,
    silent: [...new Set(silent.map(({ segments }) => segments.join('.')))],
  };
}
