import type { Layout } from '../layout.ts';
import { capacityText, percentText } from './quantity-text.ts';
import type { Report, ReportPathShare } from './report.ts';
import { sharesText } from './stall-text.ts';
import { type Column, renderTable } from './table.ts';

/** What the run spends its time on that is no resource. */
const kindText: { readonly [kind in Exclude<ReportPathShare['kind'], 'held'>]: string } = {
  latency: 'latency of memories',
  ramp: 'ramps of arrays',
  waiting: 'nothing under way',
  ports: 'shared ports, for others',
  launch: 'grids and their steps to begin',
};

/** The critical path by what was busy, longest first, with the Einsums and tensors that this was for. */
export function pathTable(path: readonly ReportPathShare[], layout: Layout = {}): string {
  const rows = new Map<string, { share: number; readonly subjects: Map<string, number> }>();
  for (const { kind, resource, subject, share } of path) {
    const name = kind === 'held' ? resource! : kindText[kind];
    const row = rows.get(name) ?? { share: 0, subjects: new Map<string, number>() };
    row.share += share;
    if (subject !== null) row.subjects.set(subject, (row.subjects.get(subject) ?? 0) + share);
    rows.set(name, row);
  }
  const columns: Column[] = [
    { title: 'critical path' },
    { title: 'share', align: 'right' },
    { title: 'for, of the run', wrap: true },
  ];
  const cells = [...rows]
    .sort(([a, x], [b, y]) => y.share - x.share || (a < b ? -1 : 1))
    .map(([name, { share, subjects }]) => [name, percentText(share), sharesText(Object.fromEntries(subjects))]);
  return renderTable(columns, cells, { ...layout, indent: '  ' });
}

const bars = '▁▂▃▄▅▆▇█';

/** One character each; the highest is as high as a character. */
const barsText = (values: readonly number[], most: number): string =>
  values.map((v) => (v === 0 ? ' ' : bars[Math.min(bars.length - 1, Math.floor((v / most) * bars.length))]!)).join('');

/** Bytes in use of each level, at most and over the time of the run. */
export function occupancyTable(report: Report, layout: Layout = {}): string {
  const columns: Column[] = [
    { title: 'in use' },
    { title: 'peak', align: 'right' },
    { title: 'needs', align: 'right' },
    { title: 'over the run' },
  ];
  const occupancy = report.occupancy_bytes ?? {};
  const rows = report.levels
    .filter((level) => Object.hasOwn(occupancy, level))
    .map((level) => {
      const { peak, over_time } = occupancy[level]!;
      const needs = report.buffer_bytes[level]!.required;
      return [level, capacityText(peak), capacityText(needs), barsText(over_time, Math.max(needs, peak))];
    });
  return renderTable(columns, rows, { ...layout, indent: '  ' });
}
