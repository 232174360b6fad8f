import { dialect, schemaField } from '../json-schema.ts';
import { objectives } from '../search/objective.ts';
import { samplingMethods } from './experiment.ts';
import { mostItems, mostMetrics, mostPoints, mostValues } from './limits.ts';

const namePattern = '^[A-Za-z_][A-Za-z0-9_]*$';

const reference = (name: string): { readonly $ref: string } => ({ $ref: `#/$defs/${name}` });

const block = (description: string, properties: Record<string, object>, required: readonly string[] = []): object => ({
  type: 'object',
  description,
  additionalProperties: false,
  ...(required.length > 0 ? { required } : {}),
  properties,
});

const named = (description: string, of: object): object => ({
  type: 'object',
  description,
  maxProperties: mostItems,
  propertyNames: { pattern: namePattern },
  additionalProperties: of,
});

const list = (description: string, items: object, rest: object = {}): object => ({
  type: 'array',
  description,
  items,
  ...rest,
});

const text = (description?: string): object => ({
  type: 'string',
  minLength: 1,
  ...(description === undefined ? {} : { description }),
});

const choice = (description: string): object => ({ ...reference('choice'), description });

const number = (description: string): object => ({ type: ['number', 'string'], description });

/** JSON Schema 2020-12 of an experiment; published as `docs/sweep-schema.json`. */
export const experimentSchema = {
  $schema: dialect,
  title: 'attnsim experiment',
  type: 'object',
  additionalProperties: false,
  required: ['schema', 'name', 'axes', 'cascade', 'hardware', 'mapping', 'metrics'],
  properties: {
    $schema: schemaField,
    schema: { enum: ['attnsim-sweep/1'], description: 'Version of this form.' },
    name: text('Name of the experiment: small letters, digits and dashes.'),
    description: { type: 'string', description: 'What is asked, for people.' },
    axes: list('What varies: all combinations, the last axis fastest.', reference('axes'), { minItems: 1 }),
    derived: named('Values by expression over axes and the derived values before.', number('An expression.')),
    where: list('Conditions over axes and derived values: where one does not hold there is no point.', text(), {
      maxItems: mostItems,
    }),
    sampling: reference('sampling'),
    cascade: choice('A cascade that ships, or a file beside the experiment.'),
    hardware: choice('A machine that ships, or a file beside the experiment.'),
    mapping: choice('A mapping that ships, a file beside the experiment, or `auto`, which searches.'),
    workload: choice('A workload that ships, or a file beside the experiment.'),
    set: named('Sizes of ranks and parameters of the cascade.', number('An expression.')),
    param: named('Parameters of the machine or the mapping.', number('An expression.')),
    density: named('Shares that gates let through.', number('An expression.')),
    format: named('Formats of tensors.', choice('Such as "fp8".')),
    model: { enum: ['analytic', 'cycle'], description: 'The closed form (if absent), or the simulator.' },
    accounting: text('How the machine charges for actions: `physical` if absent.'),
    objective: { enum: Object.keys(objectives), description: 'What a search is for: `latency` if absent.' },
    metrics: list('Figures of a report: "latency_s", "utilization.Array2D".', text(), {
      minItems: 1,
      maxItems: mostMetrics,
    }),
    constraints: list('Conditions that also see metrics: where one does not hold a row is excluded.', text(), {
      maxItems: mostItems,
    }),
    objectives: list('What is better.', reference('goal'), { maxItems: mostItems }),
  },
  $defs: {
    axes: {
      description: 'An axis, several that go together, or all combinations of several.',
      if: { type: 'object', required: ['zip'] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: block('Axes of one length that go together.', {
        zip: list('The first of each, then the second of each.', reference('axes'), { minItems: 1 }),
      }),
      else: {
        if: { type: 'object', required: ['product'] },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: block('All combinations of axes.', {
          product: list('The last is the fastest.', reference('axes'), { minItems: 1 }),
        }),
        else: reference('axis'),
      },
    },
    axis: block(
      'Values by list, or from one to another by step, factor or count.',
      {
        name: { type: 'string', pattern: namePattern, description: 'By which expressions know its value.' },
        values: list('Numbers with one unit, or texts.', number('Such as 256, "64 KiB" or "fusemax".'), {
          minItems: 1,
        }),
        from: number('The first value.'),
        to: number('The last value at most.'),
        step: number('What is added from one value to the next.'),
        factor: { type: 'number', description: 'What one value is multiplied by for the next.' },
        count: { type: 'integer', minimum: 2, maximum: mostValues, description: 'How many values, with both ends.' },
        scale: { enum: ['linear', 'log'], description: 'How values are spread: `linear` if absent.' },
        whole: { type: 'boolean', description: 'Values are rounded to whole numbers, each of which is there once.' },
      },
      ['name'],
    ),
    sampling: block(
      'Points that are drawn, in place of all combinations.',
      {
        method: { enum: samplingMethods, description: 'How.' },
        points: { type: 'integer', minimum: 1, maximum: mostPoints, description: 'How many points are drawn.' },
        seed: { type: 'integer', minimum: 0, maximum: 2 ** 32 - 1, description: '0 if absent.' },
      },
      ['method'],
    ),
    choice: {
      description: 'A name, or the axis whose values are names.',
      if: { type: 'object' },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: {
        additionalProperties: false,
        required: ['axis'],
        properties: { axis: { type: 'string', pattern: namePattern, description: 'Its name.' } },
      },
      else: { type: 'string', minLength: 1 },
    },
    goal: {
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      maxProperties: 1,
      properties: { minimize: text('A metric.'), maximize: text('A metric.') },
    },
  },
} as const;
