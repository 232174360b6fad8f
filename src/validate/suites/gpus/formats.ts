/** Formats by how measurements name them, with their bits; two that a source does not tell apart count as the wider one. */
const formats: ReadonlyMap<string, 8 | 16> = new Map([
  ...['fp16', 'bf16', 'float16', 'bfloat16', 'half', 'fp16/bf16', 'bf16/fp16', 'bf16/fp8'].map((f) => [f, 16] as const),
  ...['fp8', 'fp8_e4m3', 'fp8_e5m2', 'e4m3', 'e5m2', 'mxfp8'].map((f) => [f, 8] as const),
]);

export const formatNames: readonly string[] = [...formats.keys()];

/** Of queries, keys and values; undefined: not known. */
export const bitsOf = (dtype: string): 8 | 16 | undefined => formats.get(dtype.toLowerCase());
