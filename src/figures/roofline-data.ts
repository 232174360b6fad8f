import { entryOf } from '../report/named-table.ts';
import type { Report } from '../report/report.ts';
import type { LabelledReport } from './labelled-report.ts';
import { namesTogether, type PlotMachine, type PlotPoint, type RooflinePlot } from './roofline-layout.ts';

/** More runs than this in one plot, and their marks at inner levels and their ceilings would hide each other. */
const mostDetailedRuns = 3;

/** A ceiling nearer to the peak than this, or to a lower one, says nothing that those do not show already. */
const margin = 1.08;

/** A ceiling so many times as high as the peak is far from limiting anything. */
const mostAbovePeak = 4;

/** Operators with less than this share of a unit's time, and more than so many, are not named at its ceiling. */
const leastNamed = 0.2;
const mostNamed = 4;

/** Where those that are named have less of it than this, the others are told of. */
const nearlyAll = 0.9;

/**
 * One machine a name, set of parameters and roofs: its peak depends on the units that the mapping gives products to, and
 * files of one name may differ.
 */
const machineKey = ({ hardware, hardware_parameters, rooflines }: Report): string =>
  JSON.stringify([
    hardware,
    hardware_parameters,
    rooflines.map((r) => [r.level, r.peak_ops_per_s, r.bandwidth_bytes_per_s]),
  ]);

/** Where several machines have its name, with the first of its runs. */
function machineName({ report, label }: LabelledReport, runs: readonly LabelledReport[]): string {
  const { hardware } = report;
  const kinds = new Set(runs.filter((r) => r.report.hardware === hardware).map((r) => machineKey(r.report)));
  return kinds.size === 1 ? hardware : `${hardware} (${label})`;
}

/** "SFU always busy with exp": the operators that much of its time is for, and whether that is nearly all of it. */
function ceilingLabel({ busy_cycles_by_operator }: Report, unit: string): string {
  const operators = Object.entries(entryOf(busy_cycles_by_operator, unit) ?? {}).sort((a, b) => b[1] - a[1]);
  const total = operators.reduce((sum, [, cycles]) => sum + cycles, 0);
  const named = operators.filter(([, cycles]) => cycles >= leastNamed * total).slice(0, mostNamed);
  if (named.length === 0) return `${unit} always busy`;
  const others = named.reduce((sum, [, cycles]) => sum + cycles, 0) < nearlyAll * total ? ' and others' : '';
  return `${unit} always busy with ${named.map(([name]) => name).join(', ')}${others}`;
}

/**
 * Performance if one unit were busy all the time with what this mapping gives it: achieved over
 * utilization. It lies under the peak where the unit also does other work than the products, and over it where other work
 * than the products is what the unit has, and would let the products be quicker.
 */
function unitCeilings(report: Report): PlotMachine['ceilings'] {
  const roofline = report.roofline;
  if (roofline === null) return [];
  const { achieved_ops_per_s: achieved, peak_ops_per_s: peak } = roofline;
  return Object.entries(report.utilization)
    .filter(([, share]) => share > 0)
    .map(([unit, share]) => ({ label: ceilingLabel(report, unit), ops_per_s: achieved / share }))
    .sort((a, b) => a.ops_per_s - b.ops_per_s)
    .filter((c) => c.ops_per_s * margin < peak || (c.ops_per_s > peak * margin && c.ops_per_s < peak * mostAbovePeak))
    .filter((c, i, all) => i === 0 || c.ops_per_s > all[i - 1]!.ops_per_s * margin);
}

/** Those of the runs on one machine; what a unit allows one run may be what it allows others. */
function ceilingsOf(runs: readonly LabelledReport[]): PlotMachine['ceilings'] {
  const ceilings: { readonly label: string; readonly ops_per_s: number; readonly of: string[] }[] = [];
  for (const { report, label } of runs)
    for (const c of unitCeilings(report)) {
      const known = ceilings.find((k) => k.label === c.label && near(k.ops_per_s, c.ops_per_s));
      if (known === undefined) ceilings.push({ ...c, of: [label] });
      else known.of.push(label);
    }
  return ceilings.map(({ label, ops_per_s, of }) => ({
    label: of.length === runs.length ? label : `${label} (${namesTogether(of)})`,
    ops_per_s,
  }));
}

const near = (a: number, b: number): boolean => Math.abs(a / b - 1) < 0.02;

/** More names than these are counted. */
const mostMachineNames = 4;

function machinesText(runs: readonly LabelledReport[]): string {
  const names = [...new Set(runs.map(({ report }) => report.hardware))];
  return names.length > mostMachineNames ? `${names.length} machines` : names.join(', ');
}

/**
 * The roofline plot of some runs, one point each with its label. Runs on a machine without any finite
 * bandwidth have no roofline and are left out; undefined if none is left. From the run `before`, arrows lead to the others.
 */
export function rooflineData(
  runs: readonly LabelledReport[],
  title?: string,
  before?: LabelledReport,
): RooflinePlot | undefined {
  const shown = runs.filter((r) => r.report.roofline !== null && r.report.roofline.achieved_ops_per_s > 0);
  if (shown.length === 0) return undefined;
  const depth = shown.length > mostDetailedRuns ? 1 : Number.POSITIVE_INFINITY;
  const keys = [...new Set(shown.map((r) => machineKey(r.report)))];
  const machines = keys.map((key): PlotMachine => {
    const own = shown.filter((r) => machineKey(r.report) === key);
    const first = own[0]!.report;
    return {
      name: machineName(own[0]!, shown),
      peak_ops_per_s: first.roofline!.peak_ops_per_s,
      levels: first.rooflines
        .slice(0, depth)
        .map((r) => ({ name: r.level, bandwidth_bytes_per_s: r.bandwidth_bytes_per_s })),
      ceilings: shown.length <= mostDetailedRuns ? ceilingsOf(own) : [],
    };
  });
  const from = before === undefined ? -1 : shown.indexOf(before);
  const points = shown.map(
    ({ report, label }, i): PlotPoint => ({
      label,
      machine: keys.indexOf(machineKey(report)),
      achieved_ops_per_s: report.roofline!.achieved_ops_per_s,
      intensities_ops_per_byte: report.rooflines.slice(0, depth).map((r) => r.intensity_ops_per_byte ?? undefined),
      ...(from >= 0 && from !== i ? { from } : {}),
    }),
  );
  return { title: title ?? `Roofline of ${machinesText(shown)}`, machines, points };
}
