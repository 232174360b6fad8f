import { percentText } from '../report/quantity-text.ts';
import { busiestFirst } from '../report/stall-text.ts';
import type { BarChart } from './bar-layout.ts';
import type { LabelledReport } from './labelled-report.ts';
import { stackParts } from './parts.ts';
import { modelsText, runsText } from './runs-text.ts';
import { workOf } from './work-parts.ts';

const mostSeries = 7;

const shareAxis = { title: 'Busy (% of the time)', scale: 'linear', domain: [0, 100] } as const;

/**
 * How busy units and ports are: stacked by what one run does there, or side by side for several. Undefined: nothing is
 * ever busy.
 */
export function utilizationChart(runs: readonly LabelledReport[]): BarChart | undefined {
  const resources = [...new Set(runs.flatMap(({ report }) => busiestFirst(report)))].filter((name) =>
    runs.some(({ report }) => (report.resources[name]?.busy_cycles ?? 0) > 0),
  );
  const [first] = runs;
  if (first === undefined || resources.length === 0) return undefined;
  const facts = {
    kind: 'bars',
    title: `How busy units and ports are: ${runsText(runs)}`,
    source: modelsText(runs),
    y: shareAxis,
  } as const;
  if (runs.length > 1)
    return {
      ...facts,
      series: runs.map(({ label }) => label),
      groups: resources.map((resource) => {
        const shares = runs.map(({ report }) => report.resources[resource]?.busy_share);
        return {
          label: resource,
          values: shares.map((share) => (share === undefined ? undefined : share * 100)),
          texts: shares.map((share) => (share === undefined ? '' : percentText(share))),
        };
      }),
    };
  const { report } = first;
  const { series, values } = stackParts(
    resources.map((resource) => workOf(report, resource)),
    mostSeries,
    'other',
  );
  return {
    ...facts,
    stacked: true,
    series,
    groups: resources.map((resource, i) => ({
      label: resource,
      values: values[i]!.map((cycles) => (cycles === undefined ? undefined : (100 * cycles) / report.latency_cycles)),
      texts: [percentText(report.resources[resource]!.busy_share)],
    })),
  };
}
