import type { Machine } from 'attnsim';
import type { Job } from '../job.ts';
import { markdownTable, type Part, wrapped } from '../part.ts';
import { percent } from '../text.ts';
import { parameterOf } from './machine.ts';
import { bindingJob } from './rows.ts';

const seqlen = 2 ** 16;
const expCycles = Array.from({ length: 12 }, (_, i) => i + 1);

/** (c) The cost of an exponential, and the lanes of the 1D array. */
export function exponentialPart(machine: Machine): Part {
  const [published, words, cycles] = ['LANES', 'RF1D_ENTRIES', 'EXP_CYCLES'].map((name) =>
    parameterOf(machine, name),
  ) as [number, number, number];
  const lanes = [1 / 4, 1 / 2, 1, 2, 4].map((times) => times * published);
  /** As many words in all as the published array has; fewer lanes serve more queries each. */
  const entries = (lanesOf1d: number): number => words * Math.max(1, published / lanesOf1d);
  const jobOf = (exp: number, lanesOf1d: number): Job =>
    bindingJob({
      seqlen,
      parameters: { EXP_CYCLES: String(exp), LANES: String(lanesOf1d), RF1D_ENTRIES: String(entries(lanesOf1d)) },
    });
  return {
    jobs: expCycles.flatMap((exp) => lanes.map((l) => jobOf(exp, l))),
    show: (of) => {
      const base = of(jobOf(cycles, published)).metrics;
      const over = (exp: number, l: number): number => of(jobOf(exp, l)).metrics.latency_cycles / base.latency_cycles;
      const isAlike = (a: number, b: number): boolean => expCycles.every((exp) => over(exp, a) === over(exp, b));
      const [least, most] = [expCycles[0]!, expCycles.at(-1)!];
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
            `From ${least} to ${most} cycles an exponential costs +Binding ${(over(most, published) / over(least, published)).toFixed(2)} times the time; half the lanes of the 1D array cost ${over(cycles, published / 2).toFixed(2)} times. Four times as many gain ${percent(1 - over(cycles, 4 * published))}, and the 2D array would allow no more than ${percent(1 - base.utilization.get('Array2D')!)}.`,
          ),
        },
        charts: {
          exponential: {
            kind: 'lines',
            title: 'Time of +Binding by the cost of an exponential and the lanes of the 1D array (BERT, 64K)',
            source: `attnsim, analytic model; 1 is the published machine: ${cycles} cycles, ${published} lanes`,
            x: { title: 'Cycles of an exponential', scale: 'linear', domain: [least, most] },
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
