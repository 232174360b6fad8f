import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluateCascade } from '../../src/einsum/evaluate.ts';
import { measureDensities } from '../../src/einsum/measure-densities.ts';
import { computedPoints, countOperations } from '../../src/einsum/operations.ts';
import { runs } from '../runs.ts';
import { bind, type Sizes } from './bind.ts';

type Inputs = Readonly<Record<string, readonly number[]>>;
type Elements = readonly (number | undefined)[];

const execute = (text: string, sizes: Sizes, inputs: Inputs) => {
  const w = bind(`cascade c\n${text}`, sizes);
  return evaluateCascade(w, new Map(Object.entries(inputs).map(([name, v]) => [name, Float64Array.from(v)])));
};

/** Elements of the tensors named, row-major; undefined where one does not exist. */
function run(text: string, sizes: Sizes, inputs: Inputs): (tensor: string) => Elements {
  const tensors = execute(text, sizes, inputs);
  return (tensor) => {
    const { values, exists } = tensors.get(tensor)!;
    return [...values].map((v, i) => (exists[i] === 1 ? v : undefined));
  };
}

const rowOf = (elements: Elements, width: number, row: number): Elements =>
  elements.slice(row * width, (row + 1) * width);
const present = (elements: Elements): readonly number[] => elements.flatMap((v, i) => (v === undefined ? [] : [i]));
const isSubset = (a: readonly number[], b: readonly number[]): boolean => a.every((x) => b.includes(x));

/** Few values, so that there are ties, and some that are no number. */
const withTies = fc.oneof({ arbitrary: fc.integer({ min: -2, max: 2 }), weight: 9 }, fc.constant(Number.NaN));
const list = (arbitrary: fc.Arbitrary<number>, length: number): fc.Arbitrary<number[]> =>
  fc.array(arbitrary, { minLength: length, maxLength: length });

/** An element stays if fewer than k others go before it: better ones, and equal ones of lower coordinates. */
function ranked(row: Elements, k: number, largest: boolean): Elements {
  const isBefore = (i: number, j: number): boolean => {
    const [a, b] = [row[i]!, row[j]!];
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) === Number.isNaN(b) ? i < j : Number.isNaN(b);
    return a === b ? i < j : largest ? a > b : a < b;
  };
  const offered = present(row);
  return row.map((v, j) => (v !== undefined && offered.filter((i) => isBefore(i, j)).length < k ? v : undefined));
}

describe('a ranked selection', () => {
  const rows = fc
    .record({ P: fc.integer({ min: 1, max: 3 }), M: fc.integer({ min: 1, max: 7 }) })
    .chain((s) => fc.record({ s: fc.constant(s), X: list(withTies, s.P * s.M), K: fc.nat(8), top: fc.boolean() }));

  test('keeps min(k, n) of each fibre, the best, of equal ones the first, where and as they were', () => {
    fc.assert(
      fc.property(rows, ({ s, X, K, top }) => {
        const text = `rank P, M\n input X[P, M]\n output T[P, M]\n T[p, m] = ${top ? 'top' : 'bottom'}(m, ${K}) X[p, m]`;
        const kept = run(text, s, { X })('T');
        for (let p = 0; p < s.P; p++) {
          const row = rowOf(kept, s.M, p);
          expect(present(row).length).toBe(Math.min(K, s.M));
          expect(row).toEqual(ranked(rowOf(X, s.M, p), K, top));
        }
      }),
      { numRuns: runs(300) },
    );
  });

  test('selects among what exists: of a causal row, from the part that is seen', () => {
    fc.assert(
      fc.property(rows, ({ s, X, K, top }) => {
        const text = `rank P, M\n input X[P, M]\n output T[P, M]
          S[p, m] = X[p, m] where m <= p + M - P
          T[p, m] = ${top ? 'top' : 'bottom'}(m, ${K}) S[p, m]`;
        const kept = run(text, s, { X })('T');
        for (let p = 0; p < s.P; p++) {
          const seen = rowOf(X, s.M, p).map((v, m) => (m <= p + s.M - s.P ? v : undefined));
          expect(rowOf(kept, s.M, p)).toEqual(ranked(seen, K, top));
        }
      }),
      { numRuns: runs(100) },
    );
  });

  test('along the outer rank of a tensor works as along the inner one', () => {
    const text = 'rank M, P\n input X[M, P]\n output T[M, P]\n T[m, p] = top(m, 1) X[m, p]';
    const kept = run(text, { M: 3, P: 2 }, { X: [1, 9, 5, 9, 5, 7] })('T');
    expect(kept).toEqual([undefined, 9, 5, undefined, undefined, undefined]);
  });

  test('of values leaves probabilities as they are: what is kept is not normalised again', () => {
    const text = `rank P, M, F
      param KV = 2
      input QK[M, P], V[M, F]
      output AV[P, F]
      N[m, p] = exp(QK[m, p])
      D[p] = sum(m) N[m, p]
      A[m, p] = N[m, p] / D[p]
      VK[m, p] = top(m, KV) A[m, p]
      AV[p, f] = VK[m, p] * V[m, f]`;
    const s = { P: 2, M: 5, F: 2 };
    const scores = list(fc.double({ min: -2, max: 2, noNaN: true }), s.P * s.M);
    fc.assert(
      fc.property(scores, list(fc.double({ min: -1, max: 1, noNaN: true }), s.M * s.F), (QK, V) => {
        const AV = run(text, s, { QK, V })('AV');
        for (let p = 0; p < s.P; p++) {
          const column = Array.from({ length: s.M }, (_, m) => Math.exp(QK[m * s.P + p]!));
          const all = column.reduce((a, b) => a + b);
          const kept = ranked(
            column.map((v) => v / all),
            2,
            true,
          );
          for (let f = 0; f < s.F; f++) {
            const wanted = kept.reduce<number>((sum, a, m) => sum + (a ?? 0) * V[m * s.F + f]!, 0);
            expect(AV[p * s.F + f]).toBeCloseTo(wanted, 12);
          }
        }
      }),
      { numRuns: runs(50) },
    );
  });
});

