import { describe, expect, test } from 'vitest';
import { analyzePasses, type RankPasses } from '../../src/einsum/passes.ts';
import { bind, bindShipped, type Sizes } from './bind.ts';

const sizes = { B: 2, H: 3, P: 40, M: 60, E: 4, F: 5 };

function over(rank: string, cascade: string, bound: Sizes): RankPasses {
  const found = analyzePasses(bindShipped(cascade, bound)).find((r) => r.rank === rank);
  if (found === undefined) throw new Error(`${cascade} does not run over ${rank}`);
  return found;
}

const live = (passes: RankPasses): unknown =>
  passes.tensors
    .filter((t) => t.liveAfter.length > 0)
    .map((t) => [t.tensor, t.liveAfter, t.elements, t.bytes, t.outer.join()]);

describe('passes over the keys', () => {
  test('3-pass attention needs three, because of the maximum and of the denominator', () => {
    const found = over('M', 'attention-3-pass', sizes);
    expect(found.passes).toBe(3);
    expect(found.chain).toEqual(['QK', 'GM', 'SN', 'SD', 'A']);
    expect([...found.einsums]).toEqual([
      ['QK', 1],
      ['GM', 1],
      ['SN', 2],
      ['SD', 2],
      ['A', 3],
      ['AV', 3],
    ]);
    expect(live(found)).toEqual([
      ['QK', [1], 60, 120, 'B,H,P'],
      ['SN', [2], 60, 120, 'B,H,P'],
    ]);
    expect(found.tensors.map((t) => [t.tensor, t.passes])).toEqual([
      ['K', [1]],
      ['V', [3]],
      ['QK', [1, 2]],
      ['SN', [2, 3]],
      ['A', [3]],
    ]);
  });

  test('each Einsum runs in one, before the first, or after the last', () => {
    const runs = (cascade: string, bound: Sizes): unknown =>
      [...over('M', cascade, bound).runsIn].map((e) => e.join(' '));
    expect(runs('attention-3-pass', sizes)).toEqual(['QK 1', 'GM 1', 'SN 2', 'SD 2', 'A 3', 'AV 3']);
    // The correction of a tile is no traversal, and waits for the maximum of all.
    expect(runs('attention-2-pass', { ...sizes, M0: 16 })).toContain('PLM 2');
    const onePass = runs('attention-1-pass', { ...sizes, M0: 16 });
    expect(onePass).toEqual(expect.arrayContaining(['RM 1', 'SLN 1', 'RNV 1', 'AV 2']));
    // Heads are chosen by what the layer before found.
    expect(runs('spatten', { H: 2, P: 3, M: 20, E: 4, F: 4 })).toEqual(
      expect.arrayContaining(['TK 1', 'HK 0', 'S0 2', 'CH 7']),
    );
  });

  test('with the division deferred it needs two', () => {
    const found = over('M', 'attention-3-pass-deferred', sizes);
    expect(found.passes).toBe(2);
    expect(found.chain).toEqual(['QK', 'GM', 'SN']);
    expect(live(found)).toEqual([['QK', [1], 60, 120, 'B,H,P']]);
  });

  test('2-pass attention needs two: the correction by the maximum of all tiles', () => {
    const found = over('M', 'attention-2-pass', { ...sizes, M0: 16 });
    expect(found.traversedBy).toEqual([['m1', 'm0']]);
    expect(found.passes).toBe(2);
    expect(found.chain).toEqual(['QK', 'LM', 'GM', 'PLM', 'SN']);
    // One value a tile of LM and SLD, one value a key of SLN.
    expect(live(found)).toEqual([
      ['LM', [1], 4, 8, 'B,H,P'],
      ['SLN', [1], 60, 120, 'B,H,P'],
      ['SLD', [1], 4, 8, 'B,H,P'],
    ]);
    expect(over('M', 'attention-2-pass-deferred', { ...sizes, M0: 16 }).passes).toBe(2);
  });

  test.each(['attention-1-pass', 'attention-1-pass-eager'])('%s needs one, and keeps a state instead', (cascade) => {
    const found = over('M', cascade, { ...sizes, M0: 16, CAUSAL: 1, P: 60 });
    expect(found.passes).toBe(1);
    expect(found.chain).toEqual([]);
    expect(live(found)).toEqual([]);
    expect(found.state.outer).toEqual(['B', 'H', 'P']);
    expect(found.state.elements).toBe(1 + 1 + sizes.F);
    expect(found.state.bytes).toBe(2 * (1 + 1 + sizes.F));
  });

  test('split attention needs one, and keeps the results of all parts until they are merged', () => {
    const found = over('M', 'attention-split-kv', { ...sizes, M0: 4, S: 5 });
    expect(found.traversedBy).toEqual([['s', 'm1', 'm0']]);
    expect(found.passes).toBe(1);
    expect(live(found)).toEqual([
      ['RM', [1], 5, 20, 'B,H,P'],
      ['RD', [1], 5, 20, 'B,H,P'],
      ['RNV', [1], 5, 20, 'B,H,P,F'],
    ]);
  });

  test('so does stream-K, whose shares do not begin where a head does', () => {
    const found = over('M', 'attention-stream-k', { ...sizes, M0: 4, S: 5 });
    expect(found.traversedBy).toEqual([['s', 'n', 'm0']]);
    expect(found.passes).toBe(1);
    expect(live(found)).toEqual([
      ['RM', [1], 5, 20, 'B,HK,G,P'],
      ['RD', [1], 5, 20, 'B,HK,G,P'],
      ['RNV', [1], 5, 20, 'B,HK,G,P,F'],
    ]);
  });

  test('sigmoid and linear attention need one', () => {
    expect(over('M', 'sigmoid-attention', sizes).passes).toBe(1);
    const { P: _, ...linear } = sizes;
    expect(over('M', 'linear-attention-recurrent', linear).passes).toBe(1);
    expect(over('M', 'linear-attention-recurrent', linear).state).toEqual({
      tensors: ['S'],
      outer: ['B', 'H', 'E', 'F'],
      elements: 1,
      bytes: 2,
    });
    const chunked = over('M', 'linear-attention-chunked', { ...linear, M0: 8 });
    expect(chunked.passes).toBe(1);
    expect(chunked.traversedBy).toEqual([
      ['m1', 'n0'],
      ['m1', 'm0'],
    ]);
  });

  test('no other rank of attention is traversed twice', () => {
    for (const cascade of ['attention-3-pass', 'attention-1-pass'])
      for (const { rank, passes } of analyzePasses(bindShipped(cascade, sizes)))
        expect([rank, passes]).toEqual([rank, rank === 'M' && cascade === 'attention-3-pass' ? 3 : 1]);
  });
});

