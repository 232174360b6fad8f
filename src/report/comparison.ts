import type { Layout } from '../layout.ts';
import { stallCauses } from '../models/metrics.ts';
import { bytesText, engineering, percentText, signedPercent } from './quantity-text.ts';
import type { Report, ReportDifference } from './report.ts';
import { busiestFirst, causeText } from './stall-text.ts';
import { type Cell, type Column, renderTable } from './table.ts';

/** "4,965,120": whole, since these are subtracted from each other. */
const cyclesText = (cycles: number): string => Math.round(cycles).toLocaleString('en-US');

function relativeText(analytic: number, cycle: number): string {
  if (analytic === cycle) return 'equal';
  return analytic === 0 ? '-' : `${signedPercent(cycle / analytic - 1)}%`;
}

/** Shares of time are subtracted, not divided. */
const pointsText = (analytic: number, cycle: number): string =>
  analytic === cycle ? 'equal' : `${signedPercent(cycle - analytic)} points`;

/** What both models say of one mapping, a row each. */
function sideBySide(analytic: Report, cycle: Report, layout: Layout): string {
  const row = (name: string, of: (report: Report) => number, text: (value: number) => string): string[] => {
    const values = [of(analytic), of(cycle)] as const;
    return [name, text(values[0]), text(values[1]), relativeText(...values)];
  };
  const traffic = cycle.levels
    .filter((level) => Object.hasOwn(cycle.traffic_bytes, level))
    .flatMap((level) => [
      row(`${level} read`, (r) => r.traffic_bytes[level]!.read, bytesText),
      row(`${level} written`, (r) => r.traffic_bytes[level]!.write, bytesText),
    ]);
  const busy = busiestFirst(cycle)
    .filter((name) => cycle.resources[name]!.busy_cycles > 0)
    .map((name) => {
      const shares = [analytic.resources[name]!.busy_share, cycle.resources[name]!.busy_share] as const;
      return [`${name} busy`, percentText(shares[0]), percentText(shares[1]), pointsText(...shares)];
    });
  const bound = ({ bound: { resource, kind } }: Report): Cell => ({ text: `${resource} (${kind})`, tone: 'key' });
  const cycles = [analytic.latency_cycles, cycle.latency_cycles] as const;
  const more = cycles[1] - cycles[0];
  const columns: Column[] = [
    { title: '' },
    { title: 'analytic', align: 'right' },
    { title: 'simulated', align: 'right' },
    { title: 'difference', align: 'right' },
  ];
  const rows = [
    row(
      'time',
      (r) => r.latency_s,
      (s) => engineering(s, 's'),
    ),
    ['cycles', ...cycles.map(cyclesText), more === 0 ? 'equal' : `${more < 0 ? '' : '+'}${cyclesText(more)}`],
    row(
      'energy',
      (r) => r.energy_j,
      (j) => engineering(j, 'J'),
    ),
    ...traffic,
    ...busy,
    ['limited by', bound(analytic), bound(cycle)],
  ];
  return renderTable(columns, rows, { ...layout, indent: '  ' });
}

/**
 * From the estimate of the closed form over what it says that the bounding resource has to do to the simulated cycles,
 * cause by cause. Cycles are whole, and rounded so that they add up.
 */
function fromEstimateToRun(cycle: Report, d: ReportDifference, layout: Layout): string {
  const seconds = cycle.latency_s / cycle.latency_cycles;
  let sum = 0;
  const step = (name: string, exact: number): string[] => {
    const before = Math.round(sum);
    sum += exact;
    return [
      name,
      cyclesText(Math.round(sum) - before),
      engineering(exact * seconds, 's'),
      percentText(exact / cycle.latency_cycles),
    ];
  };
  const level = (name: string): string[] => {
    const total = sum;
    sum = 0;
    return step(name, total);
  };
  const causes = stallCauses.filter((cause) => (d.stalls_cycles[cause] ?? 0) > 0);
  const columns: Column[] = [
    { title: 'why they differ', wrap: true },
    { title: 'cycles', align: 'right' },
    { title: 'time', align: 'right' },
    { title: 'share', align: 'right' },
  ];
  const rows = [
    step('analytic estimate', d.analytic_latency_cycles),
    step('- its chains, latencies and ramps', d.work_cycles - d.analytic_latency_cycles),
    level(`= work of ${d.resource}`),
    ...(d.beyond_cycles === 0 ? [] : [step('+ accesses and ticks made whole', d.beyond_cycles)]),
    ...causes.map((cause) => step(`+ ${cause}: ${causeText[cause]}`, d.stalls_cycles[cause]!)),
    level('= simulated'),
  ];
  return renderTable(columns, rows, { ...layout, indent: '  ' });
}

/** Both models of one mapping side by side, and why they differ. */
export function compareModels(analytic: Report, cycle: Report, layout: Layout = {}): string {
  const head = `${cycle.cascade} on ${cycle.hardware}, both models\n\n${sideBySide(analytic, cycle, layout)}`;
  return cycle.difference === null || cycle.latency_cycles === 0
    ? head
    : `${head}\n${fromEstimateToRun(cycle, cycle.difference, layout)}`;
}
