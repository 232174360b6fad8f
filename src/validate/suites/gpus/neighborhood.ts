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

/** Tiles of queries and keys by dimensions of the map: of 128 by 128, and on Blackwell 256 by 128. */
const tilesOf = ({ device }: Task, dimensions: number): Tiles => {
  const wide = device.generation === 'blackwell';
  if (dimensions === 1) return { queries: [1, 1, wide ? 256 : 128], keys: [1, 1, 128] };
  if (dimensions === 2) return { queries: wide ? [1, 16, 16] : [1, 8, 16], keys: wide ? [1, 16, 8] : [1, 8, 16] };
  return { queries: wide ? [4, 8, 8] : [2, 8, 8], keys: [2, 8, 8] };
};

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

export const neighborhood: Plan = (task) => {
  const { shape, kernel, device } = task;
  const tokens = shape.seqlen_q;
  const named = numbersAt('window', kernel);
  const dimensions = maps.get(tokens) ?? [tokens];
  const window = triple(named ?? video.window, dimensions.length);
  const stride = triple(numbersAt('stride', kernel) ?? (named === undefined ? video.stride : [1]), dimensions.length);
  const map = triple(dimensions, dimensions.length);
  const tiles = tilesOf(task, dimensions.length);
  // The kernels before those for Hopper mask every tile.
  const masked = device.generation !== 'ampere' && isBlockSparse(map, window, stride, tiles) ? 0 : 1;
  const by = (names: string, values: Triple): Record<string, number> =>
    Object.fromEntries(['X', 'Y', 'Z'].map((d, i) => [names.replace('d', d), values[i]!]));
  const rows = by('Qd', tiles.queries);
  return [
    {
      cascade: 'neighborhood-attention',
      hardware: device.hardware,
      mapping: device.generation === 'blackwell' ? 'fna-tensor-memory' : 'fna',
      workload: undefined,
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
      parameters: Object.fromEntries(Object.entries(rows).map(([name, value]) => [name, String(value)])),
    },
  ];
};
