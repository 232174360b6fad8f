import { plainText } from '../report/quantity-text.ts';
import type { BarChart } from './bar-layout.ts';
import type { LabelledReport } from './labelled-report.ts';
import { modelsText, runsText } from './runs-text.ts';

/**
 * How many times faster runs are than one of them (its position), which is the line at 1. Undefined without that one, or
 * where a run takes no time.
 */
export function speedupChart(runs: readonly LabelledReport[], baseline = 0): BarChart | undefined {
  const base = runs[baseline];
  if (base === undefined || runs.some(({ report }) => !(report.latency_s > 0))) return undefined;
  const speedups = runs.map(({ report }) => base.report.latency_s / report.latency_s);
  return {
    kind: 'bars',
    title: `Speed-up over ${base.label}: ${runsText(runs)}`,
    source: `${modelsText(runs)}: latency of ${base.label} over that of each run`,
    y: { title: `Speed-up over ${base.label}`, scale: 'linear' },
    series: ['speed-up'],
    references: [{ label: base.label, value: 1 }],
    groups: runs.map(({ label }, i) => ({
      label,
      values: [speedups[i]],
      texts: [`${plainText(Number(speedups[i]!.toPrecision(3)))}x`],
    })),
  };
}
