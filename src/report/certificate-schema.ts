import { type Certificate, certificateSchemaName } from './certificate.ts';
import { describe, list, orNull, record, table, text } from './schema-parts.ts';
import { checkAgainst } from './validate.ts';

const number = { type: 'number', minimum: 0 } as const;
const count = { type: 'integer', minimum: 1 } as const;

const position = { type: 'integer', minimum: 0 };
const costs = { ...list(number), minItems: 1 };
const natural = { type: 'string', pattern: '^[0-9]+$' };
const fates = {
  space: describe(natural, 'All of them'),
  evaluated: describe(natural, 'Those whose cost was worked out'),
  bounded: describe(natural, 'Those that cost too much, by a bound'),
  overfull: describe(natural, 'Those that need too much room'),
  illegal: describe(natural, 'Those that are no mappings'),
  left: describe(natural, 'Those that were not looked at'),
};
const space = {
  algorithm: describe(position, 'Position among the algorithms'),
  mappings: record(fates, 'What became of all mappings: whole numbers of any length, as texts'),
  remaining: describe(
    orNull(costs),
    'What those that were not looked at cost at least; null: all were, or cost too much',
  ),
};

const tuple = (...items: readonly object[]): object => ({
  type: 'array',
  prefixItems: items,
  minItems: items.length,
  maxItems: items.length,
});

const region = record({
  // Steps in time, or spread over the instances of a level.
  loops: list(
    { anyOf: [tuple(text, count), tuple(text, count, text)] },
    'Variables and tiles, outermost first, and the level over whose instances the steps are spread, where they are',
  ),
  inside: { type: 'boolean', description: 'Those that have more loops inside these, too' },
  became: {
    enum: ['bounded', 'searched', 'left'],
    description: 'They cost too much, or all were gone through, or they were not looked at',
  },
  least: { ...list(costs, 'Each of them costs no less than one of these'), minItems: 1 },
});

/** JSON Schema (draft 2020-12) of what `attnsim map --certificate` writes. */
export const certificateSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'attnsim certificate',
  ...record({
    schema: { const: certificateSchemaName, description: 'Version of this form' },
    hardware: describe(text, 'Text of the machine, with all that it extends'),
    parameters: table({ type: 'string' }, 'Of the machine, where they have other values than its text says'),
    energy_accounting: describe(text, "Name of the machine's accounting by which energy is charged"),
    algorithms: {
      ...list(
        record({
          cascade: describe(text, 'Its text'),
          sizes: table({ type: 'integer' }, 'Of its ranks and parameters'),
        }),
        'Cascades that do the same',
      ),
      minItems: 1,
    },
    objective: { enum: ['latency', 'energy', 'edp', 'dram-bytes'], description: 'What is to be least' },
    axes: {
      ...list({ enum: ['latency_cycles', 'energy_pj', 'home_bytes'] }, 'What the objective depends on'),
      minItems: 1,
    },
    algorithm: describe(position, 'Position of the algorithm of the mapping that was found'),
    mapping: describe(text, 'Text of that mapping'),
    value: describe(number, 'What it has of the objective, in cycles, pJ, cycles x pJ or bytes'),
    bound: describe(number, 'No mapping of the spaces has less'),
    gap: describe(
      orNull(number),
      'How much more the value may be than the least of the spaces, as a share of that; null: not known',
    ),
    spaces: describe(
      list({
        anyOf: [
          record({
            kind: { const: 'dataflow', description: 'A mapping, some parameters of which are chosen' },
            ...space,
            mapping: describe(text, 'Its text'),
            knobs: list(
              record({
                name: describe(text, 'Of the parameter'),
                values: {
                  ...list(orNull(count), 'What it may be; null: what the mapping says'),
                  minItems: 1,
                },
              }),
              'Parameters that are chosen',
            ),
            verdicts: {
              type: 'string',
              pattern: '^([0-9]+[eboil])+$',
              description:
                'What became of each choice, as runs, the last knob going first: 1e31b4o is one evaluated, 31 bounded, 4 overfull; ' +
                'i is illegal, l left',
            },
          }),
          record({
            kind: { const: 'nests', description: 'Sequences of nests' },
            ...space,
            limits: record(
              {
                loops_each: { type: 'integer', minimum: 0, description: 'Most loops over a rank' },
                tiles: table(list(count), 'By rank variable: the tiles to choose from'),
                in_flight: list(count, 'Iterations under way, to choose from'),
                stages: list(count, 'Stages of a keep, to choose from'),
                constraints: list(text, 'What nests have to be, as texts'),
              },
              'How far the space goes',
            ),
            parts: list(
              record({
                einsums: list(text, 'That follow each other, as one nest'),
                floor: describe(costs, 'No nest of them costs less'),
                least: list(
                  costs,
                  'Each of their nests costs no less than one of these, or too much with the parts around it',
                ),
                regions: describe(orNull(list(region)), 'Together they are all its nests. Null: it was not searched'),
              }),
              'Of the cascade',
            ),
          }),
        ],
      }),
      'What was searched',
    ),
  }),
};

/** Checks a certificate on the way out. Throws `InternalError` if it does not fit: that is our bug. */
export const checkCertificate = (certificate: Certificate): Promise<void> =>
  checkAgainst(certificateSchema, certificate, 'certificate');
