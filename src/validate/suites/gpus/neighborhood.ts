import type { Run } from '../../suite.ts';
import type { Plan, Task } from './plan.ts';

/** Neighbourhood attention: what its kernels are called says which window, stride and map no field does. */

/** In the order of the dimensions X, Y, Z. */
type Triple = readonly [number, number, number];

/** Numbers joined by "x" or ",", behind a word or before it: "window 2048", "80x80 window", "stride 16,8,8". */
function numbersAt(word: string, text: string): readonly number[] | undefined {
  const list = '(\\d+(?:\\s*[x,]\\s*\\d+)*)';
  const found = text.match(new RegExp(`${word}\\s*${list}`)) ?? text.match(new RegExp(`${list}[-\\s]*${word}`));
  return found === null ? undefined : found[1]!.split(/[x,]/).map(Number);
}

/** Of fewer dimensions than three, the last; one number counts for all. */
function triple(values: readonly number[], dimensions: number): Triple {
  const all = values.length === 1 ? Array.from({ length: dimensions }, () => values[0]!) : values;
  return [...Array.from({ length: 3 - all.length }, () => 1), ...all] as unknown as Triple;
}

/** Maps by their tokens, where a kernel's name lacks them: those of the video and image models that the measurements are of. */
const maps: ReadonlyMap<number, readonly number[]> = new Map([
  [115_200, [30, 48, 80]],
  [65_536, [256, 256]],
]);

/** Of the video model, where the name says no window either. */
const video = { window: [18, 24, 24], stride: [16, 8, 8] };

type Tiles = { readonly queries: Triple; readonly keys: Triple };

/** Of maps of one, two and three dimensions. */
type TilesBy = readonly [one: Tiles, two: Tiles, three: Tiles];

/** Of the sizes in the configurations of NATTEN, shapes that waste least where windows are multiples of 8. */
const small: TilesBy = [
  { queries: [1, 1, 64], keys: [1, 1, 64] },
  { queries: [1, 8, 8], keys: [1, 8, 8] },
  { queries: [2, 4, 8], keys: [2, 4, 8] },
];
const long: TilesBy = [
  { queries: [1, 1, 64], keys: [1, 1, 128] },
  { queries: [1, 8, 8], keys: [1, 8, 16] },
  { queries: [2, 4, 8], keys: [2, 8, 8] },
];
const square: TilesBy = [
  { queries: [1, 1, 128], keys: [1, 1, 128] },
  { queries: [1, 8, 16], keys: [1, 8, 16] },
  { queries: [2, 8, 8], keys: [2, 8, 8] },
];
const wide: TilesBy = [
  { queries: [1, 1, 256], keys: [1, 1, 128] },
  { queries: [1, 16, 16], keys: [1, 16, 8] },
  { queries: [4, 8, 8], keys: [2, 8, 8] },
];

/** What the kernels for older generations take where nobody chooses. */
const byDefault: TilesBy = [small[0], small[1], { queries: [4, 4, 4], keys: [4, 4, 4] }];

const forwardTiles = ({ device: { generation }, kernel }: Task): TilesBy => {
  if (generation === 'blackwell') return wide;
  if (generation !== 'ampere') return square;
  return /default/.test(kernel) ? byDefault : long;
};

/** What the backward kernels take where nobody chooses is not known. */
const backwardTiles = small;

/** Whether every query of a tile sees every key of each tile that it visits: then nothing is masked. */
function isBlockSparse(map: Triple, window: Triple, stride: Triple, { queries, keys }: Tiles): boolean {
  return map.every((length, d) => {
    const [w, s, q, k] = [window[d]!, stride[d]!, queries[d]!, keys[d]!];
    if (w === length) return length % k === 0;
    if (s % q !== 0 || w % k !== 0) return false;
    for (let first = 0; first < length; first += s) {
      const start = Math.min(Math.max(first + Math.floor(s / 2) - Math.floor(w / 2), 0), length - w);
      if (start % k !== 0) return false;
    }
    return true;
  });
}

