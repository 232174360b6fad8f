/**
 * A network that moves the lanes that are kept to the front, in their order. Lane i has to move by the number of lanes
 * before it that are not; layer b of log2(width) moves those by 2^b in whose number bit b is set. Two lanes never meet:
 * of those kept, the one behind has at most as many more to skip as there are lanes between (SpAtten, HPCA 2021, and
 * ZeroEliminator.scala of its released hardware).
 */
export type ZeroEliminator = {
  /** What goes in, and what comes out. */
  readonly lanes: Float64Array;
  /** 1 for a lane that is kept; afterwards, if any was not, for those in front. */
  readonly kept: Uint8Array;
  /** Lanes before each that are not kept. */
  readonly zeros: Int32Array;
  readonly layers: number;
};

export const zeroEliminator = (width: number): ZeroEliminator => ({
  lanes: new Float64Array(width),
  kept: new Uint8Array(width),
  zeros: new Int32Array(width),
  layers: Math.ceil(Math.log2(width)),
});

/**
 * Moves what is kept of the first `used` lanes to the front; how many there are. Counts stay where they are: those of the lanes
 * that one passes over differ from its own only in bits whose layers are over.
 */
export function eliminateZeros({ lanes, kept, zeros, layers }: ZeroEliminator, used: number): number {
  let dropped = 0;
  for (let i = 0; i < used; i++) {
    zeros[i] = dropped;
    dropped += 1 - kept[i]!;
  }
  for (let layer = 0; dropped > 0 && layer < layers; layer++) {
    const by = 1 << layer;
    for (let i = by; i < used; i++) {
      if (kept[i] === 0 || (zeros[i]! & by) === 0) continue;
      lanes[i - by] = lanes[i]!;
      kept[i - by] = 1;
      kept[i] = 0;
    }
  }
  return used - dropped;
}
