import { type Diagnostic, failure, type Result, success } from '../../diagnostic.ts';
import type { Source } from '../../source.ts';
import { type PointRow, pointsSchema, type RowForm, readRow, readRows } from '../points.ts';
import type { Figure, Outcome, Point, Subject, Suite } from '../suite.ts';

/** A case: what ran, and what was counted there, in words; cycles and operations of the whole run. */
type Case = {
  readonly case: string;
  readonly cascade: string;
  readonly hardware: string;
  readonly mapping: string;
  readonly sizes: Readonly<Record<string, number>>;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Absent: that of the suite. */
  readonly accounting?: string;
  readonly cycles?: number;
  readonly computes?: number;
  /** Of the whole run. */
  readonly latency_s?: number;
  readonly energy_J?: number;
  /** By level, then by tensor. */
  readonly accesses?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<AccessField, number>>>>>>;
  /** By "cycles", or "LEVEL TENSOR FIELD": a rule. */
  readonly explained?: Readonly<Record<string, string>>;
};

const accessFields = ['reads', 'fills', 'updates', 'energy_pJ'] as const;
type AccessField = (typeof accessFields)[number];

const amount = { type: 'number', minimum: 0 } as const;
const table = (of: object): object => ({ type: 'object', additionalProperties: of });
const rules = {
  windows:
    'tiles of a tensor that is indexed by a sum overlap, from lane to lane and from step to step; the published count has the overlap once only where the innermost loop slides the tile, here every element comes once, and to one lane',
  blocks: 'the published energy is that of whole blocks of the memory for every tile; here of its words',
  sums: 'the published time adds up that of the busiest component of each Einsum; here it is what units take that wait for each other, or the busiest resource of all Einsums together',
} as const;

const form: RowForm = {
  schema: {
    type: 'object',
    required: ['case', 'cascade', 'hardware', 'mapping', 'sizes'],
    properties: {
      case: { type: 'string', minLength: 1 },
      cascade: { type: 'string' },
      hardware: { type: 'string' },
      mapping: { type: 'string' },
      sizes: table({ type: 'integer', minimum: 1, maximum: 2 ** 40 }),
      parameters: table({ type: 'string' }),
      accounting: { type: 'string' },
      cycles: amount,
      latency_s: amount,
      energy_J: amount,
      computes: amount,
      accesses: table(table({ type: 'object', properties: Object.fromEntries(accessFields.map((f) => [f, amount])) })),
      explained: table({ enum: Object.keys(rules) }),
    },
  } as RowForm['schema'],
  unused: ['source', 'note'],
};

const word_bytes = 2;

/** Of a tensor at a level, in bytes as charged, with what they cost. */
function accessOf({ metrics, machine }: Outcome, { access }: Subject) {
  if (access === undefined) return undefined;
  const charged = metrics.accesses.get(access.level)?.get(access.tensor);
  const { read_bytes, fill_bytes, update_bytes } = charged ?? { read_bytes: 0, fill_bytes: 0, update_bytes: 0 };
  const memory = machine.levels.find((l) => l.name === access.level)?.memory;
  if (memory === undefined) return undefined;
  const { read_pj_per_byte, write_pj_per_byte } = memory;
  const energy_pj = read_bytes * read_pj_per_byte + (fill_bytes + update_bytes) * write_pj_per_byte;
  return {
    reads: read_bytes / word_bytes,
    fills: fill_bytes / word_bytes,
    updates: update_bytes / word_bytes,
    energy_pj,
  };
}

const equal = { analytic: 1e-9, cycle: 1e-9 };

/** Of single precision, in which AccelForge computes. */
const single = { analytic: 1e-6, cycle: 1e-6 };

const counted = (name: 'reads' | 'fills' | 'updates'): Figure => ({
  name,
  title: name,
  unit: 'words',
  error: 'relative',
  tolerance: equal,
  read: ([outcome], subject) => accessOf(outcome!, subject)?.[name],
});

