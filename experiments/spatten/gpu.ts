import { expectedRun, type Machine, type Selector } from 'attnsim';
import { dramBytes, type Job } from '../job.ts';
import { markdownTable, type Part, wrapped } from '../part.ts';
import { lengthText, percent } from '../text.ts';
import { type Alike, digits, head_size, scheduleJobs, times, totalsOf } from './rows.ts';
import { asReleased, type Model } from './steps.ts';

const contexts = [2 ** 10, 2 ** 14, 2 ** 17];
const batch = 64;
const heads = 12;
/** Tokens that the released schedule counts its shares of. */
const most_tokens = 1024;

/** How one token of each sequence is attended to. */
const gpus = { cascade: 'flash-attention', hardware: 'h100-sxm', mapping: 'decode', M0: 64 };
const fusemax = { cascade: 'attention-1-pass', hardware: 'fusemax', mapping: 'fusemax-binding', M0: 256 };
type Decoder = typeof gpus;

const decodeJob = ({ M0, ...how }: Decoder, keys: number): Job => ({
  run: {
    ...how,
    workload: undefined,
    sizes: { B: batch, H: heads, P: 1, M: keys, E: head_size, F: head_size, M0 },
    parameters: {},
  },
  model: 'analytic',
});

/** The survivors' keys, or their values, written once more one behind the other. */
const copyJob = (keys: number): Job => ({
  run: {
    cascade: 'heads-first',
    hardware: 'h100-sxm',
    mapping: 'heads-first-gpu',
    workload: undefined,
    sizes: { B: batch, H: heads, P: keys, E: head_size },
    parameters: {},
  },
  model: 'analytic',
});

/** Cascade token pruning as released, on machines that attend in one pass and have no top-k engine. */
export function gpuPart(small: Model, token: readonly Alike[], gpu: Machine): Part {
  const layers = token.map(({ keys, rows }) => ({ share: keys / most_tokens, count: rows / heads }));
  const all = layers.reduce((sum, { count }) => sum + count, 0);
  const kept = (context: number, share: number): number => Math.round(context * share);
  const decoders = [gpus, fusemax];
  const lanes = gpu.units.find(({ name }) => name === 'FP32')!.dimensions[0]!.size;
  /** All FP32 lanes of one processor compare with one pivot; barriers between passes are not counted. */
  const vector: Selector = {
    algorithm: 'quick-select',
    comparators: lanes,
    pass_cycles: 0,
    fill_elements_per_cycle: Number.POSITIVE_INFINITY,
    overlap: 1,
    capacity_elements: Number.POSITIVE_INFINITY,
    engines: 1,
  };
  const dense = scheduleJobs(small.dense, asReleased);
  const pruned = scheduleJobs(small.pruned, small.released);
  return {
    jobs: [
      ...contexts.flatMap((context) => [
        ...decoders.flatMap((decoder) => [
          decodeJob(decoder, context),
          ...layers.map(({ share }) => decodeJob(decoder, kept(context, share))),
        ]),
        ...layers.map(({ share }) => copyJob(kept(context, share))),
      ]),
      ...dense,
      ...pruned,
    ],
    show: (of) => {
      const seconds = (job: Job): number => of(job).metrics.latency_cycles / of(job).clock_hz;
      const overLayers = (each: (share: number) => number): number =>
        layers.reduce((sum, { share, count }) => sum + count * each(share), 0);
      const denseTime = (decoder: Decoder, context: number): number => all * seconds(decodeJob(decoder, context));
      const prunedTime = (decoder: Decoder, context: number): number =>
        overLayers((share) => seconds(decodeJob(decoder, kept(context, share))));
      const copyTime = (context: number): number => 2 * overLayers((share) => seconds(copyJob(kept(context, share))));
      /** The next layer's survivors among those of this one. */
      const selection = (context: number) =>
        layers.slice(1).map(({ share }, at) => {
          const n = kept(context, layers[at]!.share);
          return expectedRun(vector, n, kept(context, share));
        });
      const selectTime = (context: number): number =>
        selection(context).reduce((sum, { cycles }) => sum + cycles, 0) / gpu.clock_hz;
      const bytesLeft = (context: number): number =>
        overLayers((share) => dramBytes(of(decodeJob(gpus, kept(context, share))))) /
        (all * dramBytes(of(decodeJob(gpus, context))));
      const rows = contexts.flatMap((context) =>
        decoders.map((decoder) => {
          const gathered = prunedTime(decoder, context);
          const isGpu = decoder === gpus;
          const withCopy = gathered + copyTime(context);
          return [
            decoder.hardware,
            lengthText(context),
            digits(denseTime(decoder, context) * 1e6),
            digits(gathered * 1e6),
            times(denseTime(decoder, context) / gathered),
            isGpu ? times(denseTime(decoder, context) / withCopy) : '',
            isGpu ? digits(selectTime(context) * 1e6, 2) : '',
          ];
        }),
      );
      const spatten = (jobs: readonly Job[]): number => {
        const { cycles } = totalsOf(of, jobs);
        return (batch * cycles) / 32 / of(jobs[0]!).clock_hz;
      };
      const [longest, shortest] = [contexts.at(-1)!, contexts[0]!];
      const passes = selection(longest).reduce((sum, run) => sum + run.passes, 0);
      // A probability of 16 bits a key and head is written and read, where a key and a value have as many dimensions each.
      const importance = (2 * 16) / (2 * head_size * 16);
      return {
        blocks: {
          gpu: markdownTable([
            [
              '',
              'context',
              'dense, us',
              'pruned, us',
              'gain, gathered in place',
              'gain, copied first',
              'selecting, us',
            ],
            ...rows,
            [
              'spatten',
              '1K',
              digits(spatten(dense) * 1e6),
              digits(spatten(pruned) * 1e6),
              times(spatten(dense) / spatten(pruned)),
              '',
              '',
            ],
          ]),
          'gpu-finding': wrapped(
            `Tokens left as in GPT-2-small leave ${percent(bytesLeft(longest), 0)} of the bytes. On H100 that is ${times(denseTime(gpus, longest) / prunedTime(gpus, longest))} at ` +
              `${lengthText(longest)} and ${times(denseTime(gpus, shortest) / prunedTime(gpus, shortest))} at ${lengthText(shortest)}, where short rows do not fill its memory, if rows of keys are ` +
              `gathered where they lie: a key of a head is ${(head_size * 2) / 32} whole sectors of 32 bytes. Copied first, because tokens are pruned anew for every token, ` +
              `${times(denseTime(gpus, longest) / (prunedTime(gpus, longest) + copyTime(longest)))} are left. Comparing takes ${percent(selectTime(longest) / prunedTime(gpus, longest), 2)} of that time ` +
              `at ${lengthText(longest)}, over ${digits(passes, 2)} passes with a barrier each, which is not counted; the importance, a probability written and read for each key of a head, ` +
              `${percent(importance, 1)} more bytes. FuseMax gains ${times(denseTime(fusemax, longest) / prunedTime(fusemax, longest))}, what is left of its scores.`,
          ),
        },
        charts: {},
      };
    },
  };
}
