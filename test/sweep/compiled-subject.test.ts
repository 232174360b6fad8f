import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMapping } from '../../src/mapper/parse.ts';
import { type CompiledSubject, compileSubject } from '../../src/sweep/compiled-subject.ts';
import type { RunFigures } from '../../src/sweep/figures.ts';
import { openSizes } from '../../src/sweep/sized.ts';
import { evaluatePoint, figuresOf, type InputNames, readSubject, type Subject } from '../../src/sweep/subject.ts';
import { type Dimension, noDimension } from '../../src/units.ts';
import { must, shipped } from '../mapper/inputs.ts';
import { endOnFailure, runs } from '../runs.ts';

const bytes: Dimension = { ...noDimension, data: 1 };
const bandwidth: Dimension = { ...bytes, time: -1 };
const frequency: Dimension = { ...noDimension, time: -1 };

/** A subject of what ships, and values that its inputs may have. */
type Case = {
  readonly cascade: string;
  readonly hardware: string;
  readonly mapping: string;
  readonly inputs: readonly (readonly [string, 'size' | Dimension, readonly number[]])[];
};

const lengths = [1, 256, 1000, 1024, 4096, 65536];
const fusemax = [
  ['P', 'size', lengths],
  ['M', 'size', lengths],
  ['E', 'size', [1, 64, 80]],
  ['PE_DIM', noDimension, [32, 64, 100, 256, 512]],
  ['BANDWIDTH', bandwidth, [1e10, 1e11, 4e11, 3e12]],
  ['GLOBAL_BUFFER', bytes, [2 ** 18, 2 ** 20, 2 ** 22, 2 ** 24 + 4096]],
  ['EXP_CYCLES', noDimension, [1, 4, 6]],
] as const;
const cases: readonly Case[] = [
  {
    cascade: 'attention-1-pass',
    hardware: 'fusemax',
    mapping: 'fusemax-binding',
    inputs: [...fusemax, ['DIVIDE', noDimension, [0, 1]], ['RAMPS', noDimension, [0, 1]]],
  },
  { cascade: 'attention-3-pass', hardware: 'fusemax', mapping: 'flat', inputs: fusemax },
  { cascade: 'attention-3-pass', hardware: 'fusemax', mapping: 'unfused', inputs: fusemax },
  {
    cascade: 'gemm',
    hardware: 'fusemax',
    mapping: 'gemm-systolic',
    inputs: [
      ['M', 'size', [1, 64, 1000]],
      ['N', 'size', [1, 512, 777]],
      ['K', 'size', [256, 3072, 100]],
      ['BANDWIDTH', bandwidth, [1e10, 1e11]],
      ['PE_DIM', noDimension, [64, 256]],
    ],
  },
  {
    cascade: 'gemm',
    hardware: 'raspberry-pi-5',
    mapping: 'gemm-cores',
    inputs: [
      ['M', 'size', [1, 64, 1000]],
      ['N', 'size', [512, 8192]],
      ['K', 'size', [256, 3072]],
    ],
  },
  {
    cascade: 'attention-1-pass',
    hardware: 'h100-sxm',
    mapping: 'flash-attention-2',
    inputs: [
      ['P', 'size', [1024, 4096]],
      ['M', 'size', [1024, 4096]],
      ['B', 'size', [1, 4]],
      ['H', 'size', [16]],
      ['E', 'size', [64, 128]],
      ['F', 'size', [64, 128]],
      ['CLOCK', frequency, [1e9, 1.83e9]],
      ['BANDWIDTH', bandwidth, [1e12, 4e12]],
    ],
  },
];

const source = (folder: string, name: string, extension: string) => shipped(folder, `${name}${extension}`);

async function open({ cascade, hardware, mapping, inputs }: Case): Promise<Subject> {
  const names: InputNames = {
    sizes: inputs.filter(([, kind]) => kind === 'size').map(([name]) => name),
    densities: [],
    parameters: inputs.flatMap(([name, kind]) => (kind === 'size' ? [] : [{ name, dimension: kind }])),
  };
  const texts = {
    cascade: source('cascades', cascade, '.einsum'),
    machine: source('hardware-specs', hardware, '.yaml'),
    workload: source('workloads', 'bert-base', '.yaml'),
    formats: new Map<string, string>(),
  };
  const resolve = async (name: string) => source('hardware-specs', name, '.yaml');
  const unmapped = must(await readSubject(texts, names, { resolve }));
  return { ...unmapped, mapping: must(parseMapping(source('mappings', mapping, '.map'))) };
}

function expectFigures(found: RunFigures, expected: RunFigures): void {
  const near = (a: number, b: number): boolean => Object.is(a, b) || Math.abs(a - b) <= 1e-9 * Math.abs(b);
  for (const [key, value] of Object.entries(expected)) {
    const other = found[key as keyof RunFigures];
    if (typeof value === 'string') expect(other, key).toBe(value);
    else if (typeof value === 'number')
      expect(near(other as number, value), `${key}: ${other}, not ${value}`).toBe(true);
    else {
      const [all, others] = [value, other].map((list) => Array.from(list as ArrayLike<number>));
      all!.forEach((v, i) => {
        expect(near(others![i]!, v), `${key} ${i}: ${others![i]}, not ${v}`).toBe(true);
      });
    }
  }
}

describe.each(cases)('$cascade on $hardware by $mapping', (one) => {
  test('compiled, points are what the pipeline makes of them', { timeout: 120_000 }, async () => {
    const subject = await open(one);
    const compiled: CompiledSubject = must(await compileSubject(subject, 'physical'))!;
    let legal = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.tuple(...one.inputs.map(([, , values]) => fc.constantFrom(...values))), async (point) => {
        const values = Float64Array.from(point);
        const found = compiled(values);
        if (found === undefined) return;
        const pipeline = await evaluatePoint(subject, values, 'analytic', {});
        if ('refused' in found) {
          refused++;
          const why = pipeline.ok ? 'legal' : pipeline.diagnostics.map((d) => `${d.code}: ${d.message}`).join('; ');
          expect(found.refused).toBe(why);
        } else {
          legal++;
          expectFigures(found, figuresOf(must(pipeline)));
        }
      }),
      { numRuns: runs(60), endOnFailure },
    );
    expect(legal + refused).toBeGreaterThan(10);
    expect(legal).toBeGreaterThan(0);
  });
});

test('a point that cannot be bound says nothing of those after it', async () => {
  const [one] = cases;
  const subject = await open({
    ...one!,
    inputs: [
      ['P', 'size', lengths],
      ['M', 'size', lengths],
    ],
  });
  const [huge, usual] = [2 ** 31, 1024].map((length) => Float64Array.of(length, length));
  const sizes = openSizes(subject);
  expect(sizes.at(huge!)).toBeUndefined();
  expect(sizes.at(usual!)!.family.form).toBeDefined();
  const [first, after] = [
    must(await compileSubject(subject, 'physical'))!,
    must(await compileSubject(subject, 'physical'))!,
  ];
  const alone = structuredClone(first(usual!));
  expect(after(huge!)).toBeUndefined();
  expect(after(usual!)).toEqual(alone);
});
