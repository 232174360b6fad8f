import { stallCauses } from '../models/metrics.ts';
import { entryOf } from '../report/named-table.ts';
import {
  bytesText,
  capacityText,
  countText,
  engineering,
  intensityText,
  percentText,
  significant,
} from '../report/quantity-text.ts';
import type { Report } from '../report/report.ts';
import { busiestFirst, sharesText } from '../report/stall-text.ts';
import { bytesThrough } from '../report/summary.ts';
import { type DataColumn, type DataTable, type NumberCell, numberCell } from './data-table.ts';

const numeric = (...titles: readonly string[]): readonly DataColumn[] =>
  titles.map((title) => ({ title, numeric: true }));

const largestFirst = (table: { readonly [name: string]: number }): readonly (readonly [string, number])[] =>
  Object.entries(table).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));

function memories(report: Report): DataTable {
  const rows = report.levels.map((level) => {
    const moved = entryOf(report.traffic_bytes, level);
    const held = entryOf(report.buffer_bytes, level);
    const roofline = report.rooflines.find((r) => r.level === level);
    return [
      level,
      numberCell(moved?.read, bytesText),
      numberCell(moved?.write, bytesText),
      numberCell(held?.required, capacityText),
      numberCell(held?.capacity, capacityText, 'unlimited'),
      numberCell(roofline?.intensity_ops_per_byte, intensityText),
    ];
  });
  const columns = numeric('read', 'written', 'needs', 'capacity', 'intensity');
  return { title: 'Memories, outermost first', columns: [{ title: 'memory' }, ...columns], rows };
}

/** Busy shares and, where the model schedules, what is waited for; the shares of a row add up to 100%. */
function resources(report: Report): DataTable {
  const names = busiestFirst(report);
  const causes = stallCauses.filter((cause) =>
    names.some((name) => (report.resources[name]!.stall_shares?.[cause] ?? 0) >= 5e-4),
  );
  const share = (value: number | undefined): NumberCell => numberCell(value, percentText);
  const rows = names.map((name) => {
    const r = report.resources[name]!;
    const used = r.used_instances;
    const counted = used === null || used === r.instances ? String(r.instances) : `${used} of ${r.instances}`;
    return [
      name,
      r.kind,
      { text: counted, value: used ?? r.instances },
      share(r.busy_share),
      sharesText(workShares(report, name)),
      ...causes.map((cause) => share(r.stall_shares?.[cause])),
    ];
  });
  const columns = [...numeric('in use', 'busy'), { title: 'with' }, ...numeric(...causes)];
  return {
    title: 'Resources: busy and stalled shares of the run',
    columns: [{ title: 'resource' }, { title: 'kind' }, ...columns],
    rows,
  };
}

/** What a unit computes or a port moves, in shares of it. */
function workShares(report: Report, resource: string): { readonly [name: string]: number } {
  const computed = entryOf(report.busy_cycles_by_einsum, resource) ?? {};
  const parts = report.resources[resource]!.kind === 'unit' ? computed : bytesThrough(report, resource);
  const total = Object.values(parts).reduce((a, b) => a + b, 0);
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part / total]));
}

function energy(report: Report): DataTable {
  const rows = largestFirst(report.energy_by_component_j).map(([name, joules]) => {
    const action = entryOf(report.energy_actions, name);
    return [
      name,
      numberCell(joules, (j) => engineering(j, 'J')),
      numberCell(report.energy_j === 0 ? undefined : joules / report.energy_j, percentText),
      numberCell(action?.count, (n) => countText(n, '').trim()),
      numberCell(action?.each_j, (j) => engineering(j, 'J')),
    ];
  });
  const columns = [{ title: 'component and action' }, ...numeric('energy', 'share', 'actions', 'each')];
  return { title: `Energy (${report.energy_accounting} accounting)`, columns, rows };
}

function tensorTraffic(report: Report): DataTable {
  const rows = report.levels.flatMap((level) => {
    const moved = entryOf(report.traffic_bytes, level);
    if (moved === undefined) return [];
    return Object.entries(moved.by_tensor)
      .filter(([, { read, write }]) => read + write > 0)
      .map(([tensor, { read, write }]) => [
        tensor,
        level,
        numberCell(read, bytesText),
        numberCell(write, bytesText),
        numberCell((read + write) / (moved.read + moved.write), percentText),
      ]);
  });
  const columns = [{ title: 'tensor' }, { title: 'memory' }, ...numeric('read', 'written', 'share of the memory')];
  return { title: 'Traffic by tensor', columns, rows };
}

function operations(report: Report): DataTable {
  const total = Object.values(report.operations).reduce((a, b) => a + b, 0);
  const rows = largestFirst(report.operations).map(([name, count]) => [
    name,
    numberCell(count, (n) => countText(n, '').trim()),
    numberCell(total === 0 ? undefined : count / total, percentText),
  ]);
  return { title: 'Operations', columns: [{ title: 'operator' }, ...numeric('operations', 'share')], rows };
}

function passes(report: Report): DataTable {
  const rows = report.passes.map((p) => [
    p.rank,
    numberCell(p.passes, String),
    p.passes > 1 ? p.chain.join(' → ') : 'one is enough',
  ]);
  return {
    title: 'Passes that no mapping can avoid',
    columns: [{ title: 'rank' }, ...numeric('passes'), { title: 'because of' }],
    rows,
  };
}

function lowerBounds(report: Report): DataTable {
  const { latency_cycles, roofline_latency_cycles, traffic_bytes } = report.lower_bounds;
  const level = report.roofline?.level;
  const moved = level === undefined ? undefined : report.traffic_bytes[level];
  const cycles = (n: number): string => countText(n, 'cycles');
  const row = (name: string, least: number | null, is: number | undefined, text: (n: number) => string) => [
    name,
    numberCell(least, text),
    numberCell(is, text),
    numberCell(
      least === null || least === 0 || is === undefined ? undefined : is / least,
      (x) => `${significant(x)} x`,
    ),
  ];
  const rows = [
    row('time of any schedule of this mapping', latency_cycles, report.latency_cycles, cycles),
    row('time by the roofline, with its traffic', roofline_latency_cycles, report.latency_cycles, cycles),
    row(
      `bytes of ${level ?? 'the outermost memory'}, of any mapping`,
      traffic_bytes,
      moved === undefined ? undefined : moved.read + moved.write,
      bytesText,
    ),
  ];
  return { title: 'Lower bounds', columns: [{ title: 'bound' }, ...numeric('at least', 'is', 'ratio')], rows };
}

/** What a report has in numbers, in tables of which none is empty. */
export const runTables = (report: Report): readonly DataTable[] =>
  [memories, resources, tensorTraffic, energy, operations, passes, lowerBounds]
    .map((table) => table(report))
    .filter(({ rows }) => rows.length > 0);

/** Where the numbers of the machine come from. */
export const sourcesTable = (report: Report): DataTable => ({
  title: `Every number of ${report.hardware}, and its source`,
  columns: [{ title: 'number' }, { title: 'value' }, { title: 'source' }],
  long: true,
  rows: report.sources.map(({ path, value, source }) => [path, value, source]),
});
