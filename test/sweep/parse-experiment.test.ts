import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Diagnostic } from '../../src/diagnostic.ts';
import { experimentSchema } from '../../src/sweep/experiment-schema.ts';
import { parseExperiment } from '../../src/sweep/parse-experiment.ts';
import { openSpace } from '../../src/sweep/space.ts';
import { expectWritten } from '../documented.ts';
import { runs } from '../runs.ts';
import { experiment, experimentText, pointsOf, space } from './experiments.ts';

const docs = join(import.meta.dirname, '../../docs');

async function mistakesIn(text: string): Promise<readonly Diagnostic[]> {
  const parsed = parseExperiment({ name: 'sweep.json', text });
  const opened = parsed.ok ? await openSpace(parsed.value) : parsed;
  return opened.ok ? [] : opened.diagnostics;
}

test('the published schema is the one that experiments are checked against', () => {
  expectWritten('docs/sweep-schema.json', `${JSON.stringify(experimentSchema, undefined, 2)}\n`);
});

test('the experiment in the documents has no mistakes', async () => {
  const [, example] = /^```json\n([\s\S]*?)^```$/m.exec(readFileSync(join(docs, 'sweeps.md'), 'utf8')) ?? [];
  expect(await mistakesIn(example!)).toEqual([]);
});

test('what is not said', () => {
  const e = experiment({ axes: [{ name: 'L', values: [1] }], set: { P: 'L', M: 2 } });
  expect(e).toMatchObject({ description: '', where: [], model: 'analytic', sampling: { method: 'grid' } });
  expect([e.workload, e.accounting, e.objective]).toEqual([undefined, undefined, undefined]);
  expect([...e.set].map(([name, { text }]) => [name, text])).toEqual([
    ['P', 'L'],
    ['M', '2'],
  ]);
});

test('bytes between whole ends are whole, unless it says otherwise', async () => {
  const range = { name: 'C', from: '1 KiB', to: '10 KiB', count: 4, scale: 'log' };
  const valuesOf = async (more: object): Promise<number[]> =>
    pointsOf(await space({ axes: [{ ...range, ...more }], param: { GLOBAL_BUFFER: 'C' } })).map(([c]) => c!);
  expect(await valuesOf({})).toEqual([1024, 2206, 4753, 10240]);
  expect((await valuesOf({ whole: false })).map(Number.isInteger)).toEqual([true, false, false, true]);
  expect((await valuesOf({ from: '0.5 B' })).some((c) => !Number.isInteger(c))).toBe(true);
});

test('all mistakes are told at once, as they stand in the text', async () => {
  const found = await mistakesIn(
    experimentText({
      axes: [
        { name: 'L', from: 9, to: 1, step: 1 },
        { name: 'L', values: ['1 KB'] },
      ],
      hardware: { axis: 'H' },
      cascade: { axis: 'L' },
    }),
  );
  expect(found.map(({ code }) => code)).toEqual(['unknown-axis', 'bad-range', 'unknown-unit']);
});

test('an axis of a zip may be a label', async () => {
  const labelled = {
    zip: [
      { name: 'L', values: [1, 2] },
      { name: 'LABEL', values: ['small', 'large'] },
    ],
  };
  expect(await mistakesIn(experimentText({ axes: [labelled], set: { P: 'L' } }))).toEqual([]);
});

const L = { name: 'L', values: [1, 2] };
const nested = (depth: number): object =>
  depth === 0 ? L : depth % 2 === 0 ? { product: [nested(depth - 1)] } : { zip: [nested(depth - 1)] };
const long = Array.from({ length: 1000 }, (_, i) => i);

