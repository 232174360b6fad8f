import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { evaluateCascade, type TensorValue } from '../src/einsum/evaluate.ts';
import { countOperations, flops } from '../src/einsum/operations.ts';
import { randomInputs } from '../src/einsum/random-inputs.ts';
import type { Workload } from '../src/einsum/workload.ts';
import { bindShipped, type Sizes } from './einsum/bind.ts';
import {
  type AttentionShape,
  attention,
  linearAttention,
  type MapDimension,
  neighborsOf,
  softmax,
  type Weighting,
} from './oracles/attention.ts';
import { attentionGradient, type Inputs, numericalGradient } from './oracles/attention-gradient.ts';
import { matrixProduct } from './oracles/matrix-product.ts';
import { largest, spattenLayers } from './oracles/spatten.ts';

const folder = new URL('../cascades/', import.meta.url);

const whole = ['attention-3-pass', 'attention-3-pass-deferred', 'attention-2-pass-unshifted', 'sigmoid-attention'];
const split = ['attention-split-kv', 'attention-stream-k'];
const tiled = [
  'attention-2-pass',
  'attention-2-pass-deferred',
  'attention-1-pass',
  'attention-1-pass-eager',
  'flash-attention',
];
const backward = ['attention-backward', 'attention-3-pass-backward'];

/** Square and not, causal with more and with fewer queries than keys, grouped evenly and not. */
const attentionShapes: readonly AttentionShape[] = [
  { B: 1, H: 1, P: 4, M: 4, E: 2, F: 3, causal: false, group: 1 },
  { B: 2, H: 4, P: 5, M: 7, E: 3, F: 2, causal: false, group: 2 },
  { B: 1, H: 2, P: 8, M: 8, E: 4, F: 4, causal: true, group: 1 },
  { B: 1, H: 3, P: 3, M: 9, E: 2, F: 2, causal: true, group: 2 },
  { B: 2, H: 2, P: 10, M: 6, E: 2, F: 2, causal: true, group: 1 },
  { B: 1, H: 5, P: 1, M: 11, E: 3, F: 1, causal: true, group: 5 },
];
const windowedShapes: readonly AttentionShape[] = [
  { B: 1, H: 2, P: 9, M: 9, E: 2, F: 3, causal: true, group: 1, window: 3 },
  { B: 2, H: 2, P: 4, M: 11, E: 2, F: 2, causal: true, group: 2, window: 1 },
  { B: 1, H: 1, P: 12, M: 7, E: 3, F: 1, causal: true, group: 1, window: 4 },
  { B: 1, H: 1, P: 8, M: 10, E: 2, F: 2, causal: false, group: 1, window: 5 },
  { B: 1, H: 1, P: 5, M: 6, E: 2, F: 2, causal: true, group: 1, window: 40 },
];
/** Tiles of one key, that divide the keys or not, and wider than all keys. */
const tiles = [1, 3, 4, 16];

/** Maps [X, Y, Z] with the tiles of their keys. */
const maps: readonly (readonly [MapDimension, MapDimension, MapDimension, readonly number[]])[] = [
  [
    [1, 1, 1],
    [1, 1, 1],
    [23, 6, 1],
    [1, 1, 4],
  ],
  [
    [1, 1, 1],
    [1, 1, 1],
    [23, 7, 4],
    [1, 1, 5],
  ],
  [
    [1, 1, 1],
    [1, 1, 1],
    [16, 4, 4],
    [1, 1, 4],
  ],
  [
    [1, 1, 1],
    [1, 1, 1],
    [9, 9, 2],
    [1, 1, 16],
  ],
  [
    [1, 1, 1],
    [7, 3, 1],
    [9, 4, 1],
    [1, 2, 4],
  ],
  [
    [1, 1, 1],
    [8, 5, 3],
    [9, 4, 4],
    [1, 3, 2],
  ],
  [
    [5, 3, 1],
    [6, 4, 2],
    [7, 3, 3],
    [2, 2, 3],
  ],
];
const stridesOf = (map: readonly MapDimension[]): readonly number[] => map.map(([, , stride]) => stride);

