import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectWritten } from './documented.ts';
import { commandReference } from './reference/commands.ts';
import { diagnosticReference } from './reference/diagnostics.ts';
import { fieldReference, fieldsOf, type Schema } from './reference/fields.ts';
import { libraryReference } from './reference/library.ts';

type Form = {
  readonly page: string;
  readonly schema: string;
  readonly title: string;
  readonly introduction: string;
  /** Users write it; else attnsim does. */
  readonly isInput: boolean;
};

const forms: readonly Form[] = [
  {
    page: 'report',
    schema: 'docs/report-schema.json',
    title: 'Fields of a report',
    introduction:
      'What `attnsim run --json` and `--out` write ([JSON Schema](../report-schema.json)). Every field is always there.\n' +
      '[Reports](../report.md) says how to read it.',
    isInput: false,
  },
  {
    page: 'hardware-spec',
    schema: 'hardware-specs/schema.json',
    title: 'Fields of a hardware spec',
    introduction:
      'What a machine may say ([JSON Schema](../../hardware-specs/schema.json)). [Hardware specs](../hardware.md) says what it means.',
    isInput: true,
  },
  {
    page: 'experiment',
    schema: 'docs/sweep-schema.json',
    title: 'Fields of an experiment',
    introduction:
      'What a `sweep.json` may say ([JSON Schema](../sweep-schema.json)). [Sweeps](../sweeps.md) says what it means, and has\n' +
      'the [metrics](../sweeps.md#metrics).',
    isInput: true,
  },
  {
    page: 'workload',
    schema: 'docs/workload-schema.json',
    title: 'Fields of a workload',
    introduction:
      'What a workload file may say ([JSON Schema](../workload-schema.json)). `attnsim show bert-base` is an example, and [editors](../editors.md) complete it.',
    isInput: true,
  },
  {
    page: 'validation',
    schema: 'docs/validation-schema.json',
    title: 'Fields of a validation',
    introduction:
      'What `attnsim validate --json` prints ([JSON Schema](../validation-schema.json)). Every field is always there.\n' +
      '[Validation](../validation.md) says what it is about.',
    isInput: false,
  },
  {
    page: 'certificate',
    schema: 'docs/certificate-schema.json',
    title: 'Fields of a certificate',
    introduction:
      'What `attnsim map --certificate` writes ([JSON Schema](../certificate-schema.json)). Every field is always there.\n' +
      '[The mapper](../search.md#the-certificate) says what it proves.',
    isInput: false,
  },
];

test('the reference has all commands', () => expectWritten('docs/reference/commands.md', commandReference()));

test('the reference has all diagnostics', () => expectWritten('docs/reference/diagnostics.md', diagnosticReference()));

test('the reference has all exports of the library', () =>
  expectWritten('docs/reference/library.md', libraryReference()));

test.each(forms)('the reference has all fields of $schema', ({ page, schema, title, introduction, isInput }) => {
  const read = JSON.parse(readFileSync(join(import.meta.dirname, '..', schema), 'utf8')) as Schema;
  const fields = [read, ...Object.values(read.$defs ?? {})].flatMap((part) => fieldsOf(part));
  // What refers to a definition is told there.
  const silent = fields.filter((field) => field.says === '' && !field.is.includes('](#'));
  expect(silent.map((field) => field.path)).toEqual([]);
  expectWritten(`docs/reference/${page}.md`, fieldReference(title, introduction, read, isInput));
});
