import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findInConstraints } from '../cases/constraints-errors.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/constraints.md'), 'utf8');
const examples = [...text.matchAll(/^```constraints\n([\s\S]*?)^```$/gm)].map(([, body]) => `${body}`);

test('there are examples', () => expect(examples.length).toBeGreaterThan(1));

test.each(examples)('the example of docs/constraints.md leaves mappings: %s', async (body) => {
  expect(body).toMatch(/^# --cascade/);
  expect(await findInConstraints({ name: 'example', text: body })).toEqual([]);
});
