import { peakMac } from '../../arch/peaks.ts';
import { type Diagnostic, failure, type Result, success } from '../../diagnostic.ts';
import type { Source } from '../../source.ts';
import { type PointRow, pointsSchema, type RowForm, readRow, readRows } from '../points.ts';
import type { Figure, Outcome, Point, Run, Suite } from '../suite.ts';

const published = ['cycles', 'qk_cycles', 'av_cycles', 'latency_ms', 'gops', 'peak_gops', 'gmacs'] as const;

/** What was published of a design, and what runs for it, one run after the other. */
type Row = {
  readonly design: string;
  readonly case: string;
  readonly runs: readonly (Pick<Run, 'cascade' | 'hardware' | 'mapping' | 'sizes'> &
    Partial<Pick<Run, 'parameters' | 'formats'>>)[];
  /** By figure: a rule. */
  readonly explained?: Readonly<Record<string, string>>;
} & { readonly [figure in (typeof published)[number]]?: number };

const rules = {
  depth:
    'the published model counts the product with V as deep as a row has scores, L + 64 cycles a tile; here it is as deep as V is wide, 768 + 64, and both are equal where L is 768',
  global_pes: 'the published peak has a row and a column of PEs for global tokens, which are not modelled here',
  dense_equivalent:
    'the published time is 1.05 Gop over a throughput that counts what is pruned as done, of designs with other numbers of multipliers or scaled to 128; here 128 multipliers compute all of the block, and cannot take less: its projections alone take 7.1 ms',
  other_model:
    'from a performance model of the publishers, whose run is not published; 128 multipliers that compute the projections of the block take 7.1 ms for these alone',
  candidates:
    'the published rate is of approximate attention, which skips 40% of the operations and counts them as done; what its search of candidates takes for that is not known, nor modelled',
  binary: 'the published sum of products is in units of 2^30: 1.1325e9 / 2^30 = 1.05',
} as const;

const text = { type: 'string', minLength: 1, maxLength: 200 };
const table = (of: object): object => ({ type: 'object', additionalProperties: of });

const form: RowForm = {
  schema: {
    type: 'object',
    required: ['design', 'case', 'runs'],
    properties: {
      design: text,
      case: text,
      runs: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          required: ['cascade', 'hardware', 'mapping', 'sizes'],
          properties: {
            cascade: text,
            hardware: text,
            mapping: text,
            sizes: table({ type: 'integer', minimum: 1, maximum: 2 ** 40 }),
            parameters: table(text),
            formats: table(text),
          },
        },
      },
      ...Object.fromEntries(published.map((figure) => [figure, { type: 'number', exclusiveMinimum: 0 }])),
      explained: table({ enum: Object.keys(rules) }),
    },
  } as RowForm['schema'],
  unused: ['source', 'note'],
};

const sum = (of: (outcome: Outcome) => number) => (outcomes: readonly Outcome[]) =>
  outcomes.reduce((total, outcome) => total + of(outcome), 0);

/** Busy cycles of the array in an Einsum; undefined where there is none of that name. */
const busyIn =
  (einsum: string) =>
  ([outcome]: readonly Outcome[]): number | undefined =>
    outcome!.metrics.busy_by_einsum.get('PEs')?.get(einsum);

const figure = (
  name: (typeof published)[number],
  title: string,
  unit: string,
  tolerance: NonNullable<Figure['tolerance']>,
  read: Figure['read'],
): Figure => ({ name, title, unit, error: 'relative', tolerance, read });

const within = (error: number): NonNullable<Figure['tolerance']> => ({ analytic: error, cycle: error });

const figures: readonly Figure[] = [
  figure(
    'cycles',
    'cycles',
    'cycles',
    // The closed form lets the ramps of Sanger's tiles overlap.
    { analytic: 0.08, cycle: 0.03 },
    sum(({ metrics }) => metrics.latency_cycles),
  ),
  figure('qk_cycles', 'cycles of QK', 'cycles', within(0.02), busyIn('QK')),
  figure('av_cycles', 'cycles of AV', 'cycles', within(0.02), busyIn('AV')),
  figure(
    'latency_ms',
    'time',
    'ms',
    within(0.05),
    sum(({ metrics, machine }) => (metrics.latency_cycles / machine.clock_hz) * 1e3),
  ),
  figure('gops', 'rate', 'GOP/s', within(0.05), ([outcome]) => {
    const { metrics, machine } = outcome!;
    return (metrics.flops / metrics.latency_cycles) * (machine.clock_hz / 1e9);
  }),
  figure('peak_gops', 'peak', 'GOP/s', within(0.01), ([outcome]) => peakMac(outcome!.machine)!.operations_per_s / 1e9),
  figure(
    'gmacs',
    'multiplications',
    'billions',
    within(0.01),
    sum(({ metrics }) => (metrics.operations.get('mac') ?? 0) / 1e9),
  ),
];

function pointOf({ name: row, node }: PointRow, value: Row): Point {
  const { design, case: label, runs, explained = {} } = value;
  return {
    name: `${design}, ${label}`,
    row,
    series: design,
    label,
    at: node.span,
    runs: runs.map((run) => ({ workload: undefined, parameters: {}, ...run })),
    published: new Map(published.flatMap((f) => (value[f] === undefined ? [] : [[f, value[f]] as const]))),
    explained: new Map(Object.entries(explained)),
  };
}

async function readPoints(source: Source): Promise<Result<readonly Point[]>> {
  const rows = readRows(source, ['points']);
  if (!rows.ok) return rows;
  const read = rows.value.map((row) => ({ row, value: readRow<Row>(row, form) }));
  const wrong: readonly Diagnostic[] = read.flatMap(({ value }) => (value.ok ? [] : value.diagnostics));
  if (wrong.length > 0) return failure(wrong);
  return success(
    read.flatMap(({ row, value }) => (value.ok ? [pointOf(row, value.value)] : [])),
    read.flatMap(({ value }) => (value.ok ? value.warnings : [])),
  );
}

/** Accelerators of attention, dense or with a static window: what their published models count. */
export const accelerators: Suite = {
  name: 'accelerators',
  description:
    'SALO, FSA, Sanger, ViTCoD, TPU v1: cycles of their published models, on machines and mappings of theirs',
  points: 'experiments/accelerators/points.json',
  accounting: 'physical',
  figures,
  rules,
  pointsSchema: async () => pointsSchema('accelerators', { points: form.schema }),
  readPoints,
  claims: async () => [],
};
