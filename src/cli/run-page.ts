import type { Diagnostic } from '../diagnostic.ts';
import type { Density } from '../einsum/workload.ts';
import { writeTextFile } from '../files.ts';
import type { Simulation } from '../models/cycle/simulate.ts';
import { extendedSpecs, type WhatIfInputs } from '../page/what-if.ts';
import type { Report } from '../report/report.ts';
import type { SimulationOutcome } from '../simulate.ts';
import { resolveMachine } from './fitting-mappings.ts';
import { pageScript } from './page-script.ts';
import { recordedRun } from './recorded-run.ts';
import type { RunInputs } from './simulate-report.ts';

/** What a run is called with that is neither a size nor a parameter. */
type Called = {
  readonly cascade: string;
  readonly hardware: string;
  readonly workload?: string;
  readonly mapping?: string;
  readonly format: readonly string[];
  readonly accounting: string;
};

/** A simulation whose operations can be seen again. */
type Traced = { readonly outcome: SimulationOutcome; readonly simulation: Simulation };

/** A mapping that was found has no name yet by which it could be asked for. */
const foundFile = (called: Called, { mapping }: Report): string | undefined =>
  called.mapping === 'auto' ? `${mapping}.map` : undefined;

const wordsOf = (
  called: Called,
  mapping: string | undefined,
  densities: ReadonlyMap<string, Density>,
): readonly string[] => [
  called.cascade,
  called.hardware,
  ...(called.workload === undefined ? [] : ['--workload', called.workload]),
  ...(mapping === undefined ? [] : ['--mapping', mapping]),
  ...called.format.flatMap((text) => ['--format', text]),
  ...[...densities].flatMap(([name, { share }]) => ['--density', `${name}=${share}`]),
  ...(called.accounting === 'physical' ? [] : ['--accounting', called.accounting]),
];

/** Writes the page of a run; gives what could not be written. Loads d3, which takes most of a second. */
export async function writeRunPage(
  path: string,
  reports: readonly Report[],
  run: RunInputs,
  called: Called,
  traced: Traced | undefined,
): Promise<readonly Diagnostic[]> {
  const { runPage } = await import('../page/run-page.ts');
  const { timelineData } = await import('../figures/timeline-data.ts');
  const { cascade, machine, mapping, presets, sizes, parameters, formats, densities } = run;
  const inputs: WhatIfInputs = {
    cascade,
    machine,
    mapping,
    specs: await extendedSpecs(machine, resolveMachine),
    sizes: [...sizes],
    presets: [...presets],
    formats: [...(formats ?? [])],
    densities: [...(densities ?? [])],
    parameters: [...parameters],
    accounting: called.accounting,
  };
  const found = foundFile(called, reports.at(-1)!);
  const words = wordsOf(called, found ?? called.mapping, densities ?? new Map());
  const timeline =
    traced === undefined
      ? undefined
      : timelineData(recordedRun(traced.outcome.mapping, traced.simulation, traced.outcome.metrics.board.clock_hz));
  const page = await runPage({ reports, inputs, words, found, timeline }, await pageScript('browser'));
  if (!page.ok) return page.diagnostics;
  const wrong = await writeTextFile(path, page.value);
  return wrong === undefined ? [] : [wrong];
}
