/** As much of JSON Schema (2020-12) as the published schemas use. */
export type Schema = {
  readonly $ref?: string;
  readonly $defs?: { readonly [name: string]: Schema };
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly properties?: { readonly [name: string]: Schema };
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly then?: Schema;
  readonly else?: Schema;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
};

export type Field = {
  /** As in the file, with NAME for any name and [] for an element of a list. */
  readonly path: string;
  readonly is: string;
  readonly says: string;
  readonly isRequired: boolean;
};

/** Fields that a schema allows, each with the path to it. Those of a definition are below its own name. */
export function fieldsOf(schema: Schema, at = '', isRequired = true): readonly Field[] {
  const { properties = {}, required = [], additionalProperties, items } = schema;
  const below = [
    ...Object.entries(properties).flatMap(([name, of]) =>
      fieldsOf(of, at === '' ? name : `${at}.${name}`, required.includes(name)),
    ),
    ...(typeof additionalProperties === 'object' ? namelessOf(additionalProperties, `${at}.NAME`) : []),
    ...(items === undefined ? [] : namelessOf(items, `${at}[]`)),
    ...alternativesOf(schema).flatMap((of) => fieldsOf(of, at).filter((field) => field.path !== at)),
  ];
  if (at === '') return below;
  return [{ path: at, is: kindOf(schema), says: schema.description ?? '', isRequired }, ...below];
}

/** An element of a list or a table is told by its container, unless it says something of its own. */
const namelessOf = (schema: Schema, at: string): readonly Field[] =>
  fieldsOf(schema, at, false).filter((field) => field.path !== at || field.says !== '');

const alternativesOf = ({ anyOf = [], then: first, else: second }: Schema): readonly Schema[] => [
  ...anyOf,
  ...(first === undefined ? [] : [first]),
  ...(second === undefined ? [] : [second]),
];

function kindOf(schema: Schema): string {
  const { $ref, const: only, enum: choices, type, items, additionalProperties } = schema;
  if ($ref !== undefined) return definitionOf($ref);
  if (only !== undefined) return JSON.stringify(only);
  if (choices !== undefined) return choices.map((c) => JSON.stringify(c)).join(', ');
  const alternatives = alternativesOf(schema);
  if (alternatives.length > 0) return [...new Set(alternatives.map(kindOf))].join(' or ');
  if (items !== undefined) return `list of ${pluralOf(kindOf(items))}`;
  if (typeof additionalProperties === 'object') return `by name: ${kindOf(additionalProperties)}`;
  return `${type === undefined ? 'any' : [type].flat().join(' or ')}${rangeOf(schema)}`;
}

const pluralOf = (kind: string): string => (/^(object|string|number|integer)$/.test(kind) ? `${kind}s` : kind);

function rangeOf({ minimum, exclusiveMinimum, maximum }: Schema): string {
  if (exclusiveMinimum !== undefined) return ` > ${exclusiveMinimum}`;
  if (minimum !== undefined && maximum !== undefined) return `, ${minimum} to ${maximum}`;
  return minimum === undefined ? '' : ` >= ${minimum}`;
}

/** The name of a definition, which has a heading of its own. */
const definitionOf = (reference: string): string => `[${reference.replace('#/$defs/', '')}](#${anchorOf(reference)})`;

const anchorOf = (reference: string): string => reference.replace('#/$defs/', '').replaceAll('_', '-');

const cell = (text: string): string => text.replaceAll('|', '\\|');

function tableOf(fields: readonly Field[], isInput: boolean): string {
  const head = ['field', 'is', ...(isInput ? ['required'] : []), 'says'];
  const rows = fields.map(({ path, is, says, isRequired }) => [
    `\`${path}\``,
    cell(is),
    ...(isInput ? [isRequired ? 'yes' : ''] : []),
    cell(says),
  ]);
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('');
}

/** A page of the reference: all fields of files of a form, read (`isInput`) or written. */
export function fieldReference(title: string, introduction: string, schema: Schema, isInput: boolean): string {
  const definitions = Object.entries(schema.$defs ?? {}).map(([name, definition]) => {
    const text = definition.description === undefined ? '' : `${definition.description.replace(/\.$/, '')}.\n\n`;
    const fields = fieldsOf(definition);
    return `## ${anchorOf(name)}\n\n${text}${fields.length === 0 ? `${kindOf(definition)}.\n` : tableOf(fields, isInput)}`;
  });
  return [`# ${title}\n`, `${introduction}\n`, tableOf(fieldsOf(schema), isInput), ...definitions].join('\n');
}
