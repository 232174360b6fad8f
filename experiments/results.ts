import { chartSize, drawChart, renderSvg } from 'attnsim';
import { type Job, keyOf, type Outcome } from './job.ts';
import { type Part, withBlock } from './part.ts';
import type { Outcomes } from './pool.ts';

/** Texts by path: the document with the blocks of the parts in their places, and their figures. */
export async function present(
  parts: Iterable<Part>,
  outcomes: Outcomes,
  document: string,
): Promise<ReadonlyMap<string, string>> {
  const of = (job: Job): Outcome => outcomes.get(keyOf(job))!;
  const files = new Map<string, string>();
  let readme = document;
  for (const part of parts) {
    const { blocks, charts } = part.show(of);
    for (const [name, block] of Object.entries(blocks)) readme = withBlock(readme, name, block);
    for (const [name, chart] of Object.entries(charts))
      files.set(`figures/${name}.svg`, await renderSvg(chartSize(chart), (svg, d3) => drawChart(svg, chart, d3)));
  }
  return files.set('README.md', readme);
}

/** One line a job, in the order of the parts: what was run, and its figures. */
export function resultsFile(parts: Iterable<Part>, outcomes: Outcomes): string {
  const jobs = new Map([...parts].flatMap((part) => part.jobs.map((job) => [keyOf(job), job])));
  const lines = [...jobs].map(([key, { run, model, accounting = 'physical' }]) =>
    JSON.stringify({ ...run, model, accounting, ...figuresOf(outcomes.get(key)!) }),
  );
  return `[\n${lines.join(',\n')}\n]\n`;
}

/** Six digits: more would differ with any change of the order of sums. */
const rounded = (value: number): number => Number(value.toPrecision(6));

export const dramBytes = ({ metrics }: Outcome): number => {
  const moved = metrics.traffic.get('DRAM');
  return moved === undefined ? 0 : moved.read_bytes + moved.write_bytes;
};

export const energy_j = ({ metrics }: Outcome): number =>
  [...metrics.energy_pj.values()].reduce((sum, part) => sum + part, 0) / 1e12;

function figuresOf(outcome: Outcome): object {
  const { metrics, clock_hz } = outcome;
  const utilization = [...metrics.utilization].map(([unit, share]) => [unit, rounded(share)]);
  return {
    latency_cycles: metrics.latency_cycles,
    latency_s: rounded(metrics.latency_cycles / clock_hz),
    dram_bytes: dramBytes(outcome),
    energy_j: rounded(energy_j(outcome)),
    area_mm2: rounded(metrics.area_mm2),
    utilization: Object.fromEntries(utilization),
    limited_by: metrics.bound.resource,
  };
}
