import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadMachine } from '../src/arch/load.ts';
import { machineSchema } from '../src/arch/schema.ts';
import { readDocument } from '../src/document.ts';
import { parseWorkloadFile, workloadSchema } from '../src/einsum/workload-file.ts';
import { packageFile } from '../src/files.ts';
import { checkForm } from '../src/form.ts';
import { experimentSchema } from '../src/sweep/experiment-schema.ts';
import { parseExperiment } from '../src/sweep/parse-experiment.ts';
import { suites } from '../src/validate/suites.ts';
import { expectWritten } from './documented.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** As another tool would read it: the file, without what is ours. */
const validatorOf = (path: string): ValidateFunction =>
  new Ajv2020({ strict: false, strictNumbers: true, allErrors: true }).compile(JSON.parse(read(path)));

const text = (schema: object): string => `${JSON.stringify(schema, undefined, 2)}\n`;

test('the published schema of workloads is that of their reader', () =>
  expectWritten('docs/workload-schema.json', text(workloadSchema)));

test.each(suites)('the published schema of points of $name is that of their reader', async ({ name, pointsSchema }) =>
  expectWritten(`docs/points-${name}-schema.json`, text(await pointsSchema(packageFile))),
);

const filesIn = (folder: string, extension: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(extension))
    .map((file) => `${folder}/${file}`);

const shipped: readonly (readonly [string, readonly string[]])[] = [
  ['hardware-specs/schema.json', filesIn('hardware-specs', '.yaml')],
  ['docs/workload-schema.json', filesIn('workloads', '.yaml')],
  ['docs/sweep-schema.json', filesIn('experiments', 'sweep.json')],
  ...suites.map(({ name, points }) => [`docs/points-${name}-schema.json`, [points]] as const),
];

test.each(shipped)('%s accepts all that ships', (schema, files) => {
  expect(files.length).toBeGreaterThan(0);
  const validate = validatorOf(schema);
  for (const file of files) expect(validate(parse(read(file))), `${file}: ${text(validate.errors ?? [])}`).toBe(true);
});

const errors = 'test/cases/errors';
const cases = [
  ['hardware-specs/schema.json', machineSchema, filesIn(`${errors}/hardware`, '.yaml')],
  ['docs/sweep-schema.json', experimentSchema, filesIn(`${errors}/experiment`, '.json')],
] as const;

test.each(cases)('%s refuses every case of a mistake in form, and no other', (schema, inUse, files) => {
  const validate = validatorOf(schema);
  let refused = 0;
  for (const file of files) {
    const source = { name: file, text: read(file) };
    const document = readDocument(source);
    if (!document.ok) continue;
    const hasForm = checkForm(document.value, inUse, { whole: 'the document' }).length === 0;
    expect(validate(parse(source.text)), file).toBe(hasForm);
    if (/unknown-field/.test(file)) expect(hasForm, file).toBe(false);
    refused += hasForm ? 0 : 1;
  }
  expect(refused).toBeGreaterThan(5);
});

const value = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.boolean(),
  fc.constant(null),
);
const sizes = fc.dictionary(fc.oneof(fc.constantFrom('B', 'H', '_x1'), fc.string({ maxLength: 3 })), value, {
  maxKeys: 3,
});
const workload = fc.record(
  {
    name: value,
    description: value,
    source: fc.string(),
    sizes: fc.oneof({ weight: 4, arbitrary: sizes }, value),
    $schema: value,
    other: value,
  },
  { requiredKeys: [] },
);

test('the schema of workloads accepts what their reader does, and nothing else', () => {
  const validate = validatorOf('docs/workload-schema.json');
  fc.assert(
    fc.property(fc.oneof(workload, value), (document) => {
      const parsed = parseWorkloadFile({ name: 'made.json', text: JSON.stringify(document) });
      expect(parsed.ok, JSON.stringify(validate.errors)).toBe(validate(JSON.parse(JSON.stringify(document))));
    }),
  );
});

test('documents may name their schema', async () => {
  const $schema = './node_modules/attnsim/schema.json';
  const withSchema = (path: string) => ({ name: path, text: JSON.stringify({ $schema, ...parse(read(path)) }) });
  expect(parseWorkloadFile(withSchema('workloads/bert-base.yaml')).ok).toBe(true);
  expect(parseExperiment(withSchema('experiments/first-sweep/sweep.json')).ok).toBe(true);
  expect((await loadMachine(withSchema('hardware-specs/fusemax.yaml'))).ok).toBe(true);
  const peers = suites.find(({ name }) => name === 'peers')!;
  const points = await peers.readPoints(withSchema(peers.points), packageFile);
  expect(points).toMatchObject({ ok: true, warnings: [] });
});

test('every schema is exported by the package and listed for editors', () => {
  const { exports } = JSON.parse(read('package.json')) as { exports: Readonly<Record<string, unknown>> };
  const document = read('docs/editors.md');
  const published = ['hardware-specs/schema.json', ...filesIn('docs', '-schema.json')];
  const exported = Object.values(exports).filter((target): target is string => typeof target === 'string');
  for (const path of published) {
    const pattern = (target: string): RegExp => new RegExp(`^${target.replace('./', '').replace('*', '.*')}$`);
    expect(
      exported.some((target) => target.endsWith('schema.json') && pattern(target).test(path)),
      path,
    ).toBe(true);
    expect(document).toContain(`](${path.startsWith('docs/') ? path.slice('docs/'.length) : `../${path}`})`);
  }
});