/** One head over all tokens of a map. */
function mapShape(map: readonly MapDimension[]): AttentionShape {
  const tokens = map.reduce((n, [length]) => n * length, 1);
  return { B: 1, H: 1, P: tokens, M: tokens, E: 3, F: 2, causal: false, group: 1, sees: neighborsOf(map) };
}

/** For what takes as long as the square of the tokens a token. */
const smallMaps = maps.map(([x, y, z]) => mapShape([x, y, z])).filter(({ M }) => M < 64);

const mapSizes = (map: readonly MapDimension[], tile: readonly number[]): Sizes => ({
  ...{ B: 1, H: 1, E: 3, F: 2, D: 1, MASKED: 0 },
  ...Object.fromEntries(
    ['X', 'Y', 'Z'].flatMap((d, i) => {
      const [length, window, stride] = map[i]!;
      return [
        [d, length],
        [`W${d}`, window],
        [`S${d}`, stride],
        [`${d}M`, tile[i]!],
      ];
    }),
  ),
});

const sizesOf = ({ causal, group, window, sees, ...ranks }: AttentionShape): Sizes => ({
  ...ranks,
  CAUSAL: causal ? 1 : 0,
  G: group,
  ...(window === undefined ? {} : { WINDOW: window }),
});

function expectClose(actual: TensorValue, expected: readonly number[], visible?: readonly boolean[]): void {
  const shown = (i: number): boolean => visible?.[i] ?? true;
  expect([...actual.exists]).toEqual(expected.map((_, i) => (shown(i) ? 1 : 0)));
  const errors = expected.map((value, i) => (shown(i) ? Math.abs(actual.values[i]! - value) : 0));
  expect(Math.max(...errors)).toBeLessThan(1e-12);
}

/** A tensor of rows of tokens, in each dimension of the map in blocks of which the last may lack some, which do not exist. */
function expectInMap(
  { values, exists }: TensorValue,
  expected: readonly number[],
  map: readonly MapDimension[],
  blocks: readonly number[],
): void {
  const width = expected.length / map.reduce((n, [length]) => n * length, 1);
  const padded = map.map(([length], d) => Math.ceil(length / blocks[d]!) * blocks[d]!);
  expect(values).toHaveLength(padded.reduce((n, length) => n * length, width));
  const errors = Array.from(values, (value, i) => {
    let [rest, token, inner] = [Math.floor(i / width), 0, 1];
    let inside = true;
    for (const d of [2, 1, 0]) {
      const place = rest % padded[d]!;
      inside &&= place < map[d]![0];
      token += place * inner;
      inner *= map[d]![0];
      rest = Math.floor(rest / padded[d]!);
    }
    expect(exists[i]).toBe(inside ? 1 : 0);
    return inside ? Math.abs(value - expected[token * width + (i % width)]!) : 0;
  });
  expect(Math.max(...errors)).toBeLessThan(1e-12);
}

function execute(w: Workload): {
  inputs: ReadonlyMap<string, Float64Array>;
  tensors: ReadonlyMap<string, TensorValue>;
} {
  const inputs = randomInputs(w, 7);
  return { inputs, tensors: evaluateCascade(w, inputs) };
}

function checkAttention(cascade: string, shape: AttentionShape, extra: Sizes): void {
  const { inputs, tensors } = execute(bindShipped(cascade, { ...sizesOf(shape), ...extra }));
  const bias = inputs.get('BIAS');
  const sigmoid: Weighting = (scores, head) => scores.map((s) => 1 / (1 + Math.exp(-(s + bias![head]!))));
  const weigh = cascade === 'sigmoid-attention' ? sigmoid : softmax;
  const [q, k, v] = ['Q', 'K', 'V'].map((name) => inputs.get(name)!);
  const { values, visible } = attention(shape, q!, k!, v!, weigh);
  expectClose(tensors.get('AV')!, values, visible);
}

const gradientInputs = (inputs: ReadonlyMap<string, Float64Array>): Inputs => ({
  q: inputs.get('Q')!,
  k: inputs.get('K')!,
  v: inputs.get('V')!,
  dav: inputs.get('DAV')!,
});