describe('cascade pruning', () => {
  const text = `rank L, M
    param K0 = 5, K1 = 3, K2 = 3
    input S[L, M]
    output Z[M]
    I[0, m] = 0
    T[l, m] = top(m, choose(l, K0, K1, K2)) I[l, m]
    I[l+1, m] = I[l, m] + S[l, m] where T[l, m]
    Z[m] = I[L, m]`;
  const s = { L: 4, M: 6 };
  const importance = list(fc.integer({ min: 0, max: 3 }), s.L * s.M);
  const counts = fc.record({ K0: fc.nat(6), K1: fc.nat(6), K2: fc.nat(6) });

  test('keeps as many in each layer as its count says', () => {
    fc.assert(
      fc.property(importance, counts, (S, k) => {
        const T = run(text, { ...s, ...k }, { S })('T');
        for (let l = 0; l < s.L; l++) expect(present(rowOf(T, s.M, l)).length).toBe([k.K0, k.K1, k.K2, k.K2][l]);
      }),
      { numRuns: runs(50) },
    );
  });

  test('decides by earlier layers alone', () => {
    fc.assert(
      fc.property(importance, importance, counts, fc.nat(s.L - 1), (S, other, k, layer) => {
        const changed = S.map((v, i) => (i < layer * s.M ? v : other[i]!));
        const [before, after] = [S, changed].map((x) => run(text, { ...s, ...k }, { S: x })('T'));
        for (let l = 0; l <= layer; l++) expect(rowOf(after!, s.M, l)).toEqual(rowOf(before!, s.M, l));
      }),
      { numRuns: runs(100) },
    );
  });

  test('leaves what is pruned the importance that it has', () => {
    fc.assert(
      fc.property(importance, counts, (S, k) => {
        const read = run(text, { ...s, ...k }, { S });
        for (let l = 0; l < s.L; l++) {
          const [T, I, next] = [rowOf(read('T'), s.M, l), rowOf(read('I'), s.M, l), rowOf(read('I'), s.M, l + 1)];
          expect(next).toEqual(I.map((v, m) => (T[m] === undefined ? v : v! + S[l * s.M + m]!)));
        }
      }),
      { numRuns: runs(50) },
    );
  });

  test('is nested where counts do not grow and importance is not negative', () => {
    fc.assert(
      fc.property(importance, list(fc.nat(6), 3), (S, some) => {
        const [K0, K1, K2] = some.toSorted((a, b) => b - a);
        const T = run(text, { ...s, K0: K0!, K1: K1!, K2: K2! }, { S })('T');
        for (let l = 1; l < s.L; l++)
          expect(isSubset(present(rowOf(T, s.M, l)), present(rowOf(T, s.M, l - 1)))).toBe(true);
      }),
      { numRuns: runs(100) },
    );
  });
});

