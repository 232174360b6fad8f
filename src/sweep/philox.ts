const multiplierLow = 0xd193;
const multiplierHigh = 0xd256;
const weyl = 0x9e3779b9;
const rounds = 10;

/**
 * A number in [0, 1) that depends on nothing but its arguments, whole numbers below 2^32: Philox2x32-10 of Salmon et
 * al., Parallel random numbers: as easy as 1, 2, 3 (SC 2011), its two words made one number of 53 bits.
 */
export function randomShare(seed: number, counter: number, stream: number): number {
  let left = counter | 0;
  let right = stream | 0;
  let key = seed | 0;
  for (let round = 0; round < rounds; round++) {
    // The product of 32 by 32 bits, by halves.
    const low = left & 0xffff;
    const high = left >>> 16;
    const lowest = Math.imul(multiplierLow, low);
    const middle = (Math.imul(multiplierHigh, low) + (lowest >>> 16)) | 0;
    const carried = (Math.imul(multiplierLow, high) + (middle & 0xffff)) | 0;
    const above = Math.imul(multiplierHigh, high) + (middle >>> 16) + (carried >>> 16);
    const below = (carried << 16) | (lowest & 0xffff);
    left = above ^ key ^ right;
    right = below;
    key = (key + weyl) | 0;
  }
  return ((left >>> 5) * 2 ** 26 + (right >>> 6)) / 2 ** 53;
}
