import { list, orNull, record, table, text } from './schema-parts.ts';
import { checkAgainst } from './validate.ts';
import { type Validation, validationSchemaName } from './validation.ts';

const number = { type: 'number' } as const;
const count = { type: 'integer', minimum: 0 } as const;

const run = record({
  cascade: text,
  hardware: text,
  mapping: text,
  workload: orNull(text),
  sizes: table(count),
  formats: table(text),
  densities: table({ type: 'number', minimum: 0, maximum: 1 }),
  parameters: table({ type: 'string' }),
  bound: orNull(
    record({
      resource: text,
      kind: { enum: ['compute', 'bandwidth', 'latency'] },
      busy: { type: 'number', minimum: 0 },
    }),
  ),
});

const error = record({
  published: number,
  predicted: number,
  error: number,
  within: orNull({ type: 'boolean' }),
  rule: orNull(text),
});

/** By figure. */
const means = table(
  record({
    points: { type: 'integer', minimum: 1 },
    mean_absolute_error: { type: 'number', minimum: 0 },
    worst_error: number,
    worst_label: text,
  }),
);

/** JSON Schema (draft 2020-12) of what `attnsim validate --json` prints. */
export const validationSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'attnsim validation',
  ...record({
    schema: { const: validationSchemaName },
    suite: text,
    points: text,
    model: { enum: ['analytic', 'cycle'] },
    energy_accounting: text,
    figures: list(
      record({
        name: text,
        title: text,
        unit: { type: 'string' },
        error: { enum: ['relative', 'absolute'] },
        detail: { type: 'boolean' },
        tolerance: orNull({ type: 'number', exclusiveMinimum: 0 }),
      }),
    ),
    plot_by: orNull(text),
    rules: table(text),
    rows: list(
      record({
        row: text,
        series: text,
        label: text,
        runs: list(run),
        groups: table(text),
        predicted: table(number),
        figures: table(error),
        aside: orNull(text),
        note: orNull(text),
        failed: orNull(text),
      }),
    ),
    series: table(means),
    groups: list(record({ of: table(text), figures: means })),
    worst: list(record({ row: text, series: text, label: text, figure: text, error, likely_cause: orNull(text) })),
    claims: list(
      record({
        claim: text,
        figure: text,
        printed: orNull(number),
        recomputed: number,
        given: orNull(record({ pairs: { type: 'integer', minimum: 1 }, published: number, predicted: number })),
        predicted: orNull(number),
        pairs: { type: 'integer', minimum: 1 },
      }),
    ),
    beyond_tolerance: count,
    failed: count,
  }),
};

/** Checks a validation on the way out. Throws `InternalError` if it does not fit: that is our bug. */
export const checkValidation = (validation: Validation): Promise<void> =>
  checkAgainst(validationSchema, validation, 'validation');