/** What the forward pass leaves is that of plain loops. */
function checkBackward(cascade: string, shape: AttentionShape): void {
  const { causal, window, ...ranks } = shape;
  const fused = cascade === 'attention-backward';
  const { CAUSAL, WINDOW, ...sizes } = sizesOf(shape);
  const workload = bindShipped(cascade, fused ? sizesOf(shape) : sizes);
  const inputs = new Map(randomInputs(workload, 7));
  const given = gradientInputs(inputs);
  const { dq, dk, dv, l, weights, queried, seen } = attentionGradient(shape, given);
  if (fused) {
    inputs.set('L', Float64Array.from(l));
    const { values } = attention(shape, given.q, given.k, given.v, softmax);
    inputs.set('AV', Float64Array.from(values));
  } else inputs.set('A', Float64Array.from(weights));
  const tensors = evaluateCascade(workload, inputs);
  const shown = (which: readonly boolean[], width: number): readonly boolean[] | undefined =>
    fused ? which.flatMap((x) => new Array<boolean>(width).fill(x)) : undefined;
  expectClose(tensors.get('DQ')!, dq, shown(queried, ranks.E));
  expectClose(tensors.get('DK')!, dk, shown(seen, ranks.E));
  expectClose(tensors.get('DV')!, dv, shown(seen, ranks.F));
}

