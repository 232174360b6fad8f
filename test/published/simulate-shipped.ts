import { parseWorkloadFile } from '../../src/einsum/workload-file.ts';
import { type FileKind, shippedSource } from '../../src/files.ts';
import type { Metrics } from '../../src/models/metrics.ts';
import { type SimulationOutcome, simulate } from '../../src/simulate.ts';
import type { Source } from '../../src/source.ts';
import { must } from '../mapper/inputs.ts';

export type ShippedRun = {
  /** Attention in one pass if it is not given. */
  readonly cascade?: string;
  readonly machine: string;
  readonly mapping: string;
  readonly workload: string;
  readonly sizes: Readonly<Record<string, number>>;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly model: Metrics['model'];
  readonly accounting?: string;
};

async function source(kind: FileKind, name: string): Promise<Source> {
  const found = await shippedSource(kind, name);
  if (found === undefined) throw new Error(`no ${kind} "${name}" ships`);
  return found;
}

/** A run of shipped files: what the command line does, without it. */
export async function simulateShipped(run: ShippedRun): Promise<SimulationOutcome> {
  const outcome = await simulate({
    cascade: await source('cascade', run.cascade ?? 'attention-1-pass'),
    machine: await source('hardware', run.machine),
    mapping: await source('mapping', run.mapping),
    presets: must(parseWorkloadFile(await source('workload', run.workload))).sizes,
    sizes: new Map(Object.entries(run.sizes)),
    parameters: new Map(Object.entries(run.parameters ?? {})),
    resolveMachine: (name) => shippedSource('hardware', name),
    model: run.model,
    ...(run.accounting === undefined ? {} : { accounting: run.accounting }),
  });
  return must(outcome);
}
