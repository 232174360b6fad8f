import fc from 'fast-check';
import { expect, test } from 'vitest';
import { effectOf, type Sample } from '../../src/sweep/elasticity.ts';
import { stepped, wholeBeyond } from '../../src/sweep/step.ts';

const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
const share = fc.double({ min: 0.001, max: 0.3, noNaN: true });

/** The effect of a parameter that is moved by a share each way. */
function effect(figure: (x: number) => number, base: number, step: number) {
  const at = (parameter: number): Sample => ({ parameter, figure: figure(parameter) });
  return effectOf(at(base), at(base * (1 - step)), at(base * (1 + step)));
}

test('a power of a parameter has its exponent as elasticity, however far the step', () => {
  fc.assert(
    fc.property(positive, positive, share, fc.double({ min: -4, max: 4, noNaN: true }), (factor, base, step, power) => {
      const { elasticity, lower, higher, isKink } = effect((x) => factor * x ** power, base, step);
      expect(elasticity).toBeCloseTo(power, 6);
      expect(lower!.elasticity).toBeCloseTo(power, 6);
      expect(higher!.change).toBeCloseTo((1 + step) ** power - 1, 9);
      expect(isKink).toBe(false);
    }),
  );
});

test('what does not depend on a parameter has elasticity 0, be it 0 or infinite', () => {
  for (const value of [5, 0, -3, Number.POSITIVE_INFINITY])
    expect(effect(() => value, 100, 0.05)).toEqual({
      elasticity: 0,
      isKink: false,
      lower: { change: 0, elasticity: 0 },
      higher: { change: 0, elasticity: 0 },
    });
});

test('what has no logarithm has no elasticity', () => {
  expect(effect((x) => x - 100, 100, 0.05).elasticity).toBeUndefined();
  expect(effect((x) => x - 100, 100, 0.05).higher!.change).toBeUndefined();
  expect(effect((x) => (x > 100 ? Number.NaN : 1), 100, 0.05).elasticity).toBeUndefined();
});

test('a sum of powers is smooth, and its elasticity right to second order', () => {
  const exponent = fc.double({ min: -1, max: 1, noNaN: true });
  const terms = fc.array(fc.tuple(fc.double({ min: 0.01, max: 100, noNaN: true }), exponent), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(terms, share, (sum, step) => {
      const { elasticity, isKink } = effect((x) => sum.reduce((s, [a, k]) => s + a * x ** k, 0), 1, step);
      const exact = sum.reduce((s, [a, k]) => s + a * k, 0) / sum.reduce((s, [a]) => s + a, 0);
      expect(Math.abs(elasticity! - exact)).toBeLessThan(step ** 2 + 1e-9);
      expect(isKink).toBe(false);
    }),
  );
});

test('a ceiling is a kink, and so is an optimum with two steep sides', () => {
  const roof = (x: number): number => Math.max(1, 100 / x);
  expect(effect(roof, 100, 0.05)).toMatchObject({ isKink: true, higher: { elasticity: 0, change: 0 } });
  expect(effect(roof, 100, 0.05).lower!.elasticity).toBeCloseTo(-1, 9);
  expect(effect(roof, 100, 0.05).elasticity).toBeCloseTo(Math.log(0.95) / Math.log(1.05 / 0.95), 9);
  expect(effect(roof, 120, 0.05)).toMatchObject({ isKink: false, elasticity: 0 });
  expect(effect((x) => Math.max(x, 1 / x), 1, 0.5).isKink).toBe(true);
});

test('of one side its own difference is taken', () => {
  const [base, higher] = [
    { parameter: 4, figure: 10 },
    { parameter: 8, figure: 5 },
  ];
  expect(effectOf(base, undefined, higher)).toEqual({
    lower: undefined,
    higher: { change: -0.5, elasticity: -1 },
    elasticity: -1,
    isKink: false,
  });
  expect(effectOf(base, undefined, undefined).elasticity).toBeUndefined();
});

test('a step is a share of the value, or leads to the next values of the axis', () => {
  const axis = [1, 2, 4, 8];
  expect(stepped(4, 'higher', { kind: 'share', share: 0.25 }, axis)).toEqual({ value: 5 });
  expect(stepped(4, 'higher', { kind: 'axis', otherwise: 0.25 }, axis)).toEqual({ value: 8 });
  expect(stepped(3, 'lower', { kind: 'axis', otherwise: 0.25 }, axis)).toEqual({ value: 2 });
  expect(stepped(4, 'lower', { kind: 'axis', otherwise: 0.25 }, [])).toEqual({ value: 3 });
  expect(stepped(8, 'higher', { kind: 'axis', otherwise: 0.25 }, axis).reason).toBe('the axis has no higher value');
  expect(stepped(1, 'lower', { kind: 'axis', otherwise: 0.25 }, [0, 1]).reason).toContain('no logarithm');
  expect(stepped(0, 'higher', { kind: 'share', share: 0.25 }, axis).reason).toContain('no logarithm');
});

test('a whole number moves to another one, by 1 at least', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), share, fc.constantFrom('lower', 'higher'), (base, step, way) => {
      const { value } = stepped(base, way, { kind: 'share', share: step }, []);
      const whole = wholeBeyond(base, value!) ?? value!;
      if (way === 'lower' && base === 1) expect(whole).toBe(value);
      else if (whole !== value) expect(Math.abs(whole - base)).toBeGreaterThanOrEqual(1);
      expect(Math.abs(whole - value!)).toBeLessThan(1);
    }),
  );
});
