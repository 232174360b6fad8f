import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { timelineData } from '../figures/timeline-data.ts';
import { timelineFigure } from '../figures/timeline-figure.ts';
import type { Simulation } from '../models/cycle/simulate.ts';
import type { SimulationOutcome } from '../simulate.ts';
import { recordedRun } from './recorded-run.ts';
import { type TraceOptions, windowTicks } from './trace-options.ts';
import { writeFigure } from './write-figure.ts';

/** Draws what units and ports of a simulation do; gives what went wrong, or a warning where there is nothing to draw. */
export async function writeTimeline(
  path: string,
  { mapping, machine, workload, metrics }: SimulationOutcome,
  simulation: Simulation,
  options: TraceOptions,
): Promise<readonly Diagnostic[]> {
  const { clock_hz } = metrics.board;
  const window = windowTicks(options, { ...simulation, clock_hz });
  if (!window.ok) return window.diagnostics;
  const data = timelineData(recordedRun(mapping, simulation, clock_hz), window.value);
  if (data === undefined) {
    const message = '--timeline: too many operations would have to be kept in memory';
    const help = 'the totals are complete; --trace-window 0:10000 shows how it begins';
    return [diagnostic('too-much-work', message, undefined, { severity: 'warning', help })];
  }
  const name = `${mapping.name} of ${workload.cascade.name} on ${machine.name}`;
  const written = await writeFigure(path, timelineFigure(data, name));
  return written.ok ? [] : written.diagnostics;
}