describe('shipped cascades', () => {
  test('each has a check in this file', () => {
    const shipped = readdirSync(folder).map((file) => file.replace('.einsum', ''));
    expect(shipped.sort()).toEqual(
      [
        ...whole,
        ...tiled,
        ...split,
        'attention-mla',
        'neighborhood-attention',
        'neighborhood-attention-backward',
        ...backward,
        'attention-3-pass-masked',
        'sliding-window-attention',
        'linear-attention-recurrent',
        'linear-attention-chunked',
        'linear-layers',
        'decoder-layers',
        'gemm',
        'batched-gemm',
        'heads-first',
        'softmax',
        'spatten',
        'spatten-layer',
        'top-k',
      ].sort(),
    );
  });

  test.each(whole)('%s equals plain loops', (cascade) => {
    for (const shape of attentionShapes) checkAttention(cascade, shape, {});
  });

  test.each([1, 3, 7, 9])('top-k keeps the largest of each row, %i of them', (K) => {
    const { inputs, tensors } = execute(bindShipped('top-k', { P: 5, M: 7, K }));
    const rows = Array.from({ length: 5 }, (_, p) => [...inputs.get('X')!.slice(7 * p, 7 * p + 7)]);
    const kept = rows.flatMap((row) => row.map((_, m) => largest(row, K).includes(m)));
    expectClose(tensors.get('T')!, rows.flat(), kept);
  });

  test('spatten-layer equals plain loops, with rows that need the low bits and rows that do not', () => {
    const sizes = { H: 4, P: 2, M: 12, E: 2, F: 3 };
    const { inputs, tensors } = execute(bindShipped('spatten-layer', { ...sizes, B: 2, KEPT: 4 }));
    const whole = { tokens: [12, 12], heads: [4, 4] };
    const layers = spattenLayers({ ...sizes, ...whole, L: 2, kept: 4, threshold: 0.1 }, inputs);
    expectClose(
      tensors.get('AV')!,
      layers.flatMap(({ results }) => results.flat().map((x) => x ?? NaN)),
    );
    expectClose(
      tensors.get('IT')!,
      layers.flatMap(({ tokens }) => tokens),
    );
    expectClose(
      tensors.get('IH')!,
      layers.flatMap(({ heads }) => heads),
    );
    const again = layers.flatMap((layer) => layer.again);
    expect([...tensors.get('G')!.exists].map((x) => x === 1)).toEqual(again);
    expect(new Set(again).size).toBe(2);
  });

  test('spatten equals plain loops, layers with fewer and fewer tokens and heads', () => {
    const sizes = { L: 4, H: 5, P: 2, M: 17, E: 2, F: 3 };
    const numbers = { TOKENS0: 17, TOKENS1: 11, TOKENS2: 6, HEADS0: 5, HEADS1: 4, HEADS2: 2 };
    const { inputs, tensors } = execute(bindShipped('spatten', { ...sizes, ...numbers, KEPT: 4 }));
    const pruned = { tokens: [17, 11, 6, 6], heads: [5, 4, 2, 2] };
    const layers = spattenLayers({ ...sizes, ...pruned, kept: 4, threshold: 0.1 }, inputs);
    const results = layers.flatMap((layer) => layer.results.flat());
    expectClose(
      tensors.get('AV')!,
      results.map((x) => x ?? 0),
      results.map((x) => x !== undefined),
    );
    const sum = (of: 'tokens' | 'heads'): readonly number[] =>
      layers[0]![of].map((_, i) => layers.reduce((total, layer) => total + layer[of][i]!, 0));
    expectClose(tensors.get('IT')!, sum('tokens'));
    expectClose(tensors.get('IH')!, sum('heads'));
    const left = (name: string): number => tensors.get(name)!.exists.reduce((n, x) => n + x, 0);
    expect([left('TK'), left('HK')]).toEqual([40, 13]);
  });

  test.each(tiled)('%s equals plain loops for any tile', (cascade) => {
    for (const shape of attentionShapes) for (const M0 of tiles) checkAttention(cascade, shape, { M0 });
  });

  test.each(windowedShapes)('attention-1-pass with a window equals plain loops for any tile: %o', (shape) => {
    for (const M0 of tiles) checkAttention('attention-1-pass', shape, { M0 });
  });

  test.each(split)('%s equals plain loops for any tile and number of parts', (cascade) => {
    // Without part of a group: there the layout [HK, G] of the queries is that of [H].
    for (const shape of attentionShapes.filter(({ H, group }) => H % group === 0))
      for (const M0 of tiles) for (const S of [1, 2, 3, 7]) checkAttention(cascade, shape, { M0, S });
  });

  test.each(maps)('neighbourhood attention equals plain loops: %o by %o by %o, tiles %o', (x, y, z, tile) => {
    const map = [x, y, z];
    const workload = bindShipped('neighborhood-attention', mapSizes(map, tile));
    // No score is above the bound.
    const inputs = new Map([...randomInputs(workload, 7), ['R', Float64Array.of(40)]]);
    const [q, k, v] = ['Q', 'K', 'V'].map((name) => inputs.get(name)!);
    const { values } = attention(mapShape(map), q!, k!, v!, softmax);
    expectInMap(evaluateCascade(workload, inputs).get('AV')!, values, map, stridesOf(map));
  });

  test.each(maps)(
    'gradients of neighbourhood attention equal plain loops: %o by %o by %o, tiles %o',
    (x, y, z, tile) => {
      const map = [x, y, z];
      const shape = mapShape(map);
      const workload = bindShipped('neighborhood-attention-backward', mapSizes(map, tile));
      const inputs = new Map(randomInputs(workload, 7));
      const given = gradientInputs(inputs);
      const { dq, dk, dv, l } = attentionGradient(shape, given);
      inputs.set('L', Float64Array.from(l));
      inputs.set('AV', Float64Array.from(attention(shape, given.q, given.k, given.v, softmax).values));
      const tensors = evaluateCascade(workload, inputs);
      expectInMap(tensors.get('DQ')!, dq, map, stridesOf(map));
      expectInMap(tensors.get('DK')!, dk, map, tile);
      expectInMap(tensors.get('DV')!, dv, map, tile);
    },
  );

  test('a sliding window equals plain loops, for any window and parts', () => {
    for (const [P, W] of [
      [1, 1],
      [5, 3],
      [4, 7],
    ] as const)
      for (const W0 of [1, 2, 3, 8]) {
        const shape = { B: 2, H: 2, P, E: 3, F: 2 };
        const { inputs, tensors } = execute(bindShipped('sliding-window-attention', { ...shape, W, W0 }));
        const [q, k, v] = ['Q', 'K', 'V'].map((name) => inputs.get(name)!);
        const sees = (query: number, key: number): boolean => key >= query && key < query + W;
        const whole = { ...shape, M: P + W - 1, causal: false, group: 1, sees };
        expectClose(tensors.get('AV')!, attention(whole, q!, k!, v!, softmax).values);
      }
  });

  test('latent attention equals plain loops, the values being columns of the keys, for any tile and number of parts', () => {
    const [R, F] = [2, 3];
    for (const { B, H, P, M, causal } of attentionShapes)
      for (const [M0, S] of [
        [1, 1],
        [3, 2],
        [4, 7],
        [16, 3],
      ] as const) {
        const w = bindShipped('attention-mla', { B, H, P, M, R, F, M0, S, CAUSAL: causal ? 1 : 0 });
        const { inputs, tensors } = execute(w);
        const [q, c] = [inputs.get('Q')!, inputs.get('C')!];
        const latent = Array.from({ length: B * M * F }, (_, i) => c[Math.floor(i / F) * (R + F) + R + (i % F)]!);
        const { values, visible } = attention({ B, H, P, M, E: R + F, F, causal, group: H }, q, c, latent, softmax);
        expectClose(tensors.get('AV')!, values, visible);
      }
  });

  test.each(backward)('%s equals plain loops', (cascade) => {
    // Without part of a group: there the layout [HK, G] of the gradient is that of [H].
    for (const shape of attentionShapes.filter(({ H, group }) => H % group === 0)) checkBackward(cascade, shape);
  });

  test('attention-backward with a window equals plain loops', () => {
    for (const shape of windowedShapes) checkBackward('attention-backward', shape);
  });

  test('plain loops of the gradients equal differences of those of the result', () => {
    for (const shape of [...attentionShapes, ...smallMaps]) {
      const workload = bindShipped('attention-backward', sizesOf(shape));
      const given = gradientInputs(randomInputs(workload, 11));
      const { dq, dk, dv } = attentionGradient(shape, given);
      for (const [name, gradient] of [
        ['q', dq],
        ['k', dk],
        ['v', dv],
      ] as const) {
        const differences = numericalGradient(shape, given, name);
        expect(Math.max(...gradient.map((x, i) => Math.abs(x - differences[i]!)))).toBeLessThan(1e-6);
      }
    }
  });

  test('masked attention equals plain loops', () => {
    for (const shape of attentionShapes.filter(({ P, M }) => P <= M)) {
      const { CAUSAL: masked, ...sizes } = sizesOf(shape);
      const workload = bindShipped('attention-3-pass-masked', sizes);
      const { M, P } = shape;
      const mask = Float64Array.from({ length: M * P }, (_, i) =>
        masked === 1 && Math.floor(i / P) > (i % P) + M - P ? -1e4 : 0,
      );
      const inputs = new Map([...randomInputs(workload, 7), ['MASK', mask]]);
      const [q, k, v] = ['Q', 'K', 'V'].map((name) => inputs.get(name)!);
      const { values } = attention(shape, q!, k!, v!, softmax);
      expectClose(evaluateCascade(workload, inputs).get('AV')!, values);
    }
  });

  test('linear attention, recurrent and chunked, equals plain loops', () => {
    for (const M of [1, 4, 7, 12])
      for (const M0 of tiles) {
        const shape = { B: 2, H: 2, M, E: 3, F: 2 };
        const recurrent = execute(bindShipped('linear-attention-recurrent', shape));
        const [q, k, v] = ['Q', 'K', 'V'].map((name) => recurrent.inputs.get(name)!);
        const expected = linearAttention(shape, q!, k!, v!);
        expectClose(recurrent.tensors.get('AV')!, expected);

        const { values, exists } = execute(bindShipped('linear-attention-chunked', { ...shape, M0 })).tensors.get(
          'AV',
        )!;
        // Chunked output is [B, H, M1, N0, F]: its rows beyond M do not exist.
        const padded = Math.ceil(M / M0) * M0;
        for (let head = 0; head < 4; head++)
          for (let m = 0; m < padded; m++)
            for (let f = 0; f < 2; f++) {
              const at = (head * padded + m) * 2 + f;
              expect(exists[at]).toBe(m < M ? 1 : 0);
              if (m < M) expect(values[at]).toBeCloseTo(expected[(head * M + m) * 2 + f]!, 12);
            }
      }
  });

  test.each([
    [1, 1, 1],
    [3, 4, 5],
    [7, 2, 9],
    [2, 8, 1],
  ])('gemm equals plain loops at %i x %i x %i', (M, N, K) => {
    const { inputs, tensors } = execute(bindShipped('gemm', { M, N, K }));
    expectClose(tensors.get('Z')!, matrixProduct(M, N, K, inputs.get('A')!, inputs.get('B')!));
  });

  test('batched products equal plain loops', () => {
    const [B, M, N, K] = [3, 4, 2, 5];
    const { inputs, tensors } = execute(bindShipped('batched-gemm', { B, M, N, K }));
    const part = (name: string, b: number, size: number) => inputs.get(name)!.slice(b * size, (b + 1) * size);
    const expected = Array.from({ length: B }, (_, b) =>
      matrixProduct(M, N, K, part('A', b, M * K), part('B', b, K * N)),
    );
    expectClose(tensors.get('Z')!, expected.flat());
  });

  test('heads-first has the rows of a head one behind the other, repeated for the heads of a group', () => {
    const [B, P, E, H] = [2, 3, 2, 5];
    for (const G of [1, 2]) {
      const { inputs, tensors } = execute(bindShipped('heads-first', { B, H, P, E, G }));
      const heads = Math.ceil(H / G);
      const expected: number[] = [];
      for (let b = 0; b < B; b++)
        for (let h = 0; h < H; h++)
          for (let p = 0; p < P; p++)
            for (let e = 0; e < E; e++)
              expected.push(inputs.get('X')![((b * P + p) * heads + Math.floor(h / G)) * E + e]!);
      expectClose(tensors.get('Y')!, expected);
    }
  });

  test('softmax equals plain loops, however large its inputs are', () => {
    const [B, H, P, M] = [2, 3, 2, 5];
    const { inputs, tensors } = execute(bindShipped('softmax', { B, H, P, M }));
    const x = [...inputs.get('X')!];
    const sumOfRow = (i: number): number => {
      const row = x.slice(Math.floor(i / M) * M, Math.floor(i / M) * M + M);
      return row.reduce((sum, v) => sum + Math.exp(v), 0);
    };
    expectClose(
      tensors.get('Y')!,
      x.map((v, i) => Math.exp(v) / sumOfRow(i)),
    );
    const far = Float64Array.from(x, (v) => v + 1e4);
    const shifted = evaluateCascade(bindShipped('softmax', { B, H, P, M }), new Map([['X', far]])).get('Y')!.values;
    expect(Math.max(...x.map((v, i) => Math.abs(shifted[i]! - Math.exp(v) / sumOfRow(i))))).toBeLessThan(1e-9);
  });

  test.each([
    { B: 1, P: 1, D: 1, H: 1, E: 1, FF: 1 },
    { B: 2, P: 3, D: 5, H: 2, E: 4, FF: 7 },
    { B: 3, P: 2, D: 8, H: 3, E: 2, FF: 4 },
  ])('linear layers equal plain loops at %o', (sizes) => {
    const { inputs, tensors } = execute(bindShipped('linear-layers', sizes));
    const [R, N] = [sizes.B * sizes.P, sizes.H * sizes.E];
    const input = (name: string): Float64Array => inputs.get(name)!;
    for (const name of ['Q', 'K', 'V'])
      expectClose(tensors.get(name)!, matrixProduct(R, N, sizes.D, input('X'), input(`W${name}`)));
    const projected = Float64Array.from(matrixProduct(R, sizes.D, N, input('AV'), input('WZ')));
    const hidden = Float64Array.from(matrixProduct(R, sizes.FF, sizes.D, projected, input('W1')));
    expectClose(tensors.get('FFN2')!, matrixProduct(R, sizes.D, sizes.FF, hidden, input('W2')));
  });
});

