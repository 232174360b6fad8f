import { describe, expect, test } from 'vitest';
import { arithmeticIntensity, compulsoryTraffic } from '../../src/einsum/compulsory.ts';
import { countOperations, flops, totalOperations } from '../../src/einsum/operations.ts';
import { bind, bindShipped } from './bind.ts';

const counts = (text: string, sizes: Record<string, number>, einsum: string): unknown =>
  Object.fromEntries(countOperations(bind(text, sizes)).get(einsum)!);

describe('operations', () => {
  const declare = `cascade c
    rank M, N, K
    input A[M, K], B[K, N], C[M] : fp16
    output Z[M, N]
  `;

  test('a summed product of two accesses is one mac a point', () => {
    expect(counts(`${declare} Z[m, n] = A[m, k] * B[k, n]`, { M: 2, N: 3, K: 5 }, 'Z')).toEqual({ mac: 30 });
  });

  test('anything else counts its operators as written, and one reduction a point', () => {
    const sizes = { M: 2, N: 3, K: 5 };
    expect(counts(`${declare} Z[m, n] = A[m, k] * B[k, n] * C[m]`, sizes, 'Z')).toEqual({ mul: 60, add: 30 });
    expect(counts(`${declare} Z[m, n] = max(k) A[m, k] * B[k, n]`, sizes, 'Z')).toEqual({ mul: 30, max: 30 });
    expect(counts(`${declare} Z[m, n] = 2 * exp(A[m, k] - B[k, n])`, sizes, 'Z')).toEqual({
      sub: 30,
      exp: 30,
      mul: 30,
      add: 30,
    });
  });

  test('a product that is not summed is a multiplication, and no flop of a tensor product', () => {
    const text = `cascade c
      rank M, N
      input A[M], B[N] : fp16
      output Z[M, N]
      Z[m, n] = A[m] * B[n]`;
    expect(counts(text, { M: 2, N: 3 }, 'Z')).toEqual({ mul: 6 });
    expect(flops(bind(text, { M: 2, N: 3 }))).toBe(0);
  });

  test('a copy does nothing', () => {
    expect(counts('cascade c\n rank M\n input A[M]\n output Z[M]\n Z[m] = A[m]', { M: 4 }, 'Z')).toEqual({});
  });

  test('totals add up by operator', () => {
    const w = bindShipped('attention-3-pass', { B: 1, H: 2, P: 3, M: 4, E: 5, F: 6 });
    expect(Object.fromEntries(totalOperations(w))).toEqual({
      mac: 2 * 3 * 4 * (5 + 6),
      max: 24,
      sub: 24,
      exp: 24,
      add: 24,
      div: 24,
    });
    expect(flops(w)).toBe(2 * 2 * 3 * 4 * 11);
  });
});

describe('compulsory traffic', () => {
  const sizes = { B: 2, H: 4, P: 6, M: 10, E: 3, F: 5 };

  test('is inputs and output once', () => {
    const { tensors, bytes } = compulsoryTraffic(bindShipped('attention-1-pass', { ...sizes, M0: 4, G: 2 }));
    expect(Object.fromEntries([...tensors].map(([name, t]) => [name, t.elements]))).toEqual({
      Q: 2 * 4 * 6 * 3,
      K: 2 * 2 * 10 * 3,
      V: 2 * 2 * 10 * 5,
      AV: 2 * 4 * 6 * 5,
    });
    expect(bytes).toBe(2 * (144 + 120 + 200 + 240));
  });

  test('leaves out what a mask never touches', () => {
    // Of 10 queries and 6 keys the first 4 queries see no key, so neither they nor their outputs move.
    const { tensors } = compulsoryTraffic(bindShipped('attention-3-pass', { ...sizes, P: 10, M: 6, CAUSAL: 1 }));
    expect(tensors.get('Q')!.elements).toBe(2 * 4 * 6 * 3);
    expect(tensors.get('AV')!.elements).toBe(2 * 4 * 6 * 5);
    expect(tensors.get('K')!.elements).toBe(2 * 4 * 6 * 3);
  });

  test('counts an element that two accesses read once', () => {
    const text = `cascade c
      rank P, W, X
      input A[X], B[W] : fp32
      output Z[P]
      Z[p] = A[p + w] * B[w] where p < 3`;
    const { tensors } = compulsoryTraffic(bind(text, { P: 8, W: 4, X: 20 }));
    expect(tensors.get('A')!).toEqual({ elements: 6, bytes: 24 });
    expect(tensors.get('Z')!.elements).toBe(3);
  });

  test('gives the intensity of a matrix product', () => {
    const n = 64;
    expect(arithmeticIntensity(bindShipped('gemm', { M: n, N: n, K: n }))).toBeCloseTo(
      (2 * n ** 3) / (3 * n * n * 2),
      12,
    );
  });
});
