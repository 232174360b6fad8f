import type { Experiment } from '../../src/sweep/experiment.ts';
import { parseExperiment } from '../../src/sweep/parse-experiment.ts';
import { openSpace, type Space } from '../../src/sweep/space.ts';

/** An experiment of which nothing matters but what is given. */
export const experimentText = (parts: object): string =>
  JSON.stringify({
    schema: 'attnsim-sweep/1',
    name: 'a-space',
    cascade: 'attention-1-pass',
    hardware: 'fusemax',
    mapping: 'fusemax-binding',
    metrics: ['latency_s'],
    ...parts,
  });

export function experiment(parts: object): Experiment {
  const parsed = parseExperiment({ name: 'sweep.json', text: experimentText(parts) });
  if (!parsed.ok) throw new Error(parsed.diagnostics.map((d) => d.message).join('\n'));
  return parsed.value;
}

export async function space(parts: object): Promise<Space> {
  const opened = await openSpace(experiment(parts));
  if (!opened.ok) throw new Error(opened.diagnostics.map((d) => d.message).join('\n'));
  return opened.value;
}

/** Values of all points of a space that are in it. */
export function pointsOf(s: Space): number[][] {
  const values = new Float64Array(s.axes.length + s.derived.size);
  return Array.from({ length: s.points }, (_, point) => (s.read(point, values) ? [...values] : [])).filter(
    (found) => found.length > 0,
  );
}