describe('decoder layers', () => {
  /** Rows of A [M, K] times rows of W [N, K], of layer `at` of both. */
  const layer = (M: number, N: number, K: number, a: ArrayLike<number>, w: ArrayLike<number>, at: number): number[] => {
    const z: number[] = [];
    for (let m = 0; m < M; m++)
      for (let n = 0; n < N; n++) {
        let sum = 0;
        for (let k = 0; k < K; k++) sum += a[(at * M + m) * K + k]! * w[(at * N + n) * K + k]!;
        z.push(sum);
      }
    return z;
  };

  test.each([
    { B: 1, P: 1, D: 1, H: 1, E: 1, FF: 1, L: 1, G: 1, X: 1, T: 1 },
    { B: 2, P: 2, D: 5, H: 4, E: 3, FF: 7, L: 2, G: 2, X: 1, T: 4 },
    { B: 1, P: 3, D: 4, H: 3, E: 2, FF: 5, L: 3, G: 2, X: 4, T: 2 },
  ])('equal plain loops at %o', (sizes) => {
    const { inputs, tensors } = execute(bindShipped('decoder-layers', sizes));
    const { D, FF, L, X, T, H, E, G } = sizes;
    const [R, N, NK] = [sizes.B * sizes.P, H * E, Math.ceil(H / G) * E];
    const input = (name: string): Float64Array => inputs.get(name)!;
    const each = (count: number, of: (at: number) => number[]): number[] =>
      Array.from({ length: count }, (_, at) => of(at)).flat();
    const product = (M: number, rows: number, K: number, a: string, w: string): number[] =>
      each(L, (at) => layer(M, rows, K, input(a), input(w), at));
    expectClose(tensors.get('Q')!, product(R, N, D, 'S', 'WQ'));
    expectClose(tensors.get('K')!, product(R, NK, D, 'S', 'WK'));
    expectClose(tensors.get('V')!, product(R, NK, D, 'S', 'WV'));
    expectClose(tensors.get('Z')!, product(R, D, N, 'AV', 'WZ'));
    const network = each(L * X, (at) => {
      const gate = layer(T, FF, D, input('ZN'), input('W1'), at);
      const up = layer(T, FF, D, input('ZN'), input('W3'), at);
      const hidden = gate.map((g, i) => (g / (1 + Math.exp(-g))) * up[i]!);
      return layer(T, D, FF, hidden, input('W2').slice(at * D * FF, (at + 1) * D * FF), 0);
    });
    expectClose(tensors.get('FFN')!, network);
  });
});

