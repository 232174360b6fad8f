import { type Result, success } from '../diagnostic.ts';
import type { Density } from '../einsum/workload.ts';
import type { EvaluationOptions } from '../models/evaluate.ts';
import { outermostBytes } from '../models/outermost-bytes.ts';
import { buildReport, type Report } from '../report/report.ts';
import { type SimulationOutcome, simulate } from '../simulate.ts';
import { resolveMachine } from './fitting-mappings.ts';
import type { RunTexts } from './run-texts.ts';

export type RunInputs = RunTexts & {
  /** Set on the command line; they go before the presets. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly parameters: ReadonlyMap<string, string>;
  /** Of tensors, in place of the declared ones. */
  readonly formats?: ReadonlyMap<string, string>;
  /** Of what selects by value. */
  readonly densities?: ReadonlyMap<string, Density>;
};

/** A report, and what it reports on. */
type Simulated = { readonly report: Report; readonly outcome: SimulationOutcome };

/** One run of the pipeline, as a report. */
export async function simulateReport(
  inputs: RunInputs,
  model: 'analytic' | 'cycle',
  options: EvaluationOptions = {},
): Promise<Result<Simulated>> {
  const outcome = await simulate({ ...inputs, ...options, model, resolveMachine });
  if (!outcome.ok) return outcome;
  const report = buildReport({ ...outcome.value, compulsory_bytes: outermostBytes(outcome.value.mapping) });
  return success({ report, outcome: outcome.value }, outcome.warnings);
}
