import { describe, list, orNull, record, table, text } from './schema-parts.ts';
import { checkAgainst } from './validate.ts';
import { type Validation, validationSchemaName } from './validation.ts';

const number = { type: 'number' } as const;
const count = { type: 'integer', minimum: 0 } as const;

const run = record({
  cascade: describe(text, 'Its name'),
  hardware: describe(text, 'Name of the machine'),
  mapping: describe(text, 'Its name'),
  workload: describe(orNull(text), 'Its name; null: sizes alone'),
  sizes: table(count, 'Ranks and parameters that are set'),
  formats: table(text, 'Of tensors, where they are not those of the cascade'),
  densities: table({ type: 'number', minimum: 0, maximum: 1 }, 'Of selections by value'),
  parameters: table({ type: 'string' }, 'Of the machine or the mapping, where they are not those of the text'),
  bound: describe(
    orNull(
      record({
        resource: describe(text, 'The busiest unit or port'),
        kind: { enum: ['compute', 'bandwidth', 'latency'], description: 'What that makes of the run' },
        busy: { type: 'number', minimum: 0, description: 'Share of the run in which it is busy' },
      }),
    ),
    'What limits it; null if it could not be run',
  ),
});

const error = record({
  published: describe(number, 'By the source'),
  predicted: describe(number, 'By the model'),
  error: describe(number, 'predicted / published - 1, or, if absolute, predicted - published'),
  within: describe(orNull({ type: 'boolean' }), 'At most the tolerance; null where the figure is not judged'),
  rule: describe(orNull(text), 'By which the published number is known to be another; null: none is known'),
});

const means = table(
  record({
    points: { type: 'integer', minimum: 1, description: 'How many' },
    mean_absolute_error: { type: 'number', minimum: 0, description: 'Mean of the errors without their signs' },
    worst_error: describe(number, 'With its sign'),
    worst_label: describe(text, 'Label of its row'),
  }),
  'By figure',
);

/** JSON Schema (draft 2020-12) of what `attnsim validate --json` prints. */
export const validationSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'attnsim validation',
  ...record({
    schema: { const: validationSchemaName, description: 'Version of this form' },
    suite: describe(text, 'Its name'),
    points: describe(text, 'File that they are from'),
    model: { enum: ['analytic', 'cycle'], description: 'The closed form, or the simulator' },
    energy_accounting: describe(text, "Name of the machines' accounting by which energy is charged"),
    figures: list(
      record({
        name: describe(text, 'By which rows have it'),
        title: describe(text, 'For people'),
        unit: { type: 'string', description: 'Of published and predicted values' },
        error: { enum: ['relative', 'absolute'], description: 'predicted / published - 1, or predicted - published' },
        detail: { type: 'boolean', description: 'A part of another figure, which tables for people leave out' },
        tolerance: describe(
          orNull({ type: 'number', exclusiveMinimum: 0 }),
          'Largest error with this model; null where the figure is shown and not judged',
        ),
      }),
      'What is compared',
    ),
    plot_by: describe(orNull(text), 'Name of the groups that a plot of the first figure tells apart; null: the series'),
    rules: table(text, 'Ways in which the published model is known to count otherwise'),
    rows: list(
      record({
        row: describe(text, 'Its name in the file of points'),
        series: describe(text, 'What means are taken over'),
        label: describe(text, 'For people'),
        runs: list(run, 'What was run for it; their times, bytes and energies are added'),
        groups: table(text, 'What it is, by the names that means are taken over'),
        predicted: table(number, 'By figure, whether it is published or not. Empty if it could not be run'),
        figures: table(error, 'By figure that is published. Empty if it could not be run'),
        aside: describe(orNull(text), 'Why it is in no mean; null: it is'),
        note: describe(orNull(text), 'What its source says besides'),
        failed: describe(orNull(text), 'Why it could not be run; null if it was'),
      }),
      'Published points',
    ),
    series: table(means, 'Means by series'),
    groups: list(
      record({ of: table(text, 'What its rows have in common; empty: all rows'), figures: means }),
      'Means by group',
    ),
    worst: list(
      record({
        row: describe(text, 'Its name'),
        series: describe(text, 'Its series'),
        label: describe(text, 'For people'),
        figure: describe(text, 'The one that is off'),
        error: describe(error, 'How far'),
        likely_cause: describe(
          orNull(text),
          'The rule that explains it, or what the prediction is bound by, and what the source notes',
        ),
      }),
      'Errors that are largest for their tolerance',
    ),
    claims: list(
      record({
        claim: describe(text, 'What the source says'),
        figure: describe(text, 'What it is about'),
        printed: describe(orNull(number), 'As the source prints it; null where it prints none'),
        recomputed: describe(number, 'The mean over its published pairs'),
        given: describe(
          orNull(
            record({
              pairs: { type: 'integer', minimum: 1, description: 'How many' },
              published: describe(number, 'Mean of the published ratios'),
              predicted: describe(number, 'Mean of the predicted ratios'),
            }),
          ),
          'Over the pairs of which both rows are among the points; null if there are none',
        ),
        predicted: describe(orNull(number), 'Over all pairs; null if one of them could not be run'),
        pairs: { type: 'integer', minimum: 1, description: 'How many' },
      }),
      'Means of ratios that the source states',
    ),
    beyond_tolerance: describe(count, 'Errors above their tolerance that no rule explains'),
    failed: describe(count, 'Rows that could not be run'),
  }),
};

/** Checks a validation on the way out. Throws `InternalError` if it does not fit: that is our bug. */
export const checkValidation = (validation: Validation): Promise<void> =>
  checkAgainst(validationSchema, validation, 'validation');
