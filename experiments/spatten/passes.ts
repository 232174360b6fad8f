import { analyzePasses, bindSizes, checkCascade, parseCascade, type RankPasses, type Source } from 'attnsim';
import { markdownTable, type Part, wrapped } from '../part.ts';
import { lengthText, percent } from '../text.ts';
import { right } from './data.ts';
import { digits, head_size, times } from './rows.ts';

const lengths = [10, 12, 14, 16, 18, 20].map((power) => 2 ** power);
/** Values that stay of the keys, as in GPT-2-small, and rows that need low bits. */
const values_share = 0.2;
const low_share = 0.07;

const order = ['spatten-layer', 'spatten-layer-deferred', 'attention-1-pass'] as const;
export type Cascades = Readonly<Record<(typeof order)[number], Source>>;

/** The keys' rank of a cascade with rows of so many keys. */
function keysOf(source: Source, keys: number): RankPasses {
  const cascade = right(checkCascade(right(parseCascade(source))));
  const isSelecting = cascade.parameters.some(({ name }) => name === 'KEPT');
  const sizes = { B: 1, H: 1, P: 1, M: keys, E: head_size, F: head_size };
  const kept = isSelecting ? { KEPT: Math.round(keys * values_share) } : {};
  const densities = isSelecting ? { G: { share: low_share, source: 'given' } } : {};
  const named = new Map(Object.entries({ ...sizes, ...kept }));
  const bound = bindSizes(cascade, named, new Map(), new Map(), new Map(Object.entries(densities)));
  return analyzePasses(right(bound)).find(({ rank }) => rank === 'M')!;
}

/** Most bytes of the row that are kept at the end of a pass, and of what runs along it. */
function keptBytes({ passes, tensors, state }: RankPasses): number {
  const after = (pass: number): number =>
    tensors.reduce((sum, { liveAfter, bytes }) => sum + (liveAfter.includes(pass) ? bytes : 0), 0);
  return state.bytes + Math.max(0, ...Array.from({ length: passes - 1 }, (_, i) => after(i + 1)));
}

/**
 * Elements of a random row that are among the k largest when they come: element j with probability min(1, k/j) (records:
 * Renyi 1962).
 */
export function expectedEntries(n: number, k: number): number {
  let entries = k;
  for (let j = k + 1; j <= n; j++) entries += k / j;
  return entries;
}

/** Mean of n / j over the row: how much too large a share of a running denominator is, where elements are alike. */
const runningShare = (n: number): number => expectedEntries(n, 1);

/** How often a row is gone through, what of it has to be kept, and what it would cost not to. */
export function passesPart(cascades: Cascades): Part {
  return {
    jobs: [],
    show: () => {
      const analysis = (name: keyof Cascades, keys: number): RankPasses => keysOf(cascades[name], keys);
      const kept = (n: number): number => Math.round(n * values_share);
      const entered = (n: number): number => expectedEntries(n, kept(n)) / n;
      const bytesOf = (bytes: number): string => (bytes < 1e4 ? `${digits(bytes)} B` : `${digits(bytes / 1e3)} KB`);
      const million = lengths.at(-1)!;
      const [given, deferred] = order.map((name) => analysis(name, million));
      return {
        blocks: {
          passes: markdownTable([
            ['cascade', 'passes over the keys', 'forced by'],
            ...order.map((name) => {
              const { passes, chain } = analysis(name, lengths[0]!);
              return [`\`${name}\``, String(passes), chain.join(' -> ')];
            }),
          ]),
          'one-pass': markdownTable([
            [
              'keys',
              ...order.map((name) => `kept, \`${name}\``),
              'values fetched on the run',
              'bytes of a row',
              'importance too large',
            ],
            ...lengths.map((n) => [
              lengthText(n),
              ...order.map((name) => bytesOf(keptBytes(analysis(name, n)))),
              percent(entered(n), 0),
              times((1 + entered(n)) / (1 + values_share)),
              times(runningShare(n)),
            ]),
          ]),
          'passes-finding': wrapped(
            `The layer as the paper has it goes over the keys ${given!.passes} times; with its divisions put off, for the same values, ${deferred!.passes}: the scores, ` +
              `those that the gate asks for, and the product with what is selected. A row of a million keeps ${bytesOf(keptBytes(given!))} a head between passes, ` +
              `and ${bytesOf(keptBytes(deferred!))} then. In one pass it keeps ${bytesOf(keptBytes(analysis('attention-1-pass', million)))}.`,
          ),
          'one-pass-finding': wrapped(
            `For that, values are fetched when they are among the ${percent(values_share, 0)} largest so far: nothing is missed, but ${percent(entered(million), 0)} of them are fetched, ` +
              `${times((1 + entered(million)) / (1 + values_share))} the bytes of a row whose keys have as many bits. The gate costs nothing, since the largest probability is one over the ` +
              `denominator at the end of any pass that shifts by the maximum; a row that needs its low bits is gone through again, as it is now. Importance is lost: by the running denominator a token early in a row counts for more, ` +
              `${times(runningShare(lengths[0]!), 2)} on average over ${lengthText(lengths[0]!)} alike and ${times(runningShare(million), 2)} over a million, and in the order of the tokens, not by chance.`,
          ),
        },
        charts: {},
      };
    },
  };
}
