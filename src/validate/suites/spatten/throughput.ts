import type { Figure, Run } from '../../suite.ts';
import { type Kind, kindOf, type Schedules } from './kind.ts';
import { runsOf } from './traces.ts';

/** How the top-k engine takes part: it is never waited for; rows are taken in under the selection; one after the other. */
const engines = {
  free: { ENGINES: '1000' },
  pipelined: { OVERLAP: '1' },
  serial: { OVERLAP: '0' },
} as const satisfies Readonly<Record<string, Run['parameters']>>;

type Throughput = { readonly schedule: string; readonly top_k: keyof typeof engines };

/** Operations that a row needs once: what the low bits of the keys do again is not counted. */
const usefulFlops = ({ sizes: { B, H, P, M, E, F, KEPT } }: Run): number => 2 * B! * H! * P! * (M! * E! + KEPT! * F!);

const tflops: Figure['read'] = (outcomes, { runs }) => {
  const flops = runs.reduce((sum, run) => sum + usefulFlops(run), 0);
  const seconds = outcomes.reduce((sum, { metrics, machine }) => sum + metrics.latency_cycles / machine.clock_hz, 0);
  return flops / seconds / 1e12;
};

/** The released workloads as a whole, beside the mean that is published of all benchmarks of their kind. */
export const throughput = (schedules: Schedules): Kind =>
  kindOf<Throughput>({
    table: 'throughput',
    cascade: 'spatten-layer',
    required: ['schedule', 'top_k'],
    figures: [{ name: 'tflops', title: 'throughput', unit: 'TFLOP/s', error: 'relative', read: tflops }],
    fields: { schedule: { enum: Object.keys(schedules) }, top_k: { enum: Object.keys(engines) } },
    plan: ({ schedule, top_k }) => ({
      series: 'throughput',
      label: `${schedules[schedule]!.model}, top-k ${top_k}`,
      runs: runsOf(schedules[schedule]!, 'spatten').map((run) => ({
        ...run,
        parameters: { ...run.parameters, ...engines[top_k] },
      })),
    }),
  });
