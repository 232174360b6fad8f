import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type DocumentNode, readDocument } from '../document.ts';
import { checkForm, plain } from '../form.ts';
import { dialect, schemaField } from '../json-schema.ts';
import type { Source } from '../source.ts';

/** A row of a file of points, not yet checked. */
export type PointRow = {
  /** "results[3]", or "row 3" where the file is one list. */
  readonly name: string;
  /** The list that it stands in; undefined where the file is one list. */
  readonly table: string | undefined;
  readonly node: DocumentNode;
};

/**
 * Reads a file of points: JSON (or YAML), a list of rows or a block with some of the `tables`. Other fields of the
 * block are passed over. Errors: those of `readDocument`, `wrong-type`, `missing-field`.
 */
export function readRows(source: Source, tables: readonly string[]): Result<readonly PointRow[]> {
  const document = readDocument(source);
  if (!document.ok) return document;
  const root = document.value;
  const lists = tables.map((t) => `"${t}"`).join(' or ');
  if (root.kind === 'scalar') {
    const message = `a file of points is a list of rows, or a block with ${lists}`;
    return failure([diagnostic('wrong-type', message, root.span)]);
  }
  const rows: PointRow[] = [];
  const wrong: Diagnostic[] = [];
  const add = (list: DocumentNode, table: string | undefined): void => {
    if (list.kind === 'list')
      for (const [i, node] of list.items.entries()) rows.push({ name: `${table ?? 'points'}[${i}]`, table, node });
    else wrong.push(diagnostic('wrong-type', `"${table}" must be a list of rows`, list.span));
  };
  if (root.kind === 'list') add(root, undefined);
  else
    for (const table of tables) {
      const entry = root.entries.get(table);
      if (entry !== undefined) add(entry.node, table);
    }
  if (wrong.length > 0) return failure(wrong);
  if (rows.length > 0) return success(rows);
  const help = root.kind === 'map' ? didYouMean([...root.entries.keys()].join(' '), tables) : undefined;
  const message = `there are no points: a file of points is a list of rows, or a block with ${lists}`;
  return failure([diagnostic('missing-field', message, root.span, { help })]);
}

export type RowForm = {
  /** JSON Schema of the row; its `properties` are the fields that are used. */
  readonly schema: { readonly properties: Readonly<Record<string, object>> };
  /** Fields that the format has and nothing here uses. Any other is warned of, as it may be misspelt. */
  readonly unused: readonly string[];
};

/**
 * JSON Schema 2020-12 of a file of points, of which each table has its schema of rows. A file of one table may be the
 * list of its rows.
 */
export function pointsSchema(suite: string, tables: Readonly<Record<string, object>>): object {
  const names = Object.keys(tables);
  const reference = (name: string): object => ({ $ref: `#/$defs/${name}` });
  const list = (name: string): object => ({ type: 'array', items: reference(name) });
  return {
    $schema: dialect,
    title: `attnsim points of ${suite}`,
    if: { type: 'array' },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: names.length === 1 ? { items: reference(names[0]!) } : {},
    else: {
      type: 'object',
      anyOf: names.map((name) => ({ required: [name] })),
      properties: { $schema: schemaField, ...Object.fromEntries(names.map((name) => [name, list(name)])) },
    },
    $defs: tables,
  };
}

/** A row as JavaScript values. Errors: those of form. Warning: `unknown-field`. */
export function readRow<T>({ name, node }: PointRow, { schema, unused }: RowForm): Result<T> {
  const mistakes = checkForm(node, schema, { whole: name });
  if (mistakes.length > 0) return failure(mistakes.map((m) => m.diagnostic));
  const used = Object.keys(schema.properties);
  const entries = node.kind === 'map' ? [...node.entries] : [];
  const warnings = entries
    .filter(([key]) => !used.includes(key) && !unused.includes(key))
    .map(([key, { key: at }]) => {
      const absent = used.filter((field) => !entries.some(([given]) => given === field));
      const help = didYouMean(key, absent);
      const message = `field "${key}" of ${name} is not used`;
      return diagnostic('unknown-field', message, at, { severity: 'warning', help });
    });
  return success(plain(node) as T, warnings);
}
