import { chartFigure, renderSvg, rooflineFigure } from 'attnsim';
import type { Kind } from './kind.ts';
import { type Part, withBlock } from './part.ts';
import type { Outcomes } from './pool.ts';

/** Texts by path: the document with the blocks of the parts in their places, and their figures. */
export async function present<J, O>(
  kind: Kind<J, O>,
  parts: Iterable<Part<J, O>>,
  outcomes: Outcomes<O>,
  document: string,
): Promise<ReadonlyMap<string, string>> {
  const of = (job: J): O => outcomes.get(kind.keyOf(job))!;
  const files = new Map<string, string>();
  let readme = document;
  for (const part of parts) {
    const { blocks, charts, rooflines = {} } = part.show(of);
    for (const [name, block] of Object.entries(blocks)) readme = withBlock(readme, name, block);
    for (const [name, chart] of Object.entries(charts))
      files.set(`figures/${name}.svg`, await renderSvg(chartFigure(chart)));
    for (const [name, plot] of Object.entries(rooflines))
      files.set(`figures/${name}.svg`, await renderSvg(rooflineFigure(plot)));
  }
  return files.set('README.md', readme);
}

/** One line a job, in the order of the parts: what was done, and its figures. */
export function resultsFile<J, O>(kind: Kind<J, O>, parts: Iterable<Part<J, O>>, outcomes: Outcomes<O>): string {
  const jobs = new Map([...parts].flatMap((part) => part.jobs.map((job) => [kind.keyOf(job), job])));
  const lines = [...jobs].map(([key, job]) => JSON.stringify(kind.record(job, outcomes.get(key)!)));
  return `[\n${lines.join(',\n')}\n]\n`;
}
