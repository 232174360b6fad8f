import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packageFile } from '../../src/files.ts';
import type { Validation } from '../../src/report/validation.ts';
import { checkValidation, validationSchema } from '../../src/report/validation-schema.ts';
import { validationText } from '../../src/report/validation-text.ts';
import { openLibrary } from '../../src/validate/library.ts';
import { fusemax } from '../../src/validate/suites/fusemax.ts';
import { suites } from '../../src/validate/suites.ts';
import { validatePoints } from '../../src/validate/validate.ts';
import { expectWritten } from '../documented.ts';
import { must } from '../mapper/inputs.ts';

const library = openLibrary(packageFile);
const claims = await fusemax.claims(packageFile);

async function validationOf(rows: unknown, model: Validation['model'] = 'analytic'): Promise<Validation> {
  const source = { name: 'own.json', text: JSON.stringify(rows) };
  const points = must(await fusemax.readPoints(source, packageFile));
  const { validation, diagnostics } = await validatePoints(fusemax, points, {
    model,
    pointsName: source.name,
    claims,
    library,
  });
  expect(diagnostics).toEqual([]);
  await checkValidation(validation);
  return validation;
}

const row = (variant: string, seqlen: number, figures: object, more: object = {}): object => ({
  kernel: 'attention',
  variant,
  workload: 'BERT',
  seqlen,
  ...figures,
  ...more,
});

// The closed form of the paper's cost model for BERT at 1K: 64 x 12 heads of 4 x 4 tiles.
const tiles = 64 * 12 * 16;
const binding1K = 138 * tiles + (64 * tiles) / 4;

test('a published row that the closed form gives is met', async () => {
  const dram = 2 * 64 * 12 * 1024 * (4 * 64);
  const { rows } = await validationOf([row('binding', 1024, { latency_cycles: binding1K, csv_dram_bytes: dram })]);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ row: 'points[0]', series: 'attention, binding', label: 'BERT 1K', failed: null });
  expect(rows[0]!.figures['dram_bytes']).toEqual({
    published: dram,
    predicted: dram,
    error: 0,
    within: true,
    rule: null,
  });
  expect(rows[0]!.figures['latency_cycles']).toMatchObject({ published: binding1K, within: true });
});

test('errors, their means and what is beyond tolerance are those of points made by hand', async () => {
  const base = await validationOf([row('arch', 1024, { latency_cycles: 1, csv_util_2d: 1 })]);
  const { predicted } = base.rows[0]!.figures['latency_cycles']!;
  const { predicted: busy } = base.rows[0]!.figures['utilization_2d']!;
  const deviation = fc.double({ min: -0.5, max: 0.5, noNaN: true });
  await fc.assert(
    fc.asyncProperty(fc.array(deviation, { minLength: 1, maxLength: 6 }), async (deviations) => {
      const stated = deviations.map((d) => ({ latency_cycles: predicted / (1 + d), csv_util_2d: busy - d * busy }));
      const validation = await validationOf(stated.map((figures) => row('arch', 1024, figures)));
      for (const [i, d] of deviations.entries()) {
        expect(validation.rows[i]!.figures['latency_cycles']!.error).toBeCloseTo(d, 12);
        expect(validation.rows[i]!.figures['utilization_2d']!.error).toBeCloseTo(d * busy, 12);
      }
      const sizes = deviations.map(Math.abs);
      const means = validation.series['attention, arch']!['latency_cycles']!;
      expect(means.points).toBe(deviations.length);
      expect(means.mean_absolute_error).toBeCloseTo(sizes.reduce((a, b) => a + b, 0) / sizes.length, 12);
      expect(Math.abs(means.worst_error)).toBeCloseTo(Math.max(...sizes), 12);
      const beyond = Object.values(validation.rows)
        .flatMap((r) => Object.values(r.figures))
        .filter((e) => !e.within);
      expect(validation.beyond_tolerance).toBe(beyond.length);
      // Well away from the tolerances of 0.1% and 0.002.
      for (const [i, d] of deviations.entries()) {
        if (Math.abs(d) > 0.0011) expect(validation.rows[i]!.figures['latency_cycles']!.within).toBe(false);
        if (Math.abs(d) < 0.0009) expect(validation.rows[i]!.figures['latency_cycles']!.within).toBe(true);
      }
    }),
    { numRuns: 20 },
  );
});

test('a row may be in seconds, and of another machine or size than the published ones', async () => {
  const own = { sizes: { B: 1, H: 2, E: 96, F: 96 }, parameters: { BANDWIDTH: '100 GB/s', RAMPS: 0 } };
  const [cycles, seconds] = (
    await validationOf([
      row('binding', 2048, { latency_cycles: 940e6 }, own),
      row('binding', 2048, { csv_latency_s: 1 }, own),
    ])
  ).rows;
  expect(seconds!.figures).toEqual(cycles!.figures);
  expect(cycles!.label).toBe('BERT 2K B=1 H=2 E=96 F=96 BANDWIDTH=100 GB/s RAMPS=0');
  expect(cycles!.runs[0]).toMatchObject({ sizes: { P: 2048, M: 2048, B: 1, E: 96 }, parameters: { RAMPS: '0' } });
});

