import { type Diagnostic, failure, type Result, success } from '../../../diagnostic.ts';
import { invariant } from '../../../invariant.ts';
import type { Source } from '../../../source.ts';
import { type PointRow, pointsSchema, readRows } from '../../points.ts';
import type { Point, ReadShipped, Suite } from '../../suite.ts';
import { bert } from './bert.ts';
import type { Kind, Schedules } from './kind.ts';
import { reductions } from './reductions.ts';
import { throughput } from './throughput.ts';
import { topK } from './top-k.ts';
import { traces } from './traces.ts';

const kindsOf = (schedules: Schedules): readonly Kind[] => [
  bert,
  topK,
  traces(schedules),
  throughput(schedules),
  reductions(schedules),
];

/** In a file of one list a row is of the kind whose fields it has. */
function kindOfRow(kinds: readonly Kind[], { table, node }: PointRow): Kind {
  const present = (name: string): boolean => node.kind === 'map' && node.entries.has(name);
  const share = ({ required }: Kind): number => required.filter(present).length / required.length;
  return kinds.find((kind) => kind.table === table) ?? kinds.toSorted((a, b) => share(b) - share(a))[0]!;
}

async function readSchedules(readShipped: ReadShipped): Promise<Schedules> {
  const source = await readShipped('experiments/spatten/schedules.json');
  invariant(source !== undefined, 'experiments/spatten/schedules.json ships');
  return (JSON.parse(source.text) as { schedules: Schedules }).schedules;
}

async function readPoints(source: Source, readShipped: ReadShipped): Promise<Result<readonly Point[]>> {
  const kinds = kindsOf(await readSchedules(readShipped));
  const rows = readRows(
    source,
    kinds.map(({ table }) => table),
  );
  if (!rows.ok) return rows;
  const read = rows.value.map((row) => ({ row, plan: kindOfRow(kinds, row).read(row) }));
  const wrong: readonly Diagnostic[] = read.flatMap(({ plan }) => (plan.ok ? [] : plan.diagnostics));
  if (wrong.length > 0) return failure(wrong);
  return success(
    read.flatMap(({ row, plan }): readonly Point[] => {
      if (!plan.ok) return [];
      const { series, label } = plan.value;
      return [{ ...plan.value, name: `${series}, ${label}`, row: row.name, at: row.node.span, groups: { series } }];
    }),
    read.flatMap(({ plan }) => (plan.ok ? plan.warnings : [])),
  );
}

/** SpAtten: its released cycle model and workloads, and what was published of the chip. */
export const spatten: Suite = {
  name: 'spatten',
  description: 'SpAtten: layers of BERT as its released cycle model counts them, and its released workloads',
  points: 'experiments/spatten/points.json',
  accounting: 'physical',
  figures: kindsOf({}).flatMap(({ figures }) => figures),
  pointsSchema: async (readShipped) =>
    pointsSchema(
      'spatten',
      Object.fromEntries(kindsOf(await readSchedules(readShipped)).map(({ table, schema }) => [table, schema])),
    ),
  readPoints,
  claims: async () => [],
};
