import type { Job } from '../job.ts';
import { markdownTable, type Part, wrapped } from '../part.ts';
import { bindingJob } from './rows.ts';

const seqlen = 2 ** 16;
const expCycles = Array.from({ length: 12 }, (_, i) => i + 1);
const lanes = [64, 128, 256, 512, 1024];

/** As many words in all as the published array has; fewer lanes serve more queries each. */
const entries = (lanesOf1d: number): number => 32 * Math.max(1, 256 / lanesOf1d);

const jobOf = (exp: number, lanesOf1d: number): Job =>
  bindingJob({
    seqlen,
    parameters: { EXP_CYCLES: String(exp), LANES: String(lanesOf1d), RF1D_ENTRIES: String(entries(lanesOf1d)) },
  });

/** (c) The cost of an exponential, and the lanes of the 1D array. */
export function exponentialPart(): Part {
  return {
    jobs: expCycles.flatMap((exp) => lanes.map((l) => jobOf(exp, l))),
    show: (of) => {
      const over = (exp: number, l: number): number =>
        of(jobOf(exp, l)).metrics.latency_cycles / of(jobOf(6, 256)).metrics.latency_cycles;
      const isAlike = (a: number, b: number): boolean => expCycles.every((exp) => over(exp, a) === over(exp, b));
      // Lines that coincide are one, with the lanes of all.
      const unlike = lanes.filter((l, i) => !lanes.slice(0, i).some((earlier) => isAlike(earlier, l)));
      const namesAlike = (l: number): string => lanes.filter((other) => isAlike(l, other)).join(', ');
      const cell = (exp: number, l: number): string =>
        `${over(exp, l).toFixed(3)} (${of(jobOf(exp, l)).metrics.bound.resource.replace('Array', '')})`;
      return {
        blocks: {
          exponential: markdownTable([
            ['cycles of an exponential', ...lanes.map((l) => `${l} lanes`)],
            ...expCycles.map((exp) => [String(exp), ...lanes.map((l) => cell(exp, l))]),
          ]),
          'exponential-finding': wrapped(
            `From 1 to 12 cycles an exponential costs +Binding ${(over(12, 256) / over(1, 256)).toFixed(2)} times the time; half the lanes of the 1D array cost ${over(6, 128).toFixed(2)} times, and four times as many gain ${((1 - over(6, 1024)) * 100).toFixed(1)}%.`,
          ),
        },
        charts: {
          exponential: {
            kind: 'lines',
            title: 'Time of +Binding by the cost of an exponential and the lanes of the 1D array (BERT, 64K)',
            source: 'attnsim, analytic model; 1 is the published machine: 6 cycles, 256 lanes',
            x: { title: 'Cycles of an exponential', scale: 'linear', domain: [1, 12] },
            y: { title: 'Time over that of the published machine', scale: 'linear', domain: [0, 5] },
            series: unlike.map((l) => ({
              name: `${namesAlike(l)} lanes`,
              points: expCycles.map((exp) => ({ x: exp, y: over(exp, l) })),
            })),
          },
        },
      };
    },
  };
}