const figuresOf = async (rows: readonly object[], figure: string): Promise<readonly number[]> =>
  (await validationOf(rows)).rows.map((r) => r.figures[figure]!.predicted);

test('rows that differ in anything that is run are told apart, and say by what', async () => {
  const pareto = { workload: 'BERT', seqlen: 1024, pe_dim: 256, total_area_um2: 1, latency_s: 1 };
  const { rows } = await validationOf([
    pareto,
    { ...pareto, derived_rf2d_entries: 16 },
    { ...pareto, derived_rf2d_entries: 32 },
    { ...pareto, derived_global_buffer_bytes: 524288 },
  ]);
  const memories = 'BERT 1K PE_DIM=256';
  expect(rows.map((r) => r.label)).toEqual([
    memories,
    memories,
    `${memories} RF2D_ENTRIES=32`,
    `${memories} GLOBAL_BUFFER=524288 B`,
  ]);
  const areas = rows.map((r) => r.figures['area_mm2']!.predicted);
  expect(areas[1]).toBe(areas[0]);
  expect(new Set(areas).size).toBe(3);
});

test('a size and a parameter of one name are not the same', async () => {
  const stated = { latency_cycles: 1 };
  const rows = [
    row('arch', 1024, stated, { sizes: { M0: 128 } }),
    row('arch', 1024, stated, { parameters: { M0: 128 } }),
  ];
  const points = must(await fusemax.readPoints({ name: 'own.json', text: JSON.stringify(rows) }, packageFile));
  const options = { model: 'analytic', pointsName: 'own.json', claims: [], library } as const;
  const { validation } = await validatePoints(fusemax, points, options);
  expect(validation.rows.map((r) => r.failed === null)).toEqual([true, false]);
});

test('a published configuration stays with its row unless sizes that blocks are chosen by are others', async () => {
  const runs = async (variant: string, seqlen: number, sizes: object) => {
    const rows = [row(variant, seqlen, { latency_cycles: 1 }, { sizes })];
    return must(await fusemax.readPoints({ name: 'own.json', text: JSON.stringify(rows) }, packageFile))[0]!.runs[0]!;
  };
  for (const sizes of [{}, { B: 32 }, { E: 64, F: 64, P: 16384 }])
    expect(await runs('flat', 16384, sizes)).toMatchObject({ mapping: 'flat', parameters: { ROWS: '1024' } });
  expect((await runs('flat', 16384, { E: 96 })).parameters).toEqual({});
  expect((await runs('unfused', 262144, { H: 1 })).parameters).toEqual({ BLOCK: '32768' });
  expect((await runs('unfused', 262144, { M: 1024 })).parameters).toEqual({});
  // What is not listed has the mapping of its length.
  expect(await runs('flat', 131072, {})).toMatchObject({ mapping: 'flat', parameters: {} });
  expect(await runs('flat', 524288, {})).toMatchObject({ mapping: 'flat-weight-stationary', parameters: {} });
  expect(await runs('flat', 262144, { F: 96 })).toMatchObject({ mapping: 'flat-weight-stationary', parameters: {} });
});

test('an end-to-end layer may have sizes and parameters of attention or of the linear layers alone, and is their sum', async () => {
  const figures = { latency_cycles: 1 };
  const layer = (own: object): object => row('binding', 1024, figures, { kernel: 'end_to_end_layer', ...own });
  const own = { sizes: { B: 2, M0: 128, D: 512 }, parameters: { RAMPS: 1, SLICES: 4, BANDWIDTH: '100 GB/s' } };
  const [both, attention, linear] = await figuresOf(
    [
      layer(own),
      row('binding', 1024, figures, { sizes: { B: 2, M0: 128 }, parameters: { RAMPS: 1, BANDWIDTH: '100 GB/s' } }),
      {
        ...row('linear_on_fusemax_arch', 1024, figures),
        kernel: 'linear_layers',
        sizes: { B: 2, D: 512 },
        parameters: { SLICES: 4, BANDWIDTH: '100 GB/s' },
      },
    ],
    'latency_cycles',
  );
  expect(both).toBe(attention! + linear!);
  const wrong = [layer({ sizes: { NOBODY: 1 } }), layer({ parameters: { NOBODY: 1 } })];
  const points = must(await fusemax.readPoints({ name: 'own.json', text: JSON.stringify(wrong) }, packageFile));
  const options = { model: 'analytic', pointsName: 'own.json', claims: [], library } as const;
  const { diagnostics } = await validatePoints(fusemax, points, options);
  expect(diagnostics.map((d) => d.code)).toEqual(['unknown-size', 'unknown-override']);
});

