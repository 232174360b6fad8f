import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Metrics, openLibrary, type Run, renderDiagnostic, type Source } from 'attnsim';

/** One run of the pipeline: with which model, and how energy is charged (`physical` unless it says otherwise). */
export type Job = { readonly run: Run; readonly model: Metrics['model']; readonly accounting?: string };

/** Equal jobs have equal keys. */
export const keyOf = ({ run, model, accounting = 'physical' }: Job): string =>
  JSON.stringify({ run, model, accounting });

/** What is told of a job: plain data, so that it can come from another thread. */
export type Outcome = { readonly metrics: Metrics; readonly clock_hz: number; readonly area_2d_mm2: number };

/** Where the package lies, its data and the documents of the experiments with it. */
export const packageRoot = dirname(createRequire(import.meta.url).resolve('attnsim/package.json'));

/** The text of a file of the package. */
export const packageText = async (path: string): Promise<Source> => ({
  name: path,
  text: await readFile(join(packageRoot, path), 'utf8'),
});

const library = openLibrary(packageText);

/** Runs the pipeline. What ships is right, so a mistake is a bug and is thrown. */
export async function execute({ run, model, accounting = 'physical' }: Job): Promise<Outcome> {
  const outcome = await library.evaluate(run, { model, accounting });
  if (!outcome.ok) throw new Error([JSON.stringify(run), ...outcome.diagnostics.map(renderDiagnostic)].join('\n'));
  const { metrics, machine } = outcome.value;
  const array = machine.units.find((u) => u.name === 'Array2D');
  const area_2d_mm2 = array === undefined ? 0 : array.area_mm2 + machine.levels[array.level]!.area_mm2;
  return { metrics, clock_hz: machine.clock_hz, area_2d_mm2 };
}
