import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { numberFormats, roundingTo } from '../../src/einsum/number-format.ts';
import { runs } from '../runs.ts';

/** The number that a code of a format stands for; written apart from the code that rounds. */
type Decode = (code: number) => number;

/** Sign, exponent and fraction as IEEE 754 has them, without its infinities and NaNs. */
const binary =
  (exponentBits: number, fractionBits: number): Decode =>
  (code) => {
    const sign = code >> (exponentBits + fractionBits) === 0 ? 1 : -1;
    const exponent = (code >> fractionBits) % 2 ** exponentBits;
    const fraction = (code % 2 ** fractionBits) / 2 ** fractionBits;
    const bias = 2 ** (exponentBits - 1) - 1;
    return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
  };

const words = new DataView(new ArrayBuffer(4));

/** bf16 is the upper half of fp32, which JavaScript can decode. */
const upperHalf: Decode = (code) => {
  words.setUint16(0, code);
  words.setUint16(2, 0);
  return words.getFloat32(0);
};

type Case = {
  readonly format: string;
  readonly decode: Decode;
  /** Code of the largest number; the codes above are infinities and NaNs. */
  readonly largest: number;
  readonly signBit: number;
  readonly saturates: boolean;
};

// The largest codes are those of the standards: e4m3 has only its last code for NaN, the others all of the last exponent.
const cases: readonly Case[] = [
  { format: 'fp16', decode: binary(5, 10), largest: 0x7bff, signBit: 0x8000, saturates: false },
  { format: 'bf16', decode: upperHalf, largest: 0x7f7f, signBit: 0x8000, saturates: false },
  { format: 'fp8_e4m3', decode: binary(4, 3), largest: 0x7e, signBit: 0x80, saturates: true },
  { format: 'fp8', decode: binary(4, 3), largest: 0x7e, signBit: 0x80, saturates: true },
  { format: 'fp8_e5m2', decode: binary(5, 2), largest: 0x7b, signBit: 0x80, saturates: true },
];

/** A number that is a little larger or smaller, by one part in 2^52. */
const above = (value: number): number => value * (1 + 2 ** -52);
const below = (value: number): number => value * (1 - 2 ** -52);

describe.each(cases)('$format', ({ format, decode, largest, signBit, saturates }) => {
  const round = roundingTo(format);
  const overflow = saturates ? decode(largest) : Number.POSITIVE_INFINITY;

  test('has its largest number where the standard says', () => {
    const expected = { fp16: 65504, bf16: 3.3895313892515355e38, fp8_e4m3: 448, fp8: 448, fp8_e5m2: 57344 };
    expect(decode(largest)).toBe(expected[format as keyof typeof expected]);
  });

  test('every number that has a code stays', () => {
    for (let code = 0; code <= largest; code++)
      for (const value of [decode(code), decode(code + signBit)])
        if (!Object.is(round(value), value)) expect(round(value), `code ${code}`).toBe(value);
  });

  test('what lies between two numbers goes to the nearer one, and from the middle to the even one', () => {
    for (let code = 0; code < largest; code++) {
      const [low, high] = [decode(code), decode(code + 1)];
      const middle = (low + high) / 2;
      const even = code % 2 === 0 ? low : high;
      for (const [value, expected] of [
        [above(low), low],
        [below(middle), low],
        [middle, even],
        [above(middle), high],
        [below(high), high],
      ] as const) {
        if (round(value) !== expected) expect(round(value), `${value}, above code ${code}`).toBe(expected);
        if (round(-value) !== -expected) expect(round(-value), `${-value}`).toBe(-expected);
      }
    }
  });

  test('what lies beyond overflows from the middle to the next number that there would be', () => {
    const last = decode(largest);
    const middle = last + (last - decode(largest - 1)) / 2;
    expect(round(below(middle))).toBe(last);
    for (const value of [above(middle), 2 * last, 1e300, Number.POSITIVE_INFINITY]) {
      expect(round(value)).toBe(overflow);
      expect(round(-value)).toBe(-overflow);
    }
  });

  test('zeros keep their sign, and what is no number stays so', () => {
    expect(Object.is(round(-0), -0)).toBe(true);
    expect(Object.is(round(0), 0)).toBe(true);
    expect(round(Number.NaN)).toBeNaN();
    expect(round(5e-324)).toBe(0);
    expect(Object.is(round(-1e-300), -0)).toBe(true);
  });
});