describe('a gate', () => {
  const values = list(fc.oneof(fc.constantFrom(0.5, Number.NaN), fc.double({ min: 0, max: 1, noNaN: true })), 6);

  test('lets through what is beyond its number, not the number itself, and nothing that is no number', () => {
    const text = 'rank M\n input X[M]\n output A[M], B[M]\n A[m] = above(0.5) X[m]\n B[m] = below(0.5) X[m]';
    fc.assert(
      fc.property(values, (X) => {
        const read = run(text, { M: 6 }, { X });
        expect(read('A')).toEqual(X.map((v) => (v > 0.5 ? v : undefined)));
        expect(read('B')).toEqual(X.map((v) => (v < 0.5 ? v : undefined)));
      }),
      { numRuns: runs(100) },
    );
  });

  test('and its opposite share all between them, and the first of two replaces the second', () => {
    const text = `rank P, M
      input G0[P], X[P, M], Y[P, M]
      output A[P, M], B[P, M], Z[P, M]
      G[p] = below(0.5) G0[p]
      A[p, m] = X[p, m] where G[p]
      B[p, m] = Y[p, m] where not G[p]
      N[p, m] = 2 * A[p, m]
      Z[p, m] = first(N[p, m], Y[p, m])`;
    const s = { P: 6, M: 2 };
    const matrix = list(fc.integer({ min: -5, max: 5 }), s.P * s.M);
    fc.assert(
      fc.property(values, matrix, matrix, (G0, X, Y) => {
        const read = run(text, s, { G0, X, Y });
        const isOpen = (i: number): boolean => G0[Math.floor(i / s.M)]! < 0.5;
        expect(read('A')).toEqual(X.map((v, i) => (isOpen(i) ? v : undefined)));
        expect(read('B')).toEqual(Y.map((v, i) => (isOpen(i) ? undefined : v)));
        expect(read('Z')).toEqual(Y.map((v, i) => (isOpen(i) ? 2 * X[i]! : v)));
      }),
      { numRuns: runs(100) },
    );
  });

  test('is expected to leave what it left, where its density is that of the values', () => {
    const text = `rank P, M, E
      input X[P], Q[P, E], K[M, E], S[P, M]
      output A[P, M], C[P, M]
      G[p] = below(0.5) X[p]
      R[p, m] = Q[p, e] * K[m, e] where G[p]
      N[p, m] = exp(R[p, m])
      D[p] = sum(m) N[p, m]
      B[p, m] = N[p, m] / D[p]
      A[p, m] = first(B[p, m], S[p, m])
      C[p, m] = S[p, m] where not G[p]`;
    const s = { P: 6, M: 3, E: 2 };
    const zeros = (n: number): readonly number[] => Array.from({ length: n }, () => 0);
    fc.assert(
      fc.property(values, (X) => {
        const tensors = execute(text, s, { X, Q: zeros(12), K: zeros(6), S: zeros(18) });
        const share = measureDensities(bind(`cascade c\n${text}`, s), tensors, 'test').get('G')!.share;
        const w = bind(`cascade c\n${text}`, s, undefined, { G: share });
        const open = X.filter((x) => x < 0.5).length;
        const counts = countOperations(w);
        const count = (einsum: string, operator: string): number => counts.get(einsum)!.get(operator)!;
        expect(count('G', 'below')).toBe(s.P);
        expect(count('R', 'mac')).toBeCloseTo(open * s.M * s.E, 9);
        expect(count('D', 'add')).toBeCloseTo(open * s.M, 9);
        expect(count('B', 'div')).toBeCloseTo(open * s.M, 9);
        expect(count('A', 'first')).toBe(s.P * s.M);
        // In order: B where the gate is open, S elsewhere.
        const [merge, complement] = ['A', 'C'].map((name) => w.einsums.find((e) => e.name === name)!);
        expect(merge!.readShares.map((r) => r * s.P)).toEqual([open, s.P - open].map((n) => expect.closeTo(n, 9)));
        expect(computedPoints(w, complement!) * complement!.density).toBeCloseTo((s.P - open) * s.M, 9);
      }),
      { numRuns: runs(50) },
    );
  });
});

describe('first', () => {
  test('is where either is, and reads the second where the first is not', () => {
    const text = `rank M
      input X[M], Y[M]
      output Z[M], W[M]
      A[m] = X[m] where m < 2
      B[m] = Y[m] where m > 3
      Z[m] = first(A[m], B[m])
      T[m] = top(m, 2) X[m]
      W[m] = first(T[m], Y[m])`;
    const inputs = { X: [9, 8, 0, 0, 0, 30], Y: [1, 2, 3, 4, 5, 6] };
    const read = run(text, { M: 6 }, inputs);
    expect(read('Z')).toEqual([9, 8, undefined, undefined, 5, 6]);
    expect(read('W')).toEqual([9, 2, 3, 4, 5, 30]);
    const { einsums } = bind(`cascade c\n${text}`, { M: 6 });
    const shares = (name: string): readonly number[] => einsums.find((e) => e.name === name)!.readShares;
    expect(shares('Z')).toEqual([2 / 4, 2 / 4]);
    expect(shares('W')).toEqual([2 / 6, expect.closeTo(4 / 6, 12)]);
  });
});
