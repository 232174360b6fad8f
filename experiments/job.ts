import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Metrics, openLibrary, type Run, renderDiagnostic, type Source } from 'attnsim';
import type { Kind } from './kind.ts';

/** One run of the pipeline: with which model, and how energy is charged (`physical` unless it says otherwise). */
export type Job = { readonly run: Run; readonly model: Metrics['model']; readonly accounting?: string };

/** What is told of a run. */
export type Outcome = {
  readonly metrics: Metrics;
  readonly clock_hz: number;
  readonly area_2d_mm2: number;
  /** Name of the outermost level. */
  readonly memory: string;
};

/** Where the package lies, its data and the documents of the experiments with it. */
export const packageRoot = dirname(createRequire(import.meta.url).resolve('attnsim/package.json'));

/** The text of a file of the package. */
export const packageText = async (path: string): Promise<Source> => ({
  name: path,
  text: await readFile(join(packageRoot, path), 'utf8'),
});

const library = openLibrary(packageText);

/** Runs the pipeline. What ships is right, so a mistake is a bug and is thrown. */
async function execute({ run, model, accounting = 'physical' }: Job): Promise<Outcome> {
  const outcome = await library.evaluate(run, { model, accounting });
  if (!outcome.ok) throw new Error([JSON.stringify(run), ...outcome.diagnostics.map(renderDiagnostic)].join('\n'));
  const { metrics, machine } = outcome.value;
  const array = machine.units.find((u) => u.name === 'Array2D');
  const area_2d_mm2 = array === undefined ? 0 : array.area_mm2 + machine.levels[array.level]!.area_mm2;
  return { metrics, clock_hz: machine.clock_hz, area_2d_mm2, memory: machine.levels[0]!.name };
}

/** Six digits: more would differ with any change of the order of sums. */
const rounded = (value: number): number => Number(value.toPrecision(6));

export const dramBytes = ({ metrics, memory }: Outcome): number => {
  const moved = metrics.traffic.get(memory);
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

export const runs: Kind<Job, Outcome> = {
  name: 'runs',
  execute,
  keyOf: ({ run, model, accounting = 'physical' }) => JSON.stringify({ run, model, accounting }),
  // Simulations take longest.
  isLong: ({ model }) => model === 'cycle',
  record: ({ run, model, accounting = 'physical' }, outcome) => ({ ...run, model, accounting, ...figuresOf(outcome) }),
};
