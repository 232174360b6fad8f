import type { Report } from '../report/report.ts';
import type { LabelledReport } from './labelled-report.ts';
import type { PlotMachine, PlotPoint, RooflinePlot } from './roofline-layout.ts';

/** More runs than this in one plot, and their marks at inner levels would hide each other. */
const mostRunsWithInnerLevels = 3;

/** A unit's ceiling nearer than this to the run, or to the peak, says nothing that the plot does not show already. */
const margin = 1.15;

/** One machine a name and set of parameters: a run with overridden parameters has roofs of its own. */
const machineKey = (report: Report): string => JSON.stringify([report.hardware, report.hardware_parameters]);

/**
 * Performance if one unit were busy all the time with what this mapping gives it: achieved over
 * utilization. It lies under the peak where the unit also does other work than the products.
 */
function unitCeilings(report: Report): PlotMachine['ceilings'] {
  const roofline = report.roofline;
  if (roofline === null) return [];
  const achieved = roofline.achieved_ops_per_s;
  return Object.entries(report.utilization)
    .map(([unit, share]) => ({ label: `${unit} always busy`, ops_per_s: achieved / share }))
    .filter((c) => c.ops_per_s > achieved * margin && c.ops_per_s * margin < roofline.peak_ops_per_s);
}

/**
 * The roofline plot of some runs, one point each with its label. Runs on a machine without any finite
 * bandwidth have no roofline and are left out; undefined if none is left.
 */
export function rooflineData(runs: readonly LabelledReport[], title?: string): RooflinePlot | undefined {
  const shown = runs.filter((r) => r.report.roofline !== null && r.report.roofline.achieved_ops_per_s > 0);
  if (shown.length === 0) return undefined;
  const depth = shown.length > mostRunsWithInnerLevels ? 1 : Number.POSITIVE_INFINITY;
  const keys = [...new Set(shown.map((r) => machineKey(r.report)))];
  const machines = keys.map((key): PlotMachine => {
    const reports = shown.filter((r) => machineKey(r.report) === key).map((r) => r.report);
    const first = reports[0]!;
    return {
      name: first.hardware,
      peak_ops_per_s: first.roofline!.peak_ops_per_s,
      levels: first.rooflines
        .slice(0, depth)
        .map((r) => ({ name: r.level, bandwidth_bytes_per_s: r.bandwidth_bytes_per_s })),
      ceilings: reports.length === 1 ? unitCeilings(first) : [],
    };
  });
  const points = shown.map(
    ({ report, label }): PlotPoint => ({
      label,
      machine: keys.indexOf(machineKey(report)),
      achieved_ops_per_s: report.roofline!.achieved_ops_per_s,
      intensities_ops_per_byte: report.rooflines.slice(0, depth).map((r) => r.intensity_ops_per_byte ?? undefined),
    }),
  );
  return { ...(title === undefined ? {} : { title }), machines, points };
}
