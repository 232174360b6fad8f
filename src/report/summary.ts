import type { Layout } from '../layout.ts';
import { occupancyTable, pathTable } from './detail-text.ts';
import { entryOf } from './named-table.ts';
import {
  bytesText,
  capacityText,
  countText,
  engineering,
  intensityText,
  percentText,
  rateText,
} from './quantity-text.ts';
import type { Report } from './report.ts';
import { busiestFirst, limitText, sharesText } from './stall-text.ts';
import { type Cell, type Column, renderPairs, renderTable } from './table.ts';

const boundText = (report: Report): string => `${report.bound.resource} (${report.bound.kind})`;

const assignmentsText = (table: { readonly [name: string]: number }): string =>
  Object.entries(table)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

/** Bytes through the ports of the outermost memory that moves any. */
export function outermostTraffic(report: Report): { readonly level: string; readonly bytes: number } | undefined {
  const level = report.roofline?.level ?? report.levels.find((l) => Object.hasOwn(report.traffic_bytes, l));
  const moved = level === undefined ? undefined : entryOf(report.traffic_bytes, level);
  return level === undefined || moved === undefined ? undefined : { level, bytes: moved.read + moved.write };
}

/** "K 12.9 GB, V 12.9 GB, ...": read and written together, largest first. */
function tensorTrafficText(report: Report, level: string): string {
  const moved = Object.entries(report.traffic_bytes[level]!.by_tensor)
    .map(([tensor, { read, write }]) => ({ tensor, bytes: read + write }))
    .filter((t) => t.bytes > 0)
    .sort((a, b) => b.bytes - a.bytes || (a.tensor < b.tensor ? -1 : 1));
  return moved.map((t) => `${t.tensor} ${bytesText(t.bytes)}`).join(', ');
}

/** Busiest first. */
const byShare = (report: Report): readonly (readonly [string, number])[] =>
  Object.entries(report.utilization).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));

function performanceText(report: Report): string {
  const roofline = report.roofline;
  // Without products there is nothing to attain.
  if (roofline === null || report.flops === 0)
    return engineering(report.flops === 0 ? 0 : report.flops / report.latency_s, 'FLOP/s');
  const share = percentText(roofline.achieved_ops_per_s / roofline.attainable_ops_per_s);
  return `${rateText(roofline.achieved_ops_per_s, 'FLOP/s')}, ${share} of the roof`;
}

/** Runs side by side, one a column: the first answer to "how long, how much, what limits it". */
export function compareReports(
  runs: readonly { readonly title: string; readonly report: Report }[],
  layout: Layout = {},
): string {
  const row = (name: string, cell: (report: Report) => Cell): Cell[] => [name, ...runs.map((r) => cell(r.report))];
  const columns: Column[] = [{ title: '' }, ...runs.map((r) => ({ title: r.title }))];
  return renderTable(
    columns,
    [
      row('time', (r) => engineering(r.latency_s, 's')),
      row('cycles', (r) => countText(r.latency_cycles, 'cycles')),
      row('energy', (r) => engineering(r.energy_j, 'J')),
      row('bytes', (r) => {
        const moved = outermostTraffic(r);
        return moved === undefined ? '-' : `${bytesText(moved.bytes)} ${moved.level}`;
      }),
      row('limited by', (r) => ({ text: boundText(r), tone: 'key' })),
      row('performance', performanceText),
      row('utilization', (r) =>
        byShare(r)
          .slice(0, 3)
          .map(([unit, share]) => `${unit} ${percentText(share)}`)
          .join(', '),
      ),
    ],
    layout,
  );
}

/** Ranks that need more than one pass with the reason; the others in a word. */
function passesText(report: Report): string {
  const several = report.passes.filter((p) => p.passes > 1);
  if (several.length === 0) return '1 over each rank';
  const texts = several.map((p) => `${p.passes} over ${p.rank} (${p.chain.join(' -> ')})`);
  return `${texts.join(', ')}${several.length < report.passes.length ? ', 1 over the others' : ''}`;
}

/** Where tensors have several. */
function formatLines({ formats }: Report): readonly (readonly [string, string])[] {
  const kinds = [...new Set(Object.values(formats))];
  const tensorsOf = (format: string): string[] => Object.keys(formats).filter((tensor) => formats[tensor] === format);
  const texts = kinds.map((format) => `${format} for ${tensorsOf(format).join(', ')}`);
  return texts.length < 2 ? [] : [['formats', texts.join('; ')]];
}

/** What data decides, and how that is known. */
function densityLines({ densities }: Report): readonly (readonly [string, string])[] {
  const sources = [...new Set(Object.values(densities).map((d) => d.source))];
  const texts = sources.map((source) => {
    const of = Object.entries(densities).filter(([, d]) => d.source === source);
    return `${of.map(([name, { share }]) => `${name} ${percentText(share)}`).join(', ')} (${source})`;
  });
  return texts.length === 0 ? [] : [['densities', texts.join('; ')]];
}

function powerRow({ power }: Report): readonly (readonly [string, string])[] {
  if (power === null) return [];
  const { average_w, uncertainty_w, clock_hz } = power;
  return [
    [
      'power',
      `${average_w.toFixed(0)} W, give or take ${uncertainty_w.toFixed(0)} W, at ${engineering(clock_hz, 'Hz')}`,
    ],
  ];
}

