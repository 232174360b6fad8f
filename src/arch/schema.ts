import { dialect, schemaField } from '../json-schema.ts';
import {
  clockField,
  type Field,
  levelFields,
  memoryFields,
  operatorFields,
  overlapField,
  powerFields,
  selectorFields,
  unitFields,
} from './fields.ts';
import { selectionAlgorithms } from './machine.ts';
import { quantityKinds } from './quantity.ts';

const namePattern = '^[A-Za-z_][A-Za-z0-9_]*$';

const reference = (name: string): { readonly $ref: string } => ({ $ref: `#/$defs/${name}` });

/** A field is a value; its description says what it measures, as an editor shows it. */
function fieldSchema({ kind, meaning }: Field): object {
  return { ...reference('value'), description: `${meaning} Such as "${quantityKinds[kind].example}".` };
}

const fields = (table: Readonly<Record<string, Field>>): Record<string, object> =>
  Object.fromEntries(Object.entries(table).map(([name, f]) => [name, fieldSchema(f)]));

const note = { type: 'string', description: 'What there is to say of the values beside it.' } as const;

const nameField = (of: string): object => ({
  type: 'string',
  pattern: namePattern,
  description: `Name of the ${of}, unlike that of any other level or unit.`,
});

/** A block of values may say once where its numbers come from. */
const block = (properties: Record<string, object>, rest: object = {}): object => ({
  type: 'object',
  additionalProperties: false,
  ...rest,
  properties: { ...properties, source: reference('source'), note },
});

const named = (description: string, of: object): object => ({
  type: 'object',
  description,
  propertyNames: { pattern: namePattern },
  additionalProperties: of,
});

/** JSON Schema 2020-12 of a hardware spec; published as `hardware-specs/schema.json`. */
export const machineSchema = {
  $schema: dialect,
  title: 'attnsim hardware spec',
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  if: { type: 'object', required: ['extends'] },
  else: { required: ['clock', 'levels'] },
  properties: {
    $schema: schemaField,
    name: { type: 'string', minLength: 1, description: 'Name of the machine, as on the command line.' },
    description: { type: 'string', description: 'One line for people.' },
    extends: { type: 'string', minLength: 1, description: 'Name of a spec that this one changes.' },
    sources: {
      type: 'object',
      description: 'Where numbers come from: a short key and its citation.',
      propertyNames: { pattern: '^[A-Za-z][A-Za-z0-9_.-]*$' },
      additionalProperties: { type: 'string', minLength: 1 },
    },
    parameters: named('Named values; `--param NAME=VALUE` overrides them.', reference('value')),
    clock: fieldSchema(clockField),
    overlap: fieldSchema(overlapField),
    power: block(fields(powerFields), { description: 'Power of the whole machine.' }),
    kernels: {
      type: 'object',
      description: 'Values that parameters have when a mapping of that name runs.',
      propertyNames: { pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' },
      additionalProperties: reference('kernel'),
    },
    accountings: named('Ways of charging for actions beside `physical`, by name.', reference('accounting')),
    levels: {
      type: 'array',
      minItems: 1,
      items: reference('level'),
      description: 'The tree of levels.',
    },
  },
  $defs: {
    source: {
      description: 'A key of `sources`, or several.',
      if: { type: 'array' },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { items: { type: 'string' }, minItems: 1 },
      else: { type: 'string' },
    },
    value: {
      description: 'A number, a quantity, or an expression over parameters; alone or with its source.',
      if: { type: 'object' },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: {
        additionalProperties: false,
        required: ['value'],
        properties: {
          value: {
            type: ['number', 'string'],
            description: 'A plain number, a quantity such as "3.35 TB/s", or an expression over parameters.',
          },
          source: reference('source'),
          note,
        },
      },
      else: { type: ['number', 'string'] },
    },
    kernel: {
      type: 'object',
      properties: { source: reference('source'), note },
      propertyNames: { pattern: namePattern },
      additionalProperties: reference('value'),
    },
    accounting: block({
      one_lane: { type: 'boolean', description: 'Memories that are per lane are charged for one lane only.' },
      free_drains: { type: 'boolean', description: 'Reads of what goes to the level above are not charged.' },
      free_operators: {
        type: 'array',
        items: { type: 'string', pattern: namePattern },
        description: 'Operators that cost nothing on any unit.',
      },
    }),
    level: block(
      {
        name: nameField('level'),
        parent: { type: 'string', description: 'Name of the level above; absent in the root.' },
        ...fields(levelFields),
        multicast: { type: 'boolean', description: 'One read may fill several instances of a child level at once.' },
        memory: block(
          {
            ...fields(memoryFields),
            per_lane: { type: 'boolean', description: "Divided among the lanes of the level's units." },
            private: {
              type: 'boolean',
              description: 'Every lane has an equal part for itself, for what is kept there.',
            },
            adds: { type: 'boolean', description: 'What instances add up here is not read first.' },
          },
          { description: 'The memory of one instance; without one the level stores nothing.' },
        ),
        units: { type: 'array', items: reference('unit'), description: 'The compute units of one instance.' },
      },
      { required: ['name'] },
    ),
    unit: block(
      {
        name: nameField('unit'),
        dimensions: {
          ...named('The array of lanes, outermost dimension first.', reference('value')),
          minProperties: 1,
        },
        operators: named(
          'What a lane can do; an operator that is absent cannot run here.',
          block(fields(operatorFields)),
        ),
        ...fields(unitFields),
        selector: block(
          {
            algorithm: { enum: selectionAlgorithms, description: 'How the elements to keep are found.' },
            ...fields(selectorFields),
          },
          {
            description: 'An engine that runs `top` and `bottom`: it keeps the largest or smallest elements of a row.',
          },
        ),
      },
      { required: ['name'] },
    ),
  },
} as const;
