import { describe, expect, test } from 'vitest';
import { countingCost, countPoints, isEmpty, wholeBox } from '../../src/einsum/domain.ts';
import type { Constraint, Domain } from '../../src/einsum/workload.ts';

/** `of(0, [1, -1])` is x0 - x1 + 0 >= 0. */
const of = (offset: number, coefficients: readonly number[]): Constraint => ({
  terms: coefficients.flatMap((coefficient, variable) => (coefficient === 0 ? [] : [{ variable, coefficient }])),
  offset,
});

const million = 2 ** 20;

describe('counting in closed form', () => {
  test('a sliding window of a million queries', () => {
    // p - W < m <= p: W keys a query, fewer for the first W - 1.
    const width = 4096;
    const band: Domain = [[of(0, [1, -1]), of(width - 1, [-1, 1])]];
    expect(countPoints(band, [0, 1], wholeBox([million, million]))).toBe(width * million - (width * (width - 1)) / 2);
  });

  test('a band along a slope', () => {
    // 3y <= 2x: sum of floor(2x / 3) + 1.
    const size = 3 * 1000;
    let expected = 0;
    for (let x = 0; x < size; x++) expected += Math.min(size, Math.floor((2 * x) / 3) + 1);
    expect(countPoints([[of(0, [2, -3])]], [0, 1], wholeBox([size, size]))).toBe(expected);
  });

  test('free variables multiply, rounded once beyond 2^53', () => {
    const sizes = [3 * million, 5 * million, 7 * million];
    expect(countPoints([[]], [0, 1, 2], wholeBox(sizes))).toBe(Number(105n * BigInt(million) ** 3n));
    expect(countPoints([[]], [0], wholeBox(sizes))).toBe(3 * million);
    expect(countPoints([], [0, 1, 2], wholeBox(sizes))).toBe(0);
  });

  test('an extent of nothing is nothing, wherever it is', () => {
    const box = { lo: [0, 4], hi: [9, 4] };
    expect(countPoints([[]], [0, 1], box)).toBe(0);
    expect(isEmpty([[]], [0, 1], box)).toBe(true);
    expect(isEmpty([[]], [0], box)).toBe(false);
  });

  test('tells beforehand how long a count of three coupled variables takes', () => {
    const sum: Domain = [[of(100, [-1, -1, -1])]];
    expect(countingCost(sum, [0, 1, 2], wholeBox([50, 1000, 1000]))).toBe(50);
    expect(countPoints(sum, [0, 1, 2], wholeBox([50, 1000, 1000]))).toBe(
      Array.from({ length: 50 }, (_, x) => ((101 - x) * (102 - x)) / 2).reduce((a, b) => a + b),
    );
    // A tile pair is one coordinate, so nothing is looped over.
    expect(countingCost([[of(0, [-256, -1, 1])]], [0, 1, 2], wholeBox([4096, 256, million]))).toBe(1);
  });

  test('decides on tiles of a causal mask at its corner', () => {
    const causal: Domain = [[of(0, [-256, -1, 1])]];
    const tile = (m1: number, p: number): { lo: number[]; hi: number[] } => ({
      lo: [m1, 0, p],
      hi: [m1 + 1, 256, p + 128],
    });
    expect(isEmpty(causal, [0, 1, 2], tile(3, 3 * 256 - 128))).toBe(true);
    expect(isEmpty(causal, [0, 1, 2], tile(3, 3 * 256 - 127))).toBe(false);
    expect(countPoints(causal, [0, 1, 2], tile(3, 3 * 256 - 127))).toBe(1);
  });
});