/** What could hang a tool, fill its memory, or reach what it should not. */
test.each<[string, object | string, string]>([
  ['a billion points', { axes: [0, 1, 2].map((i) => ({ name: `X${i}`, values: long })) }, 'too-many-points'],
  [
    'more points than a number holds',
    { axes: long.slice(0, 90).map((i) => ({ name: `X${i}`, values: [1, 2] })) },
    'too-many-points',
  ],
  ['a count beyond all', { axes: [{ name: 'L', from: 1, to: 2, count: 1e18 }] }, 'out-of-range'],
  ['tiny factors', { axes: [{ name: 'L', from: 1, to: 1e30, factor: 1 + 2 ** -52 }] }, 'too-many-points'],
  ['tiny steps', { axes: [{ name: 'L', from: 0, to: 1e30, step: 1e-30 }] }, 'too-many-points'],
  ['steps that vanish', { axes: [{ name: 'L', from: 1e20, to: 1.1e20, step: 1 }] }, 'too-many-points'],
  [
    'many large axes',
    { axes: [{ zip: long.slice(0, 90).map((i) => ({ name: `X${i}`, from: 1, to: 1e6, step: 1 })) }] },
    'too-many-points',
  ],
  ['too many axes', { axes: [{ zip: long.map((i) => ({ name: `X${i}`, values: [1, 2] })) }] }, 'too-large'],
  ['a huge list', { axes: [{ name: 'L', values: Array.from({ length: 150_000 }, () => 1) }] }, 'too-large'],
  ['a huge text', { description: 'x'.repeat(2 ** 21) }, 'too-large'],
  ['a long name', { axes: [{ name: 'H', values: ['x'.repeat(501)] }], hardware: { axis: 'H' } }, 'too-large'],
  [
    'numbers that are none',
    '{ "schema": "attnsim-sweep/1", "axes": [{ "name": "L", "from": 1, "to": .inf, "factor": .nan }] }',
    'wrong-type',
  ],
  ['thousands of conditions', { axes: [L], set: { P: 'L' }, where: long.map((i) => `L > ${i}`) }, 'too-large'],
  [
    'thousands of derived values',
    { axes: [L], set: { P: 'L' }, derived: Object.fromEntries(long.map((i) => [`D${i}`, 'L'])) },
    'too-large',
  ],
  ['deep axes', { axes: [nested(100)] }, 'too-deep'],
  ['a deep expression', { axes: [L], set: { P: `${'('.repeat(300)}L${')'.repeat(300)}` } }, 'too-large'],
  ['an expression that calls', { axes: [L], set: { P: 'L.constructor("return process")()' } }, 'bad-expression'],
  ['a function of its own', { axes: [L], derived: { F: 'f(x) = f(x)' }, set: { P: 'L' } }, 'bad-expression'],
  ['a name of an object', { axes: [L], set: { P: 'L + (__proto__)' } }, 'unknown-axis'],
  ['a key of an object', '{ "schema": "attnsim-sweep/1", "set": { "__proto__": 1 } }', 'unsafe-key'],
  ['billions of drawn points', { axes: [L], sampling: { method: 'random', points: 4e9 } }, 'out-of-range'],
  ['a file elsewhere', { axes: [L], set: { P: 'L' }, cascade: 'a/../../b.einsum' }, 'outside-folder'],
  ['no JSON', '{ "schema": ', 'syntax'],
])('%s', async (_, parts, code) => {
  const found = await mistakesIn(typeof parts === 'string' ? parts : experimentText(parts));
  expect(found.map((d) => d.code)).toContain(code);
});

test('whatever is given, mistakes are told and nothing is thrown', async () => {
  const value = fc.oneof(
    fc.constantFrom<unknown>('4 MiB', 'L', 'fusemax', '1 KB', 'L < 3', -1, 0, 1e18, null, true, [], {}, ['a', 1]),
    fc.string({ maxLength: 8 }),
    fc.double(),
  );
  const field = fc.constantFrom('values', 'from', 'to', 'step', 'factor', 'count', 'scale', 'whole', 'zip', 'product');
  const axis = fc
    .tuple(fc.constantFrom<unknown>('L', 'X', 'B', 'and', 3), fc.dictionary(field, value, { maxKeys: 4 }))
    .map(([name, fields]) => ({ name, ...fields }));
  const part = fc.constantFrom('axes', 'set', 'param', 'where', 'sampling', 'constraints', 'cascade', 'derived');
  const parts = fc.dictionary(
    part,
    fc.oneof(value, fc.array(axis, { maxLength: 3 }), fc.dictionary(fc.constantFrom('P', 'M'), value), axis),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(axis, { maxLength: 3 }), parts, async (axes, others) => {
      for (const d of await mistakesIn(experimentText({ axes, ...others })))
        expect(d.message).not.toContain('undefined');
    }),
    { numRuns: runs(500) },
  );
});
