import { type Result, success } from '../diagnostic.ts';
import { compulsoryTraffic } from '../einsum/compulsory.ts';
import { buildReport, type Report } from '../report/report.ts';
import { simulate } from '../simulate.ts';
import type { Source } from '../source.ts';
import { resolveMachine } from './fitting-mappings.ts';

export type RunInputs = {
  readonly cascade: Source;
  readonly machine: Source;
  readonly mapping: Source;
  /** Sizes set on the command line, and those of the workload, which give way to them. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly presets: ReadonlyMap<string, number>;
  readonly parameters: ReadonlyMap<string, string>;
};

/** One run of the pipeline, as a report. */
export async function simulateReport(inputs: RunInputs, model: 'analytic' | 'cycle'): Promise<Result<Report>> {
  const outcome = await simulate({ ...inputs, model, resolveMachine });
  if (!outcome.ok) return outcome;
  const { workload, machine, mapping, metrics, rooflines, passes } = outcome.value;
  const compulsory_bytes = compulsoryTraffic(workload).bytes;
  const report = buildReport({ workload, machine, mapping, metrics, rooflines, passes, compulsory_bytes });
  return success(report, outcome.warnings);
}