/** Map, window and stride, each with as many numbers as the map has dimensions, or one for all. */
type Neighborhood = {
  /** Undefined: nothing says how tokens lie in so many dimensions. */
  readonly map: readonly number[] | undefined;
  readonly window: readonly number[];
  readonly stride: readonly number[];
};

/** Of how many dimensions a name speaks: "2-D", or numbers of a window. */
function namedDimensions(kernel: string, window: readonly number[] | undefined): number | undefined {
  const [, count] = /\b([123])-?d\b/.exec(kernel) ?? [];
  return count === undefined ? (window !== undefined && window.length > 1 ? window.length : undefined) : Number(count);
}

function neighborhoodOf({ shape: { seqlen_q: tokens }, kernel }: Task): Neighborhood {
  const named = numbersAt('window', kernel);
  const stride = numbersAt('stride', kernel) ?? (named === undefined ? video.stride : [1]);
  const dimensions = namedDimensions(kernel, named) ?? maps.get(tokens)?.length ?? 1;
  const known = dimensions === 1 ? [tokens] : maps.get(tokens);
  return { map: known?.length === dimensions ? known : undefined, window: named ?? video.window, stride };
}

/** Why nothing can run; undefined: something can. */
export function neighborhoodRefusal(task: Task): string | undefined {
  const { map, window, stride } = neighborhoodOf(task);
  const { heads_q, heads_kv, seqlen_q, seqlen_kv, causal } = task.shape;
  if (causal || heads_q !== heads_kv || seqlen_q !== seqlen_kv)
    return 'neighbourhoods are of tokens that are queries and keys, with as many heads, and without a mask';
  if (map === undefined) return `nothing says how ${seqlen_q} tokens lie in the map`;
  const fits = (some: readonly number[]): boolean =>
    (some.length === 1 || some.length === map.length) &&
    map.every((size, d) => {
      const value = some[some.length === 1 ? 0 : d]!;
      return value >= 1 && value <= size;
    });
  return fits(window) && fits(stride) ? undefined : `windows and strides are from 1 to the map's ${map.join(' x ')}`;
}

/** What the cascades of both passes need, and the parameters of their mappings. */
function planned(task: Task, tilesBy: TilesBy): Pick<Run, 'sizes' | 'parameters'> {
  const { shape, device } = task;
  const around = neighborhoodOf(task);
  const dimensions = around.map!;
  const window = triple(around.window, dimensions.length);
  const stride = triple(around.stride, dimensions.length);
  const map = triple(dimensions, dimensions.length);
  const tiles = tilesBy[dimensions.length - 1]!;
  // The kernels before those for Hopper mask every tile.
  const masked = device.generation !== 'ampere' && isBlockSparse(map, window, stride, tiles) ? 0 : 1;
  const by = (names: string, values: Triple): Record<string, number> =>
    Object.fromEntries(['X', 'Y', 'Z'].map((d, i) => [names.replace('d', d), values[i]!]));
  return {
    sizes: {
      B: shape.batch,
      H: shape.heads_q,
      E: shape.head_dim_qk,
      F: shape.head_dim_v,
      D: dimensions.length,
      MASKED: masked,
      ...by('d', map),
      ...by('Wd', window),
      ...by('Sd', stride),
      ...by('dM', tiles.keys),
    },
    parameters: Object.fromEntries(
      Object.entries(by('Qd', tiles.queries)).map(([name, value]) => [name, String(value)]),
    ),
  };
}

export const neighborhood: Plan = (task) => [
  {
    cascade: 'neighborhood-attention',
    hardware: task.device.hardware,
    mapping: task.device.generation === 'blackwell' ? 'fna-tensor-memory' : 'fna',
    workload: undefined,
    ...planned(task, forwardTiles(task)),
  },
];

export const neighborhoodBackward: Plan = (task) => [
  {
    cascade: 'neighborhood-attention-backward',
    hardware: task.device.hardware,
    mapping: 'fna-backward',
    workload: undefined,
    ...planned(task, backwardTiles),
  },
];
