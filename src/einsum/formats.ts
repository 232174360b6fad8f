import type { Name } from './ast.ts';

/**
 * Bits that an element of a number format takes in a memory. tf32 computes with 19 bits and is stored
 * in 32 (NVIDIA A100 architecture whitepaper); fp8 alone stands for either of its two encodings.
 */
export const formatBits: ReadonlyMap<Name, number> = new Map([
  ['fp64', 64],
  ['fp32', 32],
  ['tf32', 32],
  ['bf16', 16],
  ['fp16', 16],
  ['fp8', 8],
  ['fp8_e4m3', 8],
  ['fp8_e5m2', 8],
  ['int32', 32],
  ['int16', 16],
  ['int8', 8],
  ['int4', 4],
  ['bool', 1],
]);
