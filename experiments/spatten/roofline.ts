import type { Machine, RooflinePlot } from 'attnsim';
import type { Job } from '../job.ts';
import { markdownTable, type Part, wrapped } from '../part.ts';
import { percent } from '../text.ts';
import { bertJob } from './bert.ts';
import { bandwidthOf, productPeak } from './data.ts';
import { digits, scheduleJobs, totalsOf } from './rows.ts';
import { asReleased, type Model } from './steps.ts';

/** Where BERT and GPT-2 lie under the roofs of both sizes; products of both arrays make the roof. */
export function rooflinePart(models: readonly Model[], machines: readonly Machine[]): Part {
  const points = machines.flatMap(({ name: hardware }, machine) => [
    ...[32, 384].map((length) => ({
      machine,
      label: `BERT, ${length} tokens`,
      jobs: [bertJob({ length, hardware })],
    })),
    ...models.flatMap(({ name, dense, pruned, released }) => [
      { machine, label: `${name}, dense`, jobs: scheduleJobs(dense, asReleased, { hardware }) },
      { machine, label: `${name}, pruned`, jobs: scheduleJobs(pruned, released, { hardware }) },
      {
        machine,
        label: `${name}, pruned, free top-k`,
        jobs: scheduleJobs(pruned, released, { hardware, parameters: { ENGINES: '1000' } }),
      },
    ]),
  ]);
  return {
    jobs: points.flatMap(({ jobs }) => jobs),
    show: (of) => {
      /** Useful FLOP/s, FLOP a byte, and the share of the roof above. */
      const placeOf = ({ machine, jobs }: { readonly machine: number; readonly jobs: readonly Job[] }) => {
        const isLayer = jobs.length === 1;
        const total = totalsOf(of, jobs);
        const flops = isLayer ? of(jobs[0]!).metrics.flops : total.flops;
        const { clock_hz } = machines[machine]!;
        const achieved = (flops / total.cycles) * clock_hz;
        const intensity = flops / total.dram_bytes;
        const roof = Math.min(productPeak(machines[machine]!), intensity * bandwidthOf(machines[machine]!));
        return { achieved, intensity, share: achieved / roof, ...total };
      };
      const plot: RooflinePlot = {
        title: 'BERT and GPT-2 on SpAtten and on an eighth of it',
        machines: machines.map((machine) => ({
          name: machine.name,
          peak_ops_per_s: productPeak(machine),
          levels: [{ name: 'HBM', bandwidth_bytes_per_s: bandwidthOf(machine) }],
          ceilings: [],
        })),
        points: points.map((point) => {
          const { achieved, intensity } = placeOf(point);
          return {
            label: point.label,
            machine: point.machine,
            achieved_ops_per_s: achieved,
            intensities_ops_per_byte: [intensity],
          };
        }),
      };
      const rows = points.map((point) => {
        const { achieved, intensity, share, limit } = placeOf(point);
        const { name } = machines[point.machine]!;
        return [name, point.label, digits(intensity), digits(achieved / 1e9), percent(share, 0), limit];
      });
      const shareOf = (label: string, machine: number): number =>
        placeOf(points.find((point) => point.label === label && point.machine === machine)!).share;
      const [small] = models as [Model];
      return {
        blocks: {
          roofline: markdownTable([['', 'run', 'FLOP/B', 'GFLOP/s', 'of the roof', 'busiest'], ...rows]),
          'roofline-finding': wrapped(
            `BERT is at ${percent(shareOf('BERT, 384 tokens', 0), 0)} of the roof of the arrays. Dense, GPT-2 is at ` +
              `${percent(shareOf(`${small.name}, dense`, 0), 0)} of the slope, since keys and values come as fast as they can; pruned, it is at ` +
              `${percent(shareOf(`${small.name}, pruned`, 0), 0)}, since it is the top-k that limits it, which has no place in this plot. An eighth, whose engine has all 16 ` +
              `comparators for an eighth of the elements a cycle, is at ${percent(shareOf(`${small.name}, pruned`, 1), 0)}.`,
          ),
        },
        charts: {},
        rooflines: { roofline: plot },
      };
    },
  };
}