describe('fp32, tf32 and fp64', () => {
  const anyFloat = fc.oneof(fc.double({ noNaN: true }), fc.float({ noNaN: true }), fc.double({ min: -1, max: 1 }));

  test('fp32 is what a DataView stores, fp64 is float64', () => {
    const [fp32, fp64] = [roundingTo('fp32'), roundingTo('fp64')];
    fc.assert(
      fc.property(anyFloat, (value) => {
        words.setFloat32(0, value);
        expect(fp32(value)).toBe(words.getFloat32(0));
        expect(fp64(value)).toBe(value);
      }),
      { numRuns: runs(2000) },
    );
  });

  test('tf32 is fp32 rounded to the upper 19 bits', () => {
    const tf32 = roundingTo('tf32');
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        words.setFloat32(0, value);
        const code = words.getUint32(0);
        // Half a unit, less one if the code before is even: ties go to the even one.
        words.setUint32(0, code + 0xfff + ((code >> 13) & 1));
        words.setUint32(0, words.getUint32(0) & ~0x1fff);
        expect(tf32(value)).toBe(words.getFloat32(0));
      }),
      { numRuns: runs(2000) },
    );
  });
});

describe('integers', () => {
  test('are multiples of a scale that takes the largest magnitude to the largest code', () => {
    const round = roundingTo('int8', 254);
    expect([0, 0.9, 1.1, 2, -2, 254, -254].map(round)).toEqual([0, 0, 2, 2, -2, 254, -254]);
    // Ties go to the even code: 1 is halfway of 0 and 2, 3 of 2 and 4.
    expect([1, 3, 5, -1, -3].map(round)).toEqual([0, 4, 4, 0, -4]);
  });

  test.each([
    ['int4', 7],
    ['q4_k', 7],
    ['q6_k', 31],
    ['int8', 127],
    ['int16', 32767],
    ['int32', 2147483647],
  ])('%s has codes to %i on both sides, and clips what lies beyond', (format, codes) => {
    const round = roundingTo(format, codes);
    for (const value of [codes, codes + 0.4, codes + 1, 1e300, Number.POSITIVE_INFINITY]) {
      expect(round(value)).toBe(codes);
      expect(round(-value)).toBe(-codes);
    }
    expect([codes - 1, 1, -1, 0.6].map(round)).toEqual([codes - 1, 1, -1, 1]);
    expect(round(Number.NaN)).toBeNaN();
  });

  test.each([
    ['q2_k', 84, 256],
    ['q4_0', 18, 32],
    ['q4_k', 144, 256],
    ['q5_k', 176, 256],
    ['q6_k', 210, 256],
    ['q8_0', 34, 32],
    ['q8_k', 292, 256],
  ])('a block of %s has %i bytes for %i elements', (format, bytes, elements) => {
    expect(numberFormats.get(format)!.bits * elements).toBe(8 * bytes);
  });

  test('a tensor of zeros stays, and zero has no sign', () => {
    expect(roundingTo('int8', 0)(0)).toBe(0);
    expect(Object.is(roundingTo('int8', 1)(-0.001), 0)).toBe(true);
  });

  test('a bool is 1 for all that is not 0', () => {
    expect([0, -0, 0.1, -3, Number.POSITIVE_INFINITY].map(roundingTo('bool'))).toEqual([0, 0, 1, 1, 1]);
  });
});

test('rounding twice is rounding once, in every format', () => {
  fc.assert(
    fc.property(fc.constantFrom(...numberFormats.keys()), fc.double({ noNaN: true }), (format, value) => {
      const round = roundingTo(format, 3);
      expect(round(round(value))).toBe(round(value));
    }),
    { numRuns: runs(2000) },
  );
});
