import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type DocumentEntry, type DocumentNode, readDocument } from '../document.ts';
import { dialect, schemaField } from '../json-schema.ts';
import type { Source } from '../source.ts';
import type { Name } from './ast.ts';

/** Sizes under a name: what a model's layer is, for any cascade that has ranks and parameters of these names. */
export type WorkloadFile = {
  readonly name: string;
  readonly description: string;
  /** Where the sizes come from. */
  readonly source: string;
  readonly sizes: ReadonlyMap<Name, number>;
};

const namePattern = '^[A-Za-z_][A-Za-z0-9_]*$';

const text = (description: string): object => ({ type: 'string', pattern: '\\S', description });

/** JSON Schema 2020-12 of a workload file; published as `docs/workload-schema.json`. */
export const workloadSchema = {
  $schema: dialect,
  title: 'attnsim workload',
  type: 'object',
  additionalProperties: false,
  required: ['name', 'description', 'source', 'sizes'],
  properties: {
    $schema: schemaField,
    name: text('Name of the workload, as on the command line.'),
    description: text('One line for people.'),
    source: text('Where the sizes come from.'),
    sizes: {
      type: 'object',
      description: 'Sizes of ranks and parameters, of any cascade that has them: {B: 64, H: 12}.',
      propertyNames: { pattern: namePattern },
      additionalProperties: {
        type: 'integer',
        minimum: Number.MIN_SAFE_INTEGER,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'A whole number.',
      },
    },
  },
} as const;

const fields: readonly string[] = workloadSchema.required;
const textFields = ['name', 'description', 'source'] as const;
const isName = new RegExp(namePattern);

/**
 * Reads a workload file: YAML (or JSON) with the fields name, description, source and sizes. Errors: those
 * of `readDocument`, `wrong-type`, `unknown-field`, `missing-field`, `bad-name`, `bad-size`.
 */
export function parseWorkloadFile(source: Source): Result<WorkloadFile> {
  const document = readDocument(source);
  if (!document.ok) return document;
  const root = document.value;
  if (root.kind !== 'map') {
    const message = `a workload is a map of ${fields.join(', ')}, not a ${root.kind}`;
    return failure([diagnostic('wrong-type', message, root.span)]);
  }
  const diagnostics: Diagnostic[] = [];
  const suggested = new Set<string>();
  for (const [key, entry] of root.entries)
    if (!Object.hasOwn(workloadSchema.properties, key)) {
      const missing = fields.filter((field) => !root.entries.has(field));
      const help = didYouMean(key, missing);
      for (const field of missing) if (help?.includes(`"${field}"`)) suggested.add(field);
      diagnostics.push(diagnostic('unknown-field', `a workload has no field "${key}"`, entry.key, { help }));
    }
  for (const field of fields)
    if (!root.entries.has(field) && !suggested.has(field))
      diagnostics.push(diagnostic('missing-field', `the workload has no "${field}"`, root.span));
  const [name, description, from] = textFields.map((field) => readText(field, root.entries.get(field), diagnostics));
  readText('$schema', root.entries.get('$schema'), diagnostics);
  const sizes = readSizes(root.entries.get('sizes'), diagnostics);
  if (diagnostics.length > 0) return failure(diagnostics);
  return success({ name: name!, description: description!, source: from!, sizes });
}

function readText(field: string, entry: DocumentEntry | undefined, diagnostics: Diagnostic[]): string {
  if (entry === undefined) return '';
  if (entry.node.kind === 'scalar' && typeof entry.node.value === 'string' && entry.node.value.trim() !== '')
    return entry.node.value.trim();
  diagnostics.push(diagnostic('wrong-type', `"${field}" must be text`, entry.node.span));
  return '';
}

function readSizes(entry: DocumentEntry | undefined, diagnostics: Diagnostic[]): ReadonlyMap<Name, number> {
  const sizes = new Map<Name, number>();
  if (entry === undefined) return sizes;
  if (entry.node.kind !== 'map') {
    const message = '"sizes" must be a map of rank names and whole numbers, such as {B: 64, H: 12}';
    diagnostics.push(diagnostic('wrong-type', message, entry.node.span));
    return sizes;
  }
  for (const [name, { key, node }] of entry.node.entries) {
    if (!isName.test(name)) {
      const message = `"${name}" cannot be a rank or parameter: a name has letters, digits and "_", and no digit first`;
      diagnostics.push(diagnostic('bad-name', message, key));
    } else if (node.kind === 'scalar' && typeof node.value === 'number' && Number.isSafeInteger(node.value))
      sizes.set(name, node.value);
    else diagnostics.push(badSize(name, node));
  }
  return sizes;
}

function badSize(name: Name, node: DocumentNode): Diagnostic {
  const needs = `"${name}" must be a whole number up to 2^53`;
  if (node.kind !== 'scalar') return diagnostic('bad-size', `${needs}, but is a ${node.kind}`, node.span);
  if (node.value === null) return diagnostic('bad-size', `${needs}, but has no value`, node.span);
  if (typeof node.value !== 'string') return diagnostic('bad-size', `${needs}, but is ${node.text}`, node.span);
  return diagnostic('bad-size', `${needs}, but is the text "${node.text}"`, node.span, {
    help: 'write the number out, without quotes, units or arithmetic',
  });
}
