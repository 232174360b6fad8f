import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { machineSchema } from '../../src/arch/schema.ts';
import { expectWritten } from '../documented.ts';
import { shippedNames, shippedSource, specFolder } from './shipped.ts';

const published = (): unknown => JSON.parse(readFileSync(join(specFolder, 'schema.json'), 'utf8'));

test('the published schema is the one in use', () => {
  expectWritten('hardware-specs/schema.json', `${JSON.stringify(machineSchema, undefined, 2)}\n`);
});

test('the published schema accepts the shipped specs as another tool would read them', () => {
  const validate = new Ajv2020({ strict: false }).compile(published() as object);
  for (const name of shippedNames) expect(validate(parse(shippedSource(name).text)), name).toBe(true);
});