test('lengths have the largest unit that they are a multiple of', async () => {
  const lengths = [1, 1000, 1536, 2 ** 20, 2 ** 20 + 2 ** 10];
  const rows = lengths.map((n) => row('binding', n, { latency_cycles: 1 }));
  const points = must(await fusemax.readPoints({ name: 'own.json', text: JSON.stringify(rows) }, packageFile));
  expect(points.map((p) => p.label)).toEqual(['BERT 1', 'BERT 1000', 'BERT 1536', 'BERT 1M', 'BERT 1025K']);
  const long = [row('binding', 2 ** 40, { latency_cycles: 1 })];
  const [point] = must(await fusemax.readPoints({ name: 'own.json', text: JSON.stringify(long) }, packageFile));
  expect(point!.label).toBe('BERT 1T');
});

test('a claim is the mean of the ratios of its pairs, of the rows that are given and of all', async () => {
  const pair = { claim: 'speed-up', figure: 'latency_cycles', printed: 3, recomputed: 2.97 };
  const lengths = [1024, 2048];
  const rows = lengths.flatMap((n) => ['arch', 'binding'].map((v) => row(v, n, { latency_cycles: n * v.length })));
  const points = must(await fusemax.readPoints({ name: 'own.json', text: JSON.stringify(rows) }, packageFile));
  const pairs = lengths.map((_, i) => [points[2 * i]!, points[2 * i + 1]!] as const);
  const options = { model: 'analytic', pointsName: 'own.json', library } as const;
  const of = async (given: number): Promise<Validation> =>
    (await validatePoints(fusemax, points.slice(0, given), { ...options, claims: [{ ...pair, pairs }] })).validation;
  const [all, one] = [await of(4), await of(2)];
  const latency = all.rows.map((r) => r.figures['latency_cycles']!.predicted);
  const ratios = [latency[0]! / latency[1]!, latency[2]! / latency[3]!] as const;
  expect(all.claims[0]!.predicted).toBeCloseTo((ratios[0] + ratios[1]) / 2, 12);
  expect(all.claims[0]!.given).toMatchObject({ pairs: 2, published: 4 / 7 });
  expect(one.claims[0]!.given).toMatchObject({ pairs: 1, published: 4 / 7 });
  expect(one.claims[0]!.given!.predicted).toBeCloseTo(ratios[0], 12);
  expect(one.claims[0]!.predicted).toBe(all.claims[0]!.predicted);
});

test('claims of which the points have no pair are left out', async () => {
  expect((await validationOf([row('binding', 1024, { latency_cycles: 1 })])).claims).toEqual([]);
});

test('what cannot be run is told at its row, and the others are', async () => {
  const rows = [
    row('binding', 1024, { latency_cycles: binding1K }),
    row('binding', 1024, { latency_cycles: 1 }, { parameters: { NOTHING: 1 } }),
  ];
  const points = must(await fusemax.readPoints({ name: 'own.json', text: JSON.stringify(rows) }, packageFile));
  const options = { model: 'analytic', pointsName: 'own.json', claims: [], library } as const;
  const { validation, diagnostics } = await validatePoints(fusemax, points, options);
  expect(validation.failed).toBe(1);
  expect(validation.rows[0]!.figures['latency_cycles']!.within).toBe(true);
  expect(diagnostics).toHaveLength(1);
  expect(diagnostics[0]!.message).toContain('points[1]');
  expect(diagnostics[0]!.span!.start).toBe(points[1]!.at.start);
  expect(validationText(validation)).toContain('1 of 2 points could not be run');
});

test('what is published is complete: every row that ships has figures, every claim its pairs', async () => {
  // What is measured may be measured twice; those rows have tests of their own.
  for (const suite of suites.filter((s) => !['gpus', 'edge'].includes(s.name))) {
    const source = (await packageFile(suite.points))!;
    const read = await suite.readPoints(source, packageFile);
    expect(read.ok && read.warnings).toEqual([]);
    const points = must(read);
    const runs = new Set(points.map((p) => JSON.stringify([p.runs, p.access])));
    // Six numbers of the suite accelerators are published of one block on 128 multipliers, and one of a peak.
    expect(points.length - runs.size).toBe(suite.name === 'accelerators' ? 6 : 0);
    expect(new Set(points.map((p) => p.name)).size).toBe(points.length);
    for (const claim of await suite.claims(packageFile)) expect([4, 24]).toContain(claim.pairs.length);
    const names = suite.figures.map((f) => f.name);
    for (const point of points) for (const name of point.published.keys()) expect(names).toContain(name);
  }
});

test('the published schema is the one that validations are checked against', () => {
  expectWritten('docs/validation-schema.json', `${JSON.stringify(validationSchema, undefined, 2)}\n`);
  expect(new Ajv2020({ strict: true }).validateSchema(validationSchema)).toBe(true);
});
