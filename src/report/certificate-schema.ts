import { type Certificate, certificateSchemaName } from './certificate.ts';
import { list, orNull, record, table, text } from './schema-parts.ts';
import { checkAgainst } from './validate.ts';

const number = { type: 'number', minimum: 0 } as const;
const count = { type: 'integer', minimum: 1 } as const;

const position = { type: 'integer', minimum: 0 };
const costs = { ...list(number), minItems: 1 };
const natural = { type: 'string', pattern: '^[0-9]+$' };
const fates = {
  space: natural,
  evaluated: natural,
  bounded: natural,
  overfull: natural,
  illegal: natural,
  left: natural,
};
const space = { algorithm: position, mappings: record(fates), remaining: orNull(costs) };

const tuple = (...items: readonly object[]): object => ({
  type: 'array',
  prefixItems: items,
  minItems: items.length,
  maxItems: items.length,
});

const region = record({
  // Steps in time, or spread over the instances of a level.
  loops: list({ anyOf: [tuple(text, count), tuple(text, count, text)] }),
  inside: { type: 'boolean' },
  became: { enum: ['bounded', 'searched', 'left'] },
  least: { ...list(costs), minItems: 1 },
});

/** JSON Schema (draft 2020-12) of what `attnsim map --certificate` writes. */
export const certificateSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'attnsim certificate',
  ...record({
    schema: { const: certificateSchemaName },
    hardware: text,
    parameters: table({ type: 'string' }),
    energy_accounting: text,
    algorithms: { ...list(record({ cascade: text, sizes: table({ type: 'integer' }) })), minItems: 1 },
    objective: { enum: ['latency', 'energy', 'edp', 'dram-bytes'] },
    axes: { ...list({ enum: ['latency_cycles', 'energy_pj', 'home_bytes'] }), minItems: 1 },
    algorithm: position,
    mapping: text,
    value: number,
    bound: number,
    gap: orNull(number),
    spaces: list({
      anyOf: [
        record({
          kind: { const: 'dataflow' },
          ...space,
          mapping: text,
          knobs: list(record({ name: text, values: { ...list(orNull(count)), minItems: 1 } })),
          verdicts: { type: 'string', pattern: '^([0-9]+[eboil])+$' },
        }),
        record({
          kind: { const: 'nests' },
          ...space,
          limits: record({
            loops_each: { type: 'integer', minimum: 0 },
            tiles: table(list(count)),
            in_flight: list(count),
            stages: list(count),
            constraints: list(text),
          }),
          parts: list(record({ einsums: list(text), floor: costs, least: list(costs), regions: orNull(list(region)) })),
        }),
      ],
    }),
  }),
};

/** Checks a certificate on the way out. Throws `InternalError` if it does not fit: that is our bug. */
export const checkCertificate = (certificate: Certificate): Promise<void> =>
  checkAgainst(certificateSchema, certificate, 'certificate');
