import { type Result, success } from '../diagnostic.ts';
import { compulsoryTraffic } from '../einsum/compulsory.ts';
import type { Density } from '../einsum/workload.ts';
import type { PlacedMapping } from '../mapper/placed.ts';
import type { EvaluationOptions } from '../models/evaluate.ts';
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

/** What must cross the outermost memory, of the tensors that a mapping has there at all. */
function outermostBytes({ workload, machine, keeps }: PlacedMapping): number {
  const outermost = machine.levels.findIndex((level) => level.memory !== undefined);
  const there = keeps.filter((k) => k.parent === undefined && k.level === outermost).map((k) => k.tensor);
  const { tensors } = compulsoryTraffic(workload);
  return there.reduce((sum, tensor) => sum + (tensors.get(workload.tensors[tensor]!.name)?.bytes ?? 0), 0);
}

/** One run of the pipeline, as a report. */
export async function simulateReport(
  inputs: RunInputs,
  model: 'analytic' | 'cycle',
  options: EvaluationOptions = {},
): Promise<Result<Simulated>> {
  const outcome = await simulate({ ...inputs, ...options, model, resolveMachine });
  if (!outcome.ok) return outcome;
  const { workload, machine, mapping, metrics, rooflines, passes } = outcome.value;
  const compulsory_bytes = outermostBytes(mapping);
  const report = buildReport({ workload, machine, mapping, metrics, rooflines, passes, compulsory_bytes });
  return success({ report, outcome: outcome.value }, outcome.warnings);
}
