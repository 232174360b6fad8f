/** What a mapping costs, as far as objectives ask. */
export type Cost = {
  readonly latency_cycles: number;
  readonly energy_pj: number;
  /** Read from and written to the outermost memory. */
  readonly home_bytes: number;
};

/** Values fall towards what is better. Each rises, or stays, with every part of a cost. */
export const objectives = {
  latency: (c: Cost): number => c.latency_cycles,
  energy: (c: Cost): number => c.energy_pj,
  edp: (c: Cost): number => c.latency_cycles * c.energy_pj,
  'dram-bytes': (c: Cost): number => c.home_bytes,
} as const satisfies Record<string, (c: Cost) => number>;

export type Objective = keyof typeof objectives;
