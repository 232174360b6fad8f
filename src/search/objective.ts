/** What a mapping costs, as far as objectives ask. */
export type Cost = {
  readonly latency_cycles: number;
  readonly energy_pj: number;
  /** Read from and written to the outermost memory. */
  readonly home_bytes: number;
  /** Of one instance of the level that is asked about, needed at once; 0 if none is. */
  readonly room_bytes: number;
};

export const noCost: Cost = { latency_cycles: 0, energy_pj: 0, home_bytes: 0, room_bytes: 0 };
export const endlessCost: Cost = {
  latency_cycles: Number.POSITIVE_INFINITY,
  energy_pj: Number.POSITIVE_INFINITY,
  home_bytes: Number.POSITIVE_INFINITY,
  room_bytes: Number.POSITIVE_INFINITY,
};

/** Values fall towards what is better. Each rises, or stays, with every part of a cost. */
export const objectives = {
  latency: (c: Cost): number => c.latency_cycles,
  energy: (c: Cost): number => c.energy_pj,
  edp: (c: Cost): number => c.latency_cycles * c.energy_pj,
  'dram-bytes': (c: Cost): number => c.home_bytes,
  buffer: (c: Cost): number => c.room_bytes,
} as const satisfies Record<string, (c: Cost) => number>;

/** What a search makes the least. */
export type Objective = keyof typeof objectives;