describe('operation counts of the shipped cascades', () => {
  const bert = { B: 64, H: 12, E: 64, F: 64, P: 2 ** 20, M: 2 ** 20 };

  test('1-pass attention counts what the Einsums of FuseMax say', () => {
    const { B, H, E, F, P, M } = bert;
    const counts = countOperations(bindShipped('attention-1-pass', bert));
    const tilesOfKeys = M / 256;
    const of = (einsum: string): unknown => Object.fromEntries(counts.get(einsum)!);
    expect(of('QK')).toEqual({ mac: B * H * P * M * E });
    expect(of('LM')).toEqual({ max: B * H * P * M });
    expect(of('RM')).toEqual({ max: B * H * P * tilesOfKeys });
    expect(of('PRM')).toEqual({ sub: B * H * P * tilesOfKeys, exp: B * H * P * tilesOfKeys });
    expect(of('SLN')).toEqual({ sub: B * H * P * M, exp: B * H * P * M });
    expect(of('SLD')).toEqual({ add: B * H * P * M });
    expect(of('SLNV')).toEqual({ mac: B * H * P * M * F });
    expect(of('SPNV')).toEqual({ mul: B * H * P * tilesOfKeys * F });
    expect(of('RNV')).toEqual({ add: B * H * P * tilesOfKeys * F });
    expect(of('AV')).toEqual({ div: B * H * P * F });
  });

  test('a million causal tokens are bound and counted', () => {
    const { B, H, E, F, P } = bert;
    const w = bindShipped('attention-1-pass', { ...bert, CAUSAL: 1 });
    expect(flops(w)).toBe(2 * B * H * ((P * (P + 1)) / 2) * (E + F));
  });

  test('deferring the division leaves one a query and feature', () => {
    const sizes = { B: 2, H: 3, P: 8, M: 12, E: 4, F: 5 };
    const divisions = (cascade: string, einsum: string): number | undefined =>
      countOperations(bindShipped(cascade, sizes)).get(einsum)!.get('div');
    expect(divisions('attention-3-pass', 'A')).toBe(2 * 3 * 8 * 12);
    expect(divisions('attention-3-pass-deferred', 'AV')).toBe(2 * 3 * 8 * 5);
  });
});
