/**
 * Where a keyed permutation of 0 to `length` - 1 takes `i`, without a table: a hash that is a permutation of the next
 * power of two, again until it falls below `length` (Kensler, Correlated multi-jittered sampling, Pixar 13-01 (2013)).
 * The length is at most 2^30, the key has 32 bits.
 */
export function permuted(i: number, length: number, key: number): number {
  const mask = (2 << (31 - Math.clz32((length - 1) | 1))) - 1;
  let x = i;
  do {
    x = Math.imul(x ^ key, 0xe170893d);
    x ^= key >>> 16;
    x ^= (x & mask) >>> 4;
    x = Math.imul(x ^ (key >>> 8), 0x0929eb3f);
    x ^= key >>> 23;
    x ^= (x & mask) >>> 1;
    x = Math.imul(Math.imul(x, 1 | (key >>> 27)), 0x6935fa69);
    x ^= (x & mask) >>> 11;
    x = Math.imul(x, 0x74dcb303);
    x ^= (x & mask) >>> 2;
    x = Math.imul(x, 0x9e501cc3);
    x ^= (x & mask) >>> 2;
    x = Math.imul(x, 0xc860a3df) & mask;
    x ^= x >>> 5;
  } while (x >= length);
  return (x + (key >>> 8)) % length;
}
