/** The published schemas are of this dialect. */
export const dialect = 'https://json-schema.org/draft/2020-12/schema';

/** A document may say where its schema is: editors complete and check by it, and nothing here reads it. */
export const schemaField = {
  type: 'string',
  description: 'Where the schema of this form is, for editors; attnsim does not read it.',
} as const;
