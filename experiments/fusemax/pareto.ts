import { dramBytes, type Job, type Outcome } from '../job.ts';
import { markdownTable, type Part } from '../part.ts';
import { percent } from '../text.ts';
import { type JobsOf, workloads } from './rows.ts';

const sides = [16, 32, 64, 128, 256, 512];
const seqlen = 2 ** 18;

/** Area against latency over the size of the arrays, buffers and registers as in the artifact's sweep. */
export function paretoPart(jobsOf: JobsOf): Part {
  const jobOf = (workload: string, pe_dim: number): Job => jobsOf({ kernel: 'pareto', workload, seqlen, pe_dim })[0]!;
  const each = workloads.flatMap((workload) => sides.map((side) => ({ workload, side })));
  return {
    jobs: each.map(({ workload, side }) => jobOf(workload, side)),
    show: (of) => {
      const seconds = (outcome: Outcome): number => outcome.metrics.latency_cycles / outcome.clock_hz;
      const area_cm2 = (outcome: Outcome): number => outcome.metrics.area_mm2 / 100;
      const rows = each.map(({ workload, side }) => {
        const outcome = of(jobOf(workload, side));
        return [
          workload,
          String(side),
          (dramBytes(outcome) / 1e12).toPrecision(6),
          seconds(outcome).toPrecision(6),
          area_cm2(outcome).toPrecision(6),
          percent(outcome.area_2d_mm2 / outcome.metrics.area_mm2),
        ];
      });
      return {
        blocks: {
          pareto: markdownTable([['workload', 'side', 'DRAM (TB)', 'latency (s)', 'area (cm²)', '2D array'], ...rows]),
        },
        charts: {
          pareto: {
            kind: 'lines',
            title: '+Binding at 256K: area and latency by the side of the arrays',
            source: 'attnsim, analytic model, batch 64; 16 to 512 rows, columns and lanes',
            x: { title: 'Area (cm², 45 nm)', scale: 'log' },
            y: { title: 'Latency (s)', scale: 'log' },
            series: workloads.map((workload) => ({
              name: workload,
              points: sides.map((side) => ({
                x: area_cm2(of(jobOf(workload, side))),
                y: seconds(of(jobOf(workload, side))),
                ...(workload === 'XLM' ? { label: `${side} x ${side}` } : {}),
              })),
            })),
          },
        },
      };
    },
  };
}
