import type { BoardPower } from './power.ts';

/**
 * What a model says of one mapping of one workload on one machine. Plain data; cycles are of the
 * machine's clock and may be fractional (in the simulator by whole ticks). Keys are names of the machine's
 * levels and units and of the cascade's tensors, Einsums and operators.
 */
export type Metrics = {
  readonly model: 'analytic' | 'cycle';
  readonly latency_cycles: number;
  /** No schedule of this mapping can be faster (analytic), whatever the model. */
  readonly lower_bound_cycles: number;
  readonly traffic: ReadonlyMap<string, LevelTraffic>;
  /** What the accounting charges memories for, by level, then by tensor: what lanes read and write inside counts as well. */
  readonly accesses: ReadonlyMap<string, ReadonlyMap<string, Charged>>;
  /** Exact counts by operator; independent of the mapping. */
  readonly operations: ReadonlyMap<string, number>;
  /** 2 a MAC of the tensor products, nothing else. */
  readonly flops: number;
  /** Name of the machine's accounting by which energy is charged. */
  readonly energy_accounting: string;
  /** Time in seconds, and the power of the whole machine in it. */
  readonly board: BoardPower;
  /** Keys such as "DRAM read", "GlobalBuffer write", "Array2D mac". They add up to the total. */
  readonly energy_pj: ReadonlyMap<string, number>;
  /** What is behind each part of the energy, by the same keys. */
  readonly actions: ReadonlyMap<string, Actions>;
  readonly area_mm2: number;
  readonly buffers: ReadonlyMap<string, { readonly required_bytes: number; readonly capacity_bytes: number }>;
  /** Busy cycles of each resource (unit or port, "DRAM.read"), summed over its instances. */
  readonly busy_cycles: ReadonlyMap<
    string,
    {
      readonly cycles: number;
      readonly instances: number;
      /** Cycle simulator only: most instances that were in use at a time. */
      readonly used: number | undefined;
      readonly kind: 'unit' | 'port';
      /** Cycle simulator only: how many times longer it is held than without contention, on average over its work. */
      readonly slowdown: number | undefined;
    }
  >;
  /** Busy share of each unit over the whole run, all instances. */
  readonly utilization: ReadonlyMap<string, number>;
  /**
   * By unit, then by Einsum: share of its lanes' cycles, over the whole run and all instances, in which they compute a
   * point. What `utilization` has beyond the sum are lanes that a tile leaves idle while the unit is held.
   */
  readonly lane_utilization: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Busy cycles of each unit by Einsum, summed over instances. */
  readonly busy_by_einsum: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** The same cycles by operator: those of an Einsum are divided by what each of its operations costs the unit. */
  readonly busy_by_operator: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Cycle simulator only: cycles of each resource by cause; busy + all causes = latency x instances, exactly. */
  readonly stalls: ReadonlyMap<string, ReadonlyMap<StallCause, number>> | undefined;
  readonly bound: {
    readonly resource: string;
    readonly kind: BoundKind;
    /** Einsums whose results it takes as operands, with the other units that compute them. */
    readonly operands_from: ReadonlyMap<string, readonly string[]>;
  };
  /** Cycle simulator only. */
  readonly difference: Difference | undefined;
  /** Events that the simulator walked, after folding. */
  readonly events: number | undefined;
  /** Cycle simulator only, on request, and unless it would take too much memory. */
  readonly detail: RunDetail | undefined;
};

/** What is seen when a run is looked at operation by operation; in a grid, on the instance that ends last. */
export type RunDetail = {
  /** The chain of operations that the latency consists of, by what they did; the parts add up to it. */
  readonly critical_path: readonly PathShare[];
  /** By level, of one instance: most bytes in use, and most in each of equally long parts of the run. */
  readonly occupancy: ReadonlyMap<string, { readonly peak_bytes: number; readonly over_time_bytes: readonly number[] }>;
};

/** Cycles of the critical path of one kind on one thing. */
export type PathShare = {
  readonly kind: PathKind;
  /** The unit or port that was held; undefined for the other kinds. */
  readonly resource: string | undefined;
  /** The Einsum that was computed or the tensor that was moved; undefined where there is none. */
  readonly subject: string | undefined;
  readonly cycles: number;
};

/**
 * A resource was held; data was on its way through a memory's latency or a unit's ramp; nothing was under way; the ports
 * that the instances of a grid share were busy for others; a grid or a step of it began.
 */
export const pathKinds = ['held', 'latency', 'ramp', 'waiting', 'ports', 'launch'] as const;
export type PathKind = (typeof pathKinds)[number];

/** Actions of one kind that are charged: operations, or accesses of a memory (in units of its `access_bytes`). */
export type Actions = { readonly count: number; readonly each_pj: number };

/** Bytes of a tensor at a level for which an accounting charges: read, and written as they come from above or from below. */
export type Charged = { readonly read_bytes: number; readonly fill_bytes: number; readonly update_bytes: number };

/** Bytes through the ports of a level, all instances. */
export type LevelTraffic = {
  readonly read_bytes: number;
  readonly write_bytes: number;
  readonly by_tensor: ReadonlyMap<string, { readonly read_bytes: number; readonly write_bytes: number }>;
};

/** What a run is bound by: units, ports, or neither of them at work all the time. */
export type BoundKind = 'compute' | 'bandwidth' | 'latency';

/**
 * Why a resource stood still before the operation that it ran next (its operands, or a transfer, were on their way; a
 * stage of its output buffer was taken; its turn had not come; another unit or port that it needs was busy; a ramp),
 * while a grid or a step of it began (launch), and after its last one (tail). Idle is what has nothing to run at all. In the order in which they are told.
 */
export const stallCauses = [
  'operand',
  'transfer',
  'slot',
  'order',
  'unit',
  'port',
  'ramp',
  'launch',
  'tail',
  'idle',
] as const;
/** Why a resource stood still. */
export type StallCause = (typeof stallCauses)[number];

/**
 * Why the simulated run takes longer than what the closed form says the bounding resource has to do: cycles of the
 * run, on average over the resource's instances. work + beyond + stalls = latency, exactly.
 */
export type Difference = {
  /** The one that bounds the run. */
  readonly resource: string;
  /** Estimate of the closed form for the whole run. */
  readonly analytic_latency_cycles: number;
  /** What the closed form says the resource has to do, whole ticks of it. */
  readonly work_cycles: number;
  /** Cycles that it was busy beyond that: transfers of whole accesses and times of whole ticks. */
  readonly beyond_cycles: number;
  readonly stalls: ReadonlyMap<StallCause, number>;
};
