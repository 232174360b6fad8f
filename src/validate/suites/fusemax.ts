import { type Diagnostic, diagnostic, failure, type Result, success } from '../../diagnostic.ts';
import { invariant } from '../../invariant.ts';
import type { Source } from '../../source.ts';
import { type PointRow, pointsSchema, readRow, readRows } from '../points.ts';
import { shareNames } from '../share-names.ts';
import { openTexts, type ShippedTexts } from '../shipped-texts.ts';
import type { Claim, Point, ReadShipped, Subject, Suite } from '../suite.ts';
import { fusemaxFigures, publishedFigures } from './fusemax-figures.ts';
import { type FusemaxRow, formOf, type Kernel, kernels, rowSchemas } from './fusemax-rows.ts';
import {
  type FusemaxConfigurations,
  folder,
  fusemaxRuns,
  ownValues,
  readFusemaxConfigurations,
  shippedJson,
  workloads,
} from './fusemax-runs.ts';

type Headline = {
  readonly claim: string;
  readonly kernel: Kernel;
  readonly figure: string;
  readonly variant: string;
  readonly baseline: string;
  readonly seqlen?: number;
  readonly paper?: number;
  readonly recomputed: number;
};

/** Lengths over which the paper takes its means. */
const seqlens = [10, 12, 14, 16, 18, 20].map((power) => 2 ** power);

/** "64K", of whole ones. */
function lengthText(n: number): string {
  const units = ['', 'K', 'M', 'G', 'T'];
  const power = units.findLastIndex((_, i) => n % 1024 ** i === 0);
  return `${n / 1024 ** power}${units[power]}`;
}

/** "BERT 64K", and what is unlike the paper. */
function labelOf(row: FusemaxRow, configurations: FusemaxConfigurations): string {
  const own = Object.entries(ownValues(row, configurations)).map(([name, value]) => `${name}=${value}`);
  const array = row.kernel === 'pareto' ? [`PE_DIM=${row.pe_dim}`] : [];
  return [row.workload, lengthText(row.seqlen), ...array, ...own].join(' ');
}

const seriesOf = ({ kernel, variant }: FusemaxRow): string =>
  [...(kernel === 'linear_layers' ? [] : [kernel]), ...(variant === undefined ? [] : [variant])]
    .join(', ')
    .replaceAll('_', ' ');

const subjectOf = (row: FusemaxRow, configurations: FusemaxConfigurations): Subject => ({
  name: `${seriesOf(row)}, ${labelOf(row, configurations)}`,
  runs: fusemaxRuns(row, configurations),
});

/** A row of the list `pareto`, and one that says so by its size of the arrays, names no kernel. */
function kernelOf({ table, node }: PointRow): Kernel {
  if (node.kind !== 'map' || table === 'pareto') return table === 'pareto' ? 'pareto' : 'attention';
  const given = node.entries.get('kernel')?.node;
  if (given === undefined && node.entries.has('pe_dim')) return 'pareto';
  const known = kernels.find((k) => given?.kind === 'scalar' && given.value === k);
  return known ?? 'attention';
}

async function readPoint(
  row: PointRow,
  configurations: FusemaxConfigurations,
  texts: ShippedTexts,
): Promise<Result<Point>> {
  const kernel = kernelOf(row);
  const read = readRow<FusemaxRow>(row, formOf(kernel));
  if (!read.ok) return read;
  const value = { ...read.value, kernel };
  const { name, runs } = subjectOf(value, configurations);
  const machine = await texts.machine(runs[0]!.hardware, new Map(), runs[0]!.mapping);
  invariant(machine.ok, `${runs[0]!.hardware} ships`);
  const published = publishedFigures(value, machine.value);
  if (published.size === 0) {
    const message = `${row.name} states nothing that is compared`;
    const help = 'such as "latency_cycles", "csv_dram_bytes", "csv_util_2d" or "csv_energy_pJ"';
    return failure([diagnostic('missing-field', message, row.node.span, { help })]);
  }
  const point = {
    name,
    runs: await shareNames(runs, texts),
    row: row.name,
    series: seriesOf(value),
    label: labelOf(value, configurations),
    at: row.node.span,
    published,
  };
  return success(point, read.warnings);
}

/** Of many rows with the same unknown field, the first says so. */
function eachOnce(warnings: readonly Diagnostic[]): readonly Diagnostic[] {
  const field = (d: Diagnostic): string => /"([^"]*)"/.exec(d.message)?.[1] ?? '';
  return warnings.filter((d, i) => warnings.findIndex((other) => field(other) === field(d)) === i);
}

async function readPoints(source: Source, readShipped: ReadShipped): Promise<Result<readonly Point[]>> {
  const rows = readRows(source, ['results', 'pareto']);
  if (!rows.ok) return rows;
  const configurations = await readFusemaxConfigurations(readShipped);
  const texts = openTexts(readShipped);
  const points = await Promise.all(rows.value.map((row) => readPoint(row, configurations, texts)));
  const wrong = points.flatMap((p) => (p.ok ? [] : p.diagnostics));
  if (wrong.length > 0) return failure(wrong);
  return success(
    points.flatMap((p) => (p.ok ? [p.value] : [])),
    eachOnce(points.flatMap((p) => (p.ok ? p.warnings : []))),
  );
}

/** The means of the paper: arithmetic, of the ratio of two variants for each model and length. */
async function claims(readShipped: ReadShipped): Promise<readonly Claim[]> {
  const { headlines } = await shippedJson<{ headlines: readonly Headline[] }>(readShipped, 'points.json');
  const configurations = await readFusemaxConfigurations(readShipped);
  return headlines.map(({ claim, kernel, figure, variant, baseline, seqlen, paper, recomputed }) => {
    const lengths = seqlen === undefined ? seqlens : [seqlen];
    const pairs = Object.keys(workloads).flatMap((workload) =>
      lengths.map((length) => {
        const subject = (of: string): Subject =>
          subjectOf({ kernel, variant: of, workload, seqlen: length }, configurations);
        // A speed-up is the time of the baseline over that of the variant; an energy is that of the variant over its.
        return figure === 'latency_cycles'
          ? ([subject(baseline), subject(variant)] as const)
          : ([subject(variant), subject(baseline)] as const);
      }),
    );
    return { claim, figure, printed: paper, recomputed, pairs };
  });
}

/** FuseMax, its two ablations and its two baselines, as the paper's artifact has them. */
export const fusemax: Suite = {
  name: 'fusemax',
  description: 'FuseMax, +Architecture, +Cascade, FLAT and the unfused baseline: results of the paper and its artifact',
  points: `${folder}/points.json`,
  accounting: 'artifact',
  figures: fusemaxFigures,
  pointsSchema: async () => pointsSchema('fusemax', rowSchemas),
  readPoints,
  claims,
};
