import { describe, expect, test } from 'vitest';
import { fitLinear } from '../../src/validate/least-deviations.ts';

const wide = { least: [-10], most: [10] };
/** Expected at 0, so loosely that it hardly counts. */
const loose = [{ step: 0, spread: 1e3 }];

describe('least absolute deviations', () => {
  test('of one unknown that shifts all, the median counts and an outlier does not', () => {
    const residuals = [-1, -1.2, -0.9, -1.05, 7];
    const [x] = fitLinear({ residuals, slopes: residuals.map(() => new Map([[0, 1]])), expected: loose, ...wide });
    expect(x).toBeCloseTo(1, 1);
  });

  test('two unknowns that are told apart by what depends on them', () => {
    // r = 3 - x, r = 5 - x - y, r = 2 - y: the sum is least, 0, at x = 3, y = 2.
    const slopes = [
      new Map([[0, -1]]),
      new Map([
        [0, -1],
        [1, -1],
      ]),
      new Map([[1, -1]]),
    ];
    const [x, y] = fitLinear({
      residuals: [3, 5, 2],
      slopes,
      expected: [...loose, ...loose],
      least: [-10, -10],
      most: [10, 10],
    });
    expect(x).toBeCloseTo(3, 2);
    expect(y).toBeCloseTo(2, 2);
  });

  test('bounds hold, and what nothing depends on is where it is expected', () => {
    const [x, y] = fitLinear({
      residuals: [3],
      slopes: [new Map([[0, -1]])],
      expected: [...loose, { step: 0.5, spread: 0.1 }],
      least: [-1, -1],
      most: [1, 1],
    });
    expect(x).toBe(1);
    expect(y).toBeCloseTo(0.5, 6);
  });
});
