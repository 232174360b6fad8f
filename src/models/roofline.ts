/** The roofline at one memory level with finite bandwidth. An operation is a FLOP: a MAC has two. */
export type Roofline = {
  readonly level: string;
  /** FLOPs per byte that crosses the level's port. */
  readonly intensity_ops_per_byte: number;
  /** Intensity at which bandwidth and peak allow the same performance. */
  readonly ridge_ops_per_byte: number;
  readonly peak_ops_per_s: number;
  readonly bandwidth_bytes_per_s: number;
  /** min(peak, intensity x bandwidth) */
  readonly attainable_ops_per_s: number;
  readonly achieved_ops_per_s: number;
};
