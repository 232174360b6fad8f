/** Parts of JSON Schemas (draft 2020-12). */

/** What a field says, for editors and for the reference of the documents. */
export const describe = (schema: object, description: string): object => ({ ...schema, description });

export const text = { type: 'string', minLength: 1 } as const;

const described = (description: string | undefined): object => (description === undefined ? {} : { description });

/** An object with exactly these properties. */
export const record = (properties: Record<string, object>, description?: string): object => ({
  type: 'object',
  ...described(description),
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

/** An object whose keys are names and whose values all have one schema. */
export const table = (of: object, description?: string): object => ({
  type: 'object',
  additionalProperties: of,
  ...described(description),
});

export const list = (of: object, description?: string): object => ({
  type: 'array',
  items: of,
  ...described(description),
});

export const orNull = (of: object): object => ({ anyOf: [of, { type: 'null' }] });
