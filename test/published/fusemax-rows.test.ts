import { expect, test } from 'vitest';
import { packageFile } from '../../src/files.ts';
import type { Validation } from '../../src/report/validation.ts';
import { openLibrary } from '../../src/validate/library.ts';
import { fusemax } from '../../src/validate/suites/fusemax.ts';
import { validatePoints } from '../../src/validate/validate.ts';
import { must } from '../mapper/inputs.ts';

/**
 * Every row of the FuseMax artifact, the published ones and those that its cost model gives for the other workloads and
 * lengths (MICRO 2024, arXiv 2406.10491; FPSG-UIUC/micro24-fusemax-artifact, src/accel), by the closed-form model.
 */

const library = openLibrary(packageFile);

async function validated(text: string): Promise<Validation> {
  const points = must(await fusemax.readPoints({ name: 'points.json', text }, packageFile));
  const options = { model: 'analytic', pointsName: 'points.json', claims: [], library } as const;
  return (await validatePoints(fusemax, points, options)).validation;
}

/** Figures beyond their tolerance: "series, label: figure". */
const missed = ({ rows }: Validation): readonly string[] =>
  rows.flatMap(({ series, label, figures }) =>
    Object.entries(figures).flatMap(([name, { within }]) => (within === false ? [`${series}, ${label}: ${name}`] : [])),
  );

test('published rows are met', async () => {
  const points = await packageFile(fusemax.points);
  expect(missed(await validated(points!.text))).toEqual([]);
});

const bytesPerCycle = (400 * 2 ** 30) / 940e6;
const sizes = { BERT: [12, 64], TrXL: [16, 64], T5: [8, 64], XLM: [16, 128] } as const;

/** Query tiles that stay: the largest divisor of all that fits 16 MiB with `words` more words a query. */
function blocks(E: number, n: number, words: number): number {
  const fit = Math.floor((2 ** 24 - 4 * 256 * E) / (512 * (2 * E + 2 + words)));
  let most = 1;
  for (let d = 1; d <= Math.min(fit, n); d++) if (n % d === 0) most = d;
  return n / most;
}

function closedForms(workload: keyof typeof sizes, seqlen: number): readonly object[] {
  const [H, E] = sizes[workload];
  const n = seqlen / 256;
  const [tiles, columns, scores, operand] = [64 * H * n * n, 64 * H * n, 64 * H * seqlen ** 2, 64 * H * seqlen * E];
  const row = (variant: string, cycles: number, bytes: number): object => ({
    kernel: 'attention',
    variant,
    workload,
    seqlen,
    latency_cycles: Math.max(cycles, variant === 'unfused' ? 0 : bytes / bytesPerCycle),
    csv_dram_bytes: bytes,
  });
  const fused = (words: number): number => 2 * operand * (2 + 2 * blocks(E, n, words));
  const passes = seqlen < 2 ** 18 ? 1 : E === 64 ? 8 : 16;
  const product = 2 * (scores + (1 + passes) * operand);
  return [
    row('unfused', (2 * product) / bytesPerCycle + (4 * scores) / 256, 2 * product + 4 * scores),
    row('cascade', tiles * (1029 + 2 * E) + columns * E, fused(512)),
    row('arch', tiles * (266 + 3 * E), fused(0)),
    row('binding', tiles * (10 + 2 * E) + columns * E, fused(0)),
    // From 256K on FLAT's scores go through DRAM, keys and values once a block of 1024 queries.
    ...(seqlen < 2 ** 18
      ? []
      : [row('flat', (4 * scores) / 256, 2 * (4 * scores + 2 * operand * (1 + seqlen / 1024)))]),
  ];
}

test('so are those of the other workloads and lengths', async () => {
  const lengths = [10, 12, 14, 16, 18, 20].map((power) => 2 ** power);
  const rows = (Object.keys(sizes) as (keyof typeof sizes)[]).flatMap((w) => lengths.flatMap((l) => closedForms(w, l)));
  const validation = await validated(JSON.stringify(rows));
  expect(validation.rows).toHaveLength(4 * (6 * 4 + 2));
  expect(missed(validation)).toEqual([]);
});

test('and of the sweep over array sizes', async () => {
  const rows = (Object.keys(sizes) as (keyof typeof sizes)[]).flatMap((workload) =>
    [16, 32, 64, 128, 256, 512].map((pe_dim) => {
      const [H, E] = sizes[workload];
      const n = 2 ** 18 / pe_dim;
      const cycles = 64 * H * n * (n * (10 + 2 * E) + E);
      return { kernel: 'pareto', workload, seqlen: 2 ** 18, pe_dim, latency_s: cycles / 940e6 };
    }),
  );
  expect(missed(await validated(JSON.stringify(rows)))).toEqual([]);
});