function headLines(report: Report, layout: Layout): string {
  const bound = report.lower_bounds.latency_cycles;
  const pairs: (readonly [string, Cell])[] = [
    ['sizes', assignmentsText(report.workload)],
    ...formatLines(report),
    ...densityLines(report),
    ['mapping', [report.mapping, assignmentsText(report.mapping_parameters)].join(' ').trim()],
    ['time', `${engineering(report.latency_s, 's')} (${countText(report.latency_cycles, 'cycles')})`],
    ...powerRow(report),
    [
      'lower bound',
      `${countText(bound, 'cycles')} for this mapping${bound === 0 ? '' : ` (${percentText(bound / report.latency_cycles)})`}`,
    ],
    ['limited by', { text: limitText(report), tone: 'key' }],
    ['energy', `${engineering(report.energy_j, 'J')} (${report.energy_accounting} accounting)`],
    ['performance', performanceText(report)],
  ];
  const outermost = outermostTraffic(report);
  if (outermost !== undefined) {
    const least = report.lower_bounds.traffic_bytes;
    pairs.push([
      `${outermost.level} traffic`,
      `${bytesText(outermost.bytes)} (at least ${bytesText(least)}): ${tensorTrafficText(report, outermost.level)}`,
    ]);
  }
  if (report.passes.length > 0) pairs.push(['passes', passesText(report)]);
  return renderPairs(pairs, { ...layout, indent: '  ' });
}

function memoryTable(report: Report, layout: Layout): string {
  const rows = report.levels.map((level) => {
    const moved = entryOf(report.traffic_bytes, level);
    const held = entryOf(report.buffer_bytes, level);
    const roofline = report.rooflines.find((r) => r.level === level);
    return [
      level,
      moved === undefined ? '-' : bytesText(moved.read),
      moved === undefined ? '-' : bytesText(moved.write),
      held === undefined ? '-' : capacityText(held.required),
      held === undefined ? '-' : capacityText(held.capacity),
      roofline?.intensity_ops_per_byte == null ? '-' : intensityText(roofline.intensity_ops_per_byte),
    ];
  });
  const columns: Column[] = [
    { title: 'memory' },
    { title: 'read', align: 'right' },
    { title: 'written', align: 'right' },
    { title: 'needs', align: 'right' },
    { title: 'capacity', align: 'right' },
    { title: 'intensity', align: 'right' },
  ];
  return renderTable(columns, rows, { ...layout, indent: '  ' });
}

/** Bytes by tensor through a port: "L2", "L2.read" or "L2.write". */
export function bytesThrough(report: Report, port: string): { readonly [tensor: string]: number } {
  for (const [level, { by_tensor }] of Object.entries(report.traffic_bytes)) {
    const reads = port === level || port === `${level}.read` ? 1 : 0;
    const writes = port === level || port === `${level}.write` ? 1 : 0;
    if (reads + writes === 0) continue;
    return Object.fromEntries(
      Object.entries(by_tensor).map(([tensor, { read, write }]) => [tensor, reads * read + writes * write]),
    );
  }
  return {};
}

/** What a unit computes or a port moves, in shares of its busy time. */
function workText(report: Report, resource: string): string {
  const einsums = entryOf(report.busy_cycles_by_einsum, resource) ?? {};
  const parts = report.resources[resource]!.kind === 'unit' ? einsums : bytesThrough(report, resource);
  const total = Object.values(parts).reduce((a, b) => a + b, 0);
  return sharesText(Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part / total])));
}

function resourceTable(report: Report, layout: Layout): string {
  const rows = busiestFirst(report)
    .filter((name) => report.resources[name]!.busy_cycles > 0)
    .map((name) => {
      const { busy_share, stall_shares } = report.resources[name]!;
      const shown: Cell = name === report.bound.resource ? { text: name, tone: 'key' } : name;
      return [shown, percentText(busy_share), workText(report, name), sharesText(stall_shares ?? {})];
    });
  const columns: Column[] = [
    { title: 'resource' },
    { title: 'busy', align: 'right' },
    { title: 'with', wrap: true },
    { title: 'stalled, of the run', wrap: true },
  ];
  return renderTable(report.stalls_cycles === null ? columns.slice(0, 3) : columns, rows, { ...layout, indent: '  ' });
}

function energyTable(report: Report, layout: Layout): string {
  const parts = Object.entries(report.energy_by_component_j).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const rows = parts.map(([name, joules]) => [name, engineering(joules, 'J'), percentText(joules / report.energy_j)]);
  const columns: Column[] = [{ title: 'energy' }, { title: '', align: 'right' }, { title: 'share', align: 'right' }];
  return renderTable(columns, rows, { ...layout, indent: '  ' });
}

/** Everything a person wants of one run on a screen; the report has the rest. */
export function summarizeReport(report: Report, layout: Layout = {}): string {
  const head = `${report.cascade} on ${report.hardware}, ${report.model} model\n`;
  const tables = [memoryTable(report, layout)];
  if (report.latency_cycles > 0) tables.push(resourceTable(report, layout));
  if (report.critical_path !== null) tables.push(pathTable(report.critical_path, layout));
  if (report.occupancy_bytes !== null) tables.push(occupancyTable(report, layout));
  if (report.energy_j > 0) tables.push(energyTable(report, layout));
  return [head, headLines(report, layout), ...tables].join('\n');
}