describe('passes of selections', () => {
  const softmax = `cascade c
    rank P, M, E
    rank F = E
    input Q[P, E], K[M, E], V[M, F] : fp16
    output AV[P, F]
    QK[m, p] = Q[p, e] * K[m, e]
    GM[p] = max(m) QK[m, p]
    SN[m, p] = exp(QK[m, p] - GM[p])
    SD[p] = sum(m) SN[m, p]
    A[m, p] = SN[m, p] / SD[p]
  `;
  const passesOver = (text: string, rank = 'M'): RankPasses =>
    analyzePasses(bind(softmax + text, { P: 5, M: 12, E: 4 })).find((r) => r.rank === rank)!;

  test('what is kept of a row is known after all of the row: the product with V comes a pass later', () => {
    const found = passesOver('VK[m, p] = top(m, 3) A[m, p]\n AV[p, f] = VK[m, p] * V[m, f]');
    expect(found.passes).toBe(4);
    expect(found.chain).toEqual(['QK', 'GM', 'SN', 'SD', 'A', 'VK', 'AV']);
    expect([...found.einsums].slice(-3)).toEqual([
      ['A', 3],
      ['VK', 3],
      ['AV', 4],
    ]);
    // Between the passes three elements of a row are all that must be kept; its probabilities are through.
    expect(live(found)).toEqual([
      ['QK', [1], 12, 24, 'P'],
      ['SN', [2], 12, 24, 'P'],
      ['VK', [3], 3, 6, 'P'],
    ]);
  });

  test('a gate looks at each element alone and forces none; at a maximum of the row it does', () => {
    expect(passesOver('VK[m, p] = above(0.1) A[m, p]\n AV[p, f] = VK[m, p] * V[m, f]').passes).toBe(3);
    const late = passesOver(
      'PM[p] = max(m) A[m, p]\n G[p] = above(0.1) PM[p]\n AV[p, f] = A[m, p] * V[m, f] where G[p]',
    );
    expect(late.passes).toBe(4);
    expect(late.chain.slice(-4)).toEqual(['A', 'PM', 'G', 'AV']);
  });

  test('a selection along another rank forces a pass over that one', () => {
    const text = 'VK[m, p] = top(p, 3) A[m, p]\n AV[p, f] = VK[m, p] * V[m, f]';
    expect([passesOver(text).passes, passesOver(text, 'P').passes]).toEqual([3, 2]);
  });
});

describe('passes of other cascades', () => {
  test('gemm runs over each rank once', () => {
    const found = analyzePasses(bindShipped('gemm', { M: 3, N: 4, K: 5 }));
    expect(found.map((r) => [r.rank, r.passes])).toEqual([
      ['M', 1],
      ['N', 1],
      ['K', 1],
    ]);
  });

  test('a convolution index is no partition of its rank', () => {
    const text = 'cascade c\n rank P, W, X\n input A[X], B[W]\n output Z[P]\n Z[p] = A[p + w] * B[w]';
    const found = analyzePasses(bind(text, { P: 6, W: 3, X: 8 }));
    expect(found.map((r) => [r.rank, r.traversedBy])).toEqual([
      ['P', [['p']]],
      ['W', [['w']]],
    ]);
  });

  test('layer normalisation needs three passes: mean, variance, result', () => {
    const text = `cascade layer-norm
      rank P, D
      input X[P, D] : fp32
      output Z[P, D]
      S[p] = X[p, d]
      C[p, d] = X[p, d] - S[p]
      V[p] = C[p, d] * C[p, d]
      Z[p, d] = C[p, d] * rsqrt(V[p])`;
    const found = analyzePasses(bind(text, { P: 2, D: 8 })).find((r) => r.rank === 'D')!;
    expect(found.passes).toBe(3);
    expect(found.chain).toEqual(['S', 'C', 'V', 'Z']);
    expect(found.tensors.map((t) => [t.tensor, t.passes, t.liveAfter])).toEqual([
      ['X', [1, 2], [1]],
      ['C', [2, 3], [2]],
    ]);
  });

  test('an iteration that reads a complete reduction of the one before traverses again each time', () => {
    const text = `cascade power-iteration
      rank T, N, K = N
      input A[N, K] : fp32
      output Z[N]
      Y[t, n] = A[n, k] * X[t, k]
      S[t] = Y[t, n] * Y[t, n]
      X[0, n] = 1
      X[t+1, n] = Y[t, n] * rsqrt(S[t])
      Z[n] = X[T, n]`;
    const found = analyzePasses(bind(text, { T: 3, N: 4 })).find((r) => r.rank === 'N')!;
    expect(found.passes).toBe(2);
    expect(found.repeatedAlong).toEqual(['t']);
  });
});
