import type { LineSeries } from 'attnsim';
import type { Job } from '../job.ts';
import { markdownTable, type Part, wrapped } from '../part.ts';
import { percent } from '../text.ts';
import { digits, scheduleJobs, type Totals, times, totalsOf } from './rows.ts';
import type { Model } from './steps.ts';

type Parameters = Readonly<Record<string, string>>;

const comparators = [1, 2, 4, 8, 16, 32, 64];
const multipliers = [64, 128, 256, 512, 1024];
const channels = [2, 4, 8, 16, 32];
const released = { comparators: 16, multipliers: 512, channels: 16 };
/** Of keys, and as many of values: from what holds one row of 1024 keys of 12 bits. */
const srams_bytes = [98304, 131072, 196608, 393216, 786432];

/** The engine as released, one that takes in the next row meanwhile, and none to wait for. */
const engines = [
  { name: 'serial', parameters: { OVERLAP: '0' } },
  { name: 'overlapped', parameters: { OVERLAP: '1' } },
  { name: 'free', parameters: { ENGINES: '1000' } },
] as const;
const [serial, overlapped, free] = engines;

/** More of several things at once, around what was released. */
const grid = [16, 64].flatMap((P) => [256, 512, 1024].map((N) => ({ comparators: P, multipliers: N })));
const gridChannels = [8, 16, 32];

const design = (change: Partial<typeof released>, engine: { readonly parameters: Parameters }): Parameters => {
  const { comparators: P, multipliers: N, channels: C } = { ...released, ...change };
  return { COMPARATORS: String(P), MULTIPLIERS: String(N), CHANNELS: String(C), ...engine.parameters };
};