const figures: readonly Figure[] = [
  {
    name: 'cycles',
    title: 'cycles',
    unit: 'cycles',
    error: 'relative',
    tolerance: { analytic: 1e-9, cycle: 0.01 },
    read: ([outcome]) => outcome!.metrics.lower_bound_cycles,
  },
  {
    name: 'computes',
    title: 'computes',
    unit: 'operations',
    error: 'relative',
    tolerance: equal,
    read: ([outcome]) => [...outcome!.metrics.operations.values()].reduce((a, b) => a + b, 0),
  },
  {
    name: 'latency_s',
    title: 'time',
    unit: 's',
    error: 'relative',
    tolerance: single,
    read: ([outcome]) => outcome!.metrics.lower_bound_cycles / outcome!.machine.clock_hz,
  },
  {
    name: 'energy_J',
    title: 'whole energy',
    unit: 'J',
    error: 'relative',
    tolerance: single,
    read: ([outcome]) => [...outcome!.metrics.energy_pj.values()].reduce((a, b) => a + b, 0) * 1e-12,
  },
  counted('reads'),
  counted('fills'),
  counted('updates'),
  {
    name: 'energy_pJ',
    title: 'energy',
    unit: 'pJ',
    error: 'relative',
    // As printed: two digits after the point, of a few pJ.
    tolerance: { analytic: 1e-3, cycle: 1e-3 },
    read: ([outcome], subject) => accessOf(outcome!, subject)?.energy_pj,
  },
];

/** The whole run is a point, and so is each tensor at each level. */
function pointsOf(row: PointRow, value: Case): readonly Point[] {
  const { cascade, hardware, mapping, sizes, parameters = {}, accounting, accesses = {}, explained = {} } = value;
  const run = { cascade, hardware, mapping, workload: undefined, sizes, parameters };
  const runs = [accounting === undefined ? run : { ...run, accounting }];
  const point = (label: string, published: readonly (readonly [string, number | undefined])[]): Point => ({
    name: `${value.case}, ${label}`,
    runs,
    row: row.name,
    series: value.case,
    label,
    at: row.node.span,
    published: new Map(published.flatMap(([figure, n]) => (n === undefined ? [] : [[figure, n] as const]))),
    explained: new Map(
      published.flatMap(([figure]) => {
        const rule = explained[label === 'run' ? figure : `${label} ${figure}`];
        return rule === undefined ? [] : [[figure, rule] as const];
      }),
    ),
  });
  return [
    point('run', [
      ['cycles', value.cycles],
      ['computes', value.computes],
      ['latency_s', value.latency_s],
      ['energy_J', value.energy_J],
    ]),
    ...Object.entries(accesses).flatMap(([level, tensors]) =>
      Object.entries(tensors).map(([tensor, counts]) => ({
        ...point(
          `${level} ${tensor}`,
          accessFields.map((field) => [field, counts[field]]),
        ),
        access: { level, tensor },
      })),
    ),
  ];
}

async function readPoints(source: Source): Promise<Result<readonly Point[]>> {
  const rows = readRows(source, ['cases']);
  if (!rows.ok) return rows;
  const read = rows.value.map((row) => ({ row, value: readRow<Case>(row, form) }));
  const wrong: readonly Diagnostic[] = read.flatMap(({ value }) => (value.ok ? [] : value.diagnostics));
  if (wrong.length > 0) return failure(wrong);
  return success(read.flatMap(({ row, value }) => (value.ok ? pointsOf(row, value.value) : [])));
}

/** What other models count for the same problem, machine and mapping. */
export const peers: Suite = {
  name: 'peers',
  description:
    'Timeloop, accesses of every tensor at every level, cycles and energy; AccelForge, time and energy of its optima',
  points: 'experiments/peers/points.json',
  accounting: 'timeloop',
  figures,
  rules,
  pointsSchema: async () => pointsSchema('peers', { cases: form.schema }),
  readPoints,
  claims: async () => [],
};
