import { invariant } from '../invariant.ts';
import type { Name } from './ast.ts';

/** A number format: what an element takes in a memory, and the numbers that it can be. */
export type NumberFormat = {
  /** Bits of an element in a memory; a share of those of its block where elements share a scale. */
  readonly bits: number;
  readonly numbers: Numbers;
};

type Numbers =
  /** Binary floating point, the significand's hidden bit included in its `precision`, with subnormals. */
  | {
      readonly kind: 'float';
      readonly precision: number;
      /** The smallest normal number is 2^minExponent. */
      readonly minExponent: number;
      readonly largest: number;
      /** What becomes of numbers beyond the largest. */
      readonly beyond: 'infinity' | 'largest';
    }
  /** Multiples of a scale from the least code to the largest. */
  | { readonly kind: 'integer'; readonly least: number; readonly largest: number }
  /** 1 for everything that is not 0. */
  | { readonly kind: 'boolean' };

/** A format of IEEE 754's making, by its bits of significand and of exponent. */
function ieee(precision: number, exponentBits: number): Numbers {
  const bias = 2 ** (exponentBits - 1) - 1;
  const largest = (2 - 2 ** (1 - precision)) * 2 ** bias;
  return { kind: 'float', precision, minExponent: 1 - bias, largest, beyond: 'infinity' };
}

/**
 * The encodings of the OCP 8-bit floating point specification (OFP8, 1.0), in its saturating mode, which is the one of
 * the conversions of CUDA: E4M3 has no infinity, and one code a sign that is no number, so it reaches 448.
 */
const e4m3: Numbers = { kind: 'float', precision: 4, minExponent: -6, largest: 448, beyond: 'largest' };
const e5m2: Numbers = { kind: 'float', precision: 3, minExponent: -14, largest: 57344, beyond: 'largest' };

/** Symmetric: the most negative code is not used, as quantizers do. */
function integer(bits: number): Numbers {
  const largest = 2 ** (bits - 1) - 1;
  return { kind: 'integer', least: -largest, largest };
}

/** Lower planes of bits, such as the last four of ten, have no sign. */
const unsigned = (bits: number): Numbers => ({ kind: 'integer', least: 0, largest: 2 ** bits - 1 });

/** Widths of integers besides 32. */
const widths: readonly number[] = Array.from({ length: 15 }, (_, i) => 16 - i);

/**
 * By name. tf32 computes with 19 bits and is stored in 32 (NVIDIA A100 architecture whitepaper); fp8 alone stands for
 * either of its two encodings, and rounds as E4M3, the one that is used for activations and weights. Those of blocks, from
 * q2_k on, are ggml's (ggml-common.h): their bits are those of a block with its scales over its weights, 18 B for 32 in
 * q4_0; they round as an integer with one scale a tensor, which is coarser than theirs.
 */
export const numberFormats: ReadonlyMap<Name, NumberFormat> = new Map<Name, NumberFormat>([
  ['fp64', { bits: 64, numbers: ieee(53, 11) }],
  ['fp32', { bits: 32, numbers: ieee(24, 8) }],
  ['tf32', { bits: 32, numbers: ieee(11, 8) }],
  ['bf16', { bits: 16, numbers: ieee(8, 8) }],
  ['fp16', { bits: 16, numbers: ieee(11, 5) }],
  ['fp8', { bits: 8, numbers: e4m3 }],
  ['fp8_e4m3', { bits: 8, numbers: e4m3 }],
  ['fp8_e5m2', { bits: 8, numbers: e5m2 }],
  ['int32', { bits: 32, numbers: integer(32) }],
  ...widths.map((bits): [Name, NumberFormat] => [`int${bits}`, { bits, numbers: integer(bits) }]),
  ...widths.map((bits): [Name, NumberFormat] => [`uint${bits}`, { bits, numbers: unsigned(bits) }]),
  ['bool', { bits: 1, numbers: { kind: 'boolean' } }],
  ['q2_k', { bits: 2.625, numbers: integer(2) }],
  ['q4_0', { bits: 4.5, numbers: integer(4) }],
  ['q4_k', { bits: 4.5, numbers: integer(4) }],
  ['q5_k', { bits: 5.5, numbers: integer(5) }],
  ['q6_k', { bits: 6.5625, numbers: integer(6) }],
  ['q8_0', { bits: 8.5, numbers: integer(8) }],
  ['q8_k', { bits: 9.125, numbers: integer(8) }],
]);

/** The names of all formats, for people: the integers in a word. */
export const formatList: string = [...numberFormats.keys()]
  .filter((name) => !/^u?int\d+$/.test(name) || name === 'int32')
  .flatMap((name) => (name === 'int32' ? ['int32', 'int2 to int16', 'uint2 to uint16'] : [name]))
  .join(', ');

/** From a float64 to the nearest number of a format; what is no number stays so. */
export type Rounding = (value: number) => number;

/**
 * Rounding to the nearest number of a format, ties to even. Only integers look at `largest`: they are multiples of a
 * scale that takes this magnitude to their largest code.
 */
export function roundingTo(format: Name, largest = 1): Rounding {
  const { numbers } = numberFormats.get(format)!;
  switch (numbers.kind) {
    case 'float':
      return format === 'fp64' ? (value) => value : format === 'fp32' ? Math.fround : floatRounding(numbers);
    case 'integer':
      return integerRounding(numbers, largest);
    case 'boolean':
      return (value) => (Number.isNaN(value) ? value : Number(value !== 0));
  }
}

const bits = new DataView(new ArrayBuffer(8));

/** Exponent of a normal float64: 2^exponent <= |value| < 2^(exponent + 1). */
function exponentOf(value: number): number {
  bits.setFloat64(0, value);
  return ((bits.getUint16(0) >> 4) & 0x7ff) - 1023;
}

/** Adding and subtracting it leaves a float64 below 2^51 without its fraction, by the rounding of the addition. */
const roundOff = 1.5 * 2 ** 52;

const nearestInteger = (value: number): number => value + roundOff - roundOff;

function floatRounding({ precision, minExponent, largest, beyond }: Numbers & { kind: 'float' }): Rounding {
  invariant(minExponent > -1000 && precision < 50, 'the format lies well inside of float64');
  const overflow = beyond === 'infinity' ? Number.POSITIVE_INFINITY : largest;
  return (value) => {
    const magnitude = Math.abs(value);
    // Zeros keep their sign, and what is no number stays.
    if (!(magnitude > 0)) return value;
    if (magnitude === Number.POSITIVE_INFINITY) return value < 0 ? -overflow : overflow;
    // The distance of neighbours is a power of two: scaling by it is exact.
    const unit = 2 ** (Math.max(exponentOf(magnitude), minExponent) - precision + 1);
    const rounded = nearestInteger(magnitude / unit) * unit;
    const inRange = rounded > largest ? overflow : rounded;
    return value < 0 ? -inRange : inRange;
  };
}

function integerRounding({ least, largest: codes }: Numbers & { kind: 'integer' }, largest: number): Rounding {
  // A tensor of zeros needs no scale.
  const scale = largest > 0 ? largest / codes : 1;
  return (value) => {
    const code = nearestInteger(Math.max(least, Math.min(codes, value / scale)));
    // Without the sign that rounding leaves on a zero: integers have one zero.
    return code * scale + 0;
  };
}
