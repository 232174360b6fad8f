import { prefixed } from '../report/quantity-text.ts';
import type { Report } from '../report/report.ts';
import { outermostTraffic } from '../report/summary.ts';
import { axisDomain, type ChartAxis } from './chart.ts';
import type { LabelledReport } from './labelled-report.ts';
import type { LineChart, LinePoint } from './line-layout.ts';
import { modelsText, runsText } from './runs-text.ts';

/** What can grow with a size. Bytes are those of the outermost memory. */
export const scalingQuantities = ['latency', 'throughput', 'energy', 'bytes'] as const;
/** What is drawn over the size. */
export type ScalingQuantity = (typeof scalingQuantities)[number];

type Quantity = {
  readonly title: string;
  readonly unit: string;
  readonly of: (report: Report) => number;
  /** Powers of the size to compare with. */
  readonly powers: readonly (1 | 2)[];
};

const quantities: { readonly [name in ScalingQuantity]: Quantity } = {
  latency: { title: 'Latency', unit: 's', of: (r) => r.latency_s, powers: [1, 2] },
  throughput: { title: 'Throughput', unit: 'FLOP/s', of: (r) => r.flops / r.latency_s, powers: [] },
  energy: { title: 'Energy', unit: 'J', of: (r) => r.energy_j, powers: [1, 2] },
  bytes: {
    title: 'Bytes of the outermost memory',
    unit: 'B',
    of: (r) => outermostTraffic(r)?.bytes ?? 0,
    powers: [1, 2],
  },
};

const powerName = (rank: string, power: 1 | 2): string => (power === 1 ? `grows as ${rank}` : `grows as ${rank}²`);

/**
 * What becomes of a quantity as the size of a rank grows, a line a label, with lines that grow as the size and as its
 * square. Runs that lack the rank are left out; undefined if none is left.
 */
export function scalingChart(
  runs: readonly LabelledReport[],
  by: string,
  quantity: ScalingQuantity = 'latency',
): LineChart | undefined {
  const { title, unit, of, powers } = quantities[quantity];
  const sized = runs.filter(({ report }) => (report.workload[by] ?? 0) > 0 && of(report) > 0);
  if (sized.length === 0) return undefined;
  const { factor, name } = prefixed(Math.max(...sized.map(({ report }) => of(report))), unit);
  const placeOf = ({ report }: LabelledReport): LinePoint => ({ x: report.workload[by]!, y: of(report) / factor });
  const labels = [...new Set(sized.map(({ label }) => label))];
  const series = labels.map((label) => ({
    name: label,
    points: sized
      .filter((run) => run.label === label)
      .map(placeOf)
      .toSorted((a, b) => a.x - b.x),
  }));
  const sizes = [...new Set(sized.map(({ report }) => report.workload[by]!))].sort((a, b) => a - b);
  const y: ChartAxis = { title: `${title} (${name})`, scale: 'log' };
  const all = series.flatMap(({ points }) => points);
  const [, top] = axisDomain(
    y,
    all.map((p) => p.y),
  );
  const [least, most] = [sizes[0]!, sizes.at(-1)!];
  // From where the slowest line begins, so that the guides lie beside lines and not far from all of them.
  const start = Math.max(...all.filter((p) => p.x === least).map((p) => p.y));
  const guides = powers.map((power) => {
    const end = Math.min(most, least * (top / start) ** (1 / power));
    return {
      name: powerName(by, power),
      dashed: power === 2,
      points: [
        { x: least, y: start },
        { x: end, y: start * (end / least) ** power },
      ],
    };
  });
  return {
    kind: 'lines',
    title: `${title} by ${by}: ${runsText(sized)}`,
    source: modelsText(sized),
    x: {
      title: `Size of ${by}`,
      scale: 'log',
      domain: least === most ? [least / 2, most * 2] : [least, most],
      ticks: sizes.map((value) => ({ value, text: sizeText(value) })),
    },
    y,
    series,
    guides: least === most ? [] : guides,
  };
}

/** "64K" for what is a multiple of 1024, as lengths of sequences are called. */
function sizeText(size: number): string {
  const [factor, letter] = size % 2 ** 20 === 0 ? [2 ** 20, 'M'] : [1024, 'K'];
  return size % 1024 === 0 ? `${size / factor}${letter}` : String(size);
}