/** What of the machine is worth having more of, one thing at a time, for the two workloads. */
export function kneePart(models: readonly Model[]): Part {
  const jobsOf = ({ pruned, released: numbers }: Model, parameters: Parameters): readonly Job[] =>
    scheduleJobs(pruned, numbers, { parameters });
  const each = (parameters: readonly Parameters[]): readonly Job[] =>
    models.flatMap((model) => parameters.flatMap((p) => jobsOf(model, p)));
  const withRoom = (bytes: number): Parameters => ({ ...design({}, free), SRAM: `${bytes} B` });
  const corners = [1, 64].flatMap((P) => [64, 1024].map((N) => design({ comparators: P, multipliers: N }, serial)));
  const simulated = (model: Model, parameters: Parameters): readonly Job[] =>
    jobsOf(model, parameters).map((job) => ({ ...job, model: 'cycle' }));
  return {
    jobs: [
      ...each(comparators.flatMap((n) => [serial, overlapped].map((engine) => design({ comparators: n }, engine)))),
      ...each([design({}, free)]),
      ...each(multipliers.flatMap((n) => engines.map((engine) => design({ multipliers: n }, engine)))),
      ...each(channels.flatMap((n) => engines.map((engine) => design({ channels: n }, engine)))),
      ...models.flatMap((model) => srams_bytes.flatMap((bytes) => simulated(model, withRoom(bytes)))),
      ...each(corners),
      ...each(grid.flatMap((change) => gridChannels.map((n) => design({ ...change, channels: n }, overlapped)))),
      ...models.flatMap((model) => corners.flatMap((p) => simulated(model, p))),
    ],
    show: (of) => {
      const total = (model: Model, parameters: Parameters): Totals => totalsOf(of, jobsOf(model, parameters));
      const cellOf = ({ cycles, limit }: Totals): string => `${digits(cycles / 1e3, 4)} (${limit})`;
      const roomy = (model: Model, bytes: number): Totals => totalsOf(of, simulated(model, withRoom(bytes)));
      const table = (
        name: string,
        values: readonly number[],
        designOf: (value: number, engine: (typeof engines)[number]) => Parameters,
        shown: readonly (typeof engines)[number][],
      ): string =>
        markdownTable([
          [name, ...models.flatMap((model) => shown.map((engine) => `${model.name}, ${engine.name}`))],
          ...values.map((value) => [
            String(value),
            ...models.flatMap((model) => shown.map((engine) => cellOf(total(model, designOf(value, engine))))),
          ]),
        ]);
      const line = (
        model: Model,
        engine: (typeof engines)[number],
        values: readonly number[],
        designOf: (value: number) => Parameters,
      ): LineSeries => ({
        name: `${model.name}, ${engine.name}`,
        dashed: engine !== serial,
        points: values.map((x) => ({ x, y: total(model, designOf(x)).tflops })),
      });
      const axis = (title: string, values: readonly number[]) =>
        ({
          title,
          scale: 'log',
          domain: [values[0]!, values.at(-1)!],
          ticks: values.map((value) => ({ value, text: String(value) })),
        }) as const;
      const source = 'attnsim, analytic model; released workloads, all else as released';
      const gain = (model: Model, engine: (typeof engines)[number], from: number, to: number): number =>
        total(model, design({ comparators: from }, engine)).cycles /
        total(model, design({ comparators: to }, engine)).cycles;
      const [small, medium] = models as [Model, Model];
      const off = models.flatMap((model) =>
        corners.map((p) => totalsOf(of, simulated(model, p)).cycles / total(model, p).cycles - 1),
      );
      const atReleased = (model: Model): number =>
        total(model, design({}, serial)).cycles / total(model, design({}, free)).cycles;
      const withLeast = (model: Model): number =>
        roomy(model, srams_bytes[0]!).cycles / roomy(model, srams_bytes.at(-1)!).cycles;
      const doubled = (model: Model, count: number): number =>
        total(model, design({}, overlapped)).cycles /
        total(model, design({ comparators: count, multipliers: 1024, channels: 32 }, overlapped)).cycles;
      const channelGain = (model: Model, engine: (typeof engines)[number], from: number, to: number): number =>
        total(model, design({ channels: from }, engine)).cycles / total(model, design({ channels: to }, engine)).cycles;
      const moreChannels = (model: Model, engine: (typeof engines)[number]): number =>
        channelGain(model, engine, 8, 16);
      const alone = (model: Model): number => doubled(model, 16);
      const together = (model: Model): number => doubled(model, 64);
      const most = srams_bytes.at(-1)!;
      const enough = srams_bytes.find((bytes) =>
        models.every((model) => roomy(model, bytes).cycles <= 1.01 * roomy(model, most).cycles),
      )!;
      return {
        blocks: {
          'knee-comparators': table('comparators', comparators, (n, e) => design({ comparators: n }, e), [
            serial,
            overlapped,
          ]),
          'knee-multipliers': table('multipliers', multipliers, (n, e) => design({ multipliers: n }, e), engines),
          'knee-channels': table('channels', channels, (n, e) => design({ channels: n }, e), engines),
          'knee-grid': markdownTable([
            [
              'comparators',
              'multipliers',
              ...models.flatMap(({ name }) => gridChannels.map((n) => `${name}, ${n} channels`)),
            ],
            ...grid.map((change) => [
              String(change.comparators),
              String(change.multipliers),
              ...models.flatMap((model) =>
                gridChannels.map((n) => {
                  const { tflops, limit } = total(model, design({ ...change, channels: n }, overlapped));
                  return `${digits(tflops)} (${limit})`;
                }),
              ),
            ]),
          ]),
          'knee-sram': markdownTable([
            ['SRAM, KB each', ...models.map((model) => `${model.name}, free`)],
            ...srams_bytes.map((bytes) => [digits(bytes / 1e3, 4), ...models.map((m) => cellOf(roomy(m, bytes)))]),
          ]),
          'knee-finding': wrapped(
            `From 16 comparators to 32 the released engine gains ${times(gain(small, serial, 16, 32))} and ${times(gain(medium, serial, 16, 32))}, ` +
              `to 64 ${times(gain(small, serial, 16, 64))} and ${times(gain(medium, serial, 16, 64))}; one that takes in the next row meanwhile ` +
              `${times(gain(small, overlapped, 16, 64))} and ${times(gain(medium, overlapped, 16, 64))}. From 8 to 16 it had been ` +
              `${times(gain(small, serial, 8, 16))} and ${times(gain(medium, serial, 8, 16))}. With 16 it takes ${times(atReleased(small))} and ${times(atReleased(medium))} ` +
              `the time of a top-k that is free. So ${released.comparators} are the knee of an engine that overlaps, for rows as in GPT-2-medium, and not of the released one.`,
          ),
          'knee-grid-finding': wrapped(
            `Doubling multipliers and channels with 16 comparators brings ${models.map((m) => times(alone(m))).join(' and ')}, with 64 ` +
              `${models.map((m) => times(together(m))).join(' and ')} over the design as it is: the engine has to grow with the arrays.`,
          ),
          'knee-channels-finding': wrapped(
            `From 8 channels to 16 the released engine gains ${models.map((m) => times(moreChannels(m, serial))).join(' and ')}, a free one ` +
              `${models.map((m) => times(moreChannels(m, free))).join(' and ')}; to 32 ${models.map((m) => times(channelGain(m, free, 16, 32))).join(' and ')}.`,
          ),
          'knee-sides': wrapped(
            `With SRAMs of ${digits(srams_bytes[0]! / 1e3, 2)} KB, which hold one row of 12 bits, the workloads take ${times(withLeast(small))} and ${times(withLeast(medium))} as long as with ${digits(srams_bytes.at(-1)! / 1e3)} KB: ` +
              `the next row cannot come in meanwhile. From ${digits(enough / 1e3)} KB on there is nothing to be gained, as the paper says. ` +
              `Simulated, the corners of 1 and 64 comparators with 64 and 1024 multipliers are within ${percent(Math.max(...off.map(Math.abs)), 1)} of the closed form.`,
          ),
        },
        charts: {
          'knee-comparators': {
            kind: 'lines',
            title: 'Throughput of GPT-2 by the comparators of the top-k engine',
            source,
            x: axis('Comparators', comparators),
            y: { title: 'TFLOPS', scale: 'linear' },
            series: models.flatMap((model) =>
              [serial, overlapped].map((engine) =>
                line(model, engine, comparators, (n) => design({ comparators: n }, engine)),
              ),
            ),
          },
          'knee-multipliers': {
            kind: 'lines',
            title: 'Throughput of GPT-2 by the multipliers of an array',
            source,
            x: axis('Multipliers', multipliers),
            y: { title: 'TFLOPS', scale: 'linear' },
            series: models.flatMap((model) =>
              [serial, free].map((engine) =>
                line(model, engine, multipliers, (n) => design({ multipliers: n }, engine)),
              ),
            ),
          },
          'knee-channels': {
            kind: 'lines',
            title: 'Throughput of GPT-2 by the channels of HBM',
            source,
            x: axis('Channels of 32 GB/s', channels),
            y: { title: 'TFLOPS', scale: 'linear' },
            series: models.flatMap((model) =>
              [serial, free].map((engine) => line(model, engine, channels, (n) => design({ channels: n }, engine))),
            ),
          },
        },
      };
    },
  };
}
