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
  parameters: table({ type: 'string' }),
});

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
    rules: table(text),
    rows: list(
      record({
        row: text,
        series: text,
        label: text,
        runs: { ...list(run), minItems: 1 },
        figures: table(
          record({
            published: number,
            predicted: number,
            error: number,
            within: orNull({ type: 'boolean' }),
            rule: orNull(text),
          }),
        ),
        failed: orNull(text),
      }),
    ),
    series: table(
      table(
        record({
          points: { type: 'integer', minimum: 1 },
          mean_absolute_error: { type: 'number', minimum: 0 },
          worst_error: number,
          worst_label: text,
        }),
      ),
    ),
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
