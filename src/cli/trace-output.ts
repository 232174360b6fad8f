import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { writeTextFile } from '../files.ts';
import type { Simulation } from '../models/cycle/simulate.ts';
import { machineResources } from '../models/resources.ts';
import { engineering } from '../report/quantity-text.ts';
import { writeTrace } from '../report/trace.ts';
import type { SimulationOutcome } from '../simulate.ts';
import { type TraceOptions, windowTicks } from './trace-options.ts';

/** Writes the trace of a simulation; gives what went wrong, or a warning where the trace is cut. */
export async function writeTraceFile(
  path: string,
  { mapping: p, machine, metrics }: SimulationOutcome,
  simulation: Simulation,
  options: TraceOptions,
): Promise<readonly Diagnostic[]> {
  const { ticks, ticksPerCycle, chronicle } = simulation;
  const { clock_hz } = metrics.board;
  const window = windowTicks(options, { ticks, ticksPerCycle, clock_hz });
  if (!window.ok) return window.diagnostics;
  const { names, levels } = machineResources(machine);
  const tensorOf = (tensor: number): string => p.workload.tensors[tensor]!.name;
  const pieces: string[] = [];
  const { cut } = writeTrace(
    {
      levels: machine.levels.map((level) => level.name),
      resources: names.map((name, r) => ({ name, level: levels[r]! })),
      clock_hz,
      ticksPerCycle,
      nameOf: (o) => o.compute?.einsum.name ?? tensorOf(o.keep!.tensor),
      tensorOf: (t) => tensorOf(t.keep.tensor),
      chronicle,
      window: window.value,
      most: options.most,
    },
    (piece) => pieces.push(piece),
  );
  const failed = await writeTextFile(path, pieces.join(''));
  if (failed !== undefined) return [failed];
  if (cut === undefined) return [];
  const end = engineering(cut.at_s, 's');
  const message = `the trace ends at ${end} of ${engineering(ticks / ticksPerCycle / clock_hz, 's')}: ${cut.reason}`;
  const help = `--trace-window "${end.replace('µ', 'u')}:" shows what comes then, --trace-events more`;
  return [diagnostic('trace-cut', message, undefined, { severity: 'warning', help })];
}
