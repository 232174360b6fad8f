import type { PlacedMapping } from '../../mapper/placed.ts';
import { type StallCause, stallCauses } from '../metrics.ts';
import type { ComputeCost, Resources } from '../resources.ts';

/** The bytes that a recorded block moves; the rest of the layout is left to whoever runs it. */
export type Counters = {
  readonly values: Float64Array;
  readonly addFill: (keep: number, bytes: number) => void;
  readonly addDrain: (keep: number, bytes: number) => void;
  readonly addCompute: (compute: number, cost: ComputeCost, updates: boolean) => void;
};

/** Where each number that a simulation adds up stands in one array. Times in ticks, data in bytes. */
export type CounterLayout = {
  readonly busy: (resource: number) => number;
  readonly stall: (resource: number, cause: StallCause) => number;
  readonly fill: (keep: number) => number;
  readonly drain: (keep: number) => number;
  /** Bytes of an operand; the operand after the last is the output read back before it is added to. */
  readonly read: (compute: number, operand: number) => number;
  readonly write: (compute: number) => number;
  /** Busy ticks of a resource on one Einsum. */
  readonly held: (compute: number, resource: number) => number;
  readonly length: number;
};

export function counterLayout(p: PlacedMapping, resources: Resources): CounterLayout {
  const n = resources.names.length;
  const stalls = n;
  const fills = stalls + n * stallCauses.length;
  const drains = fills + p.keeps.length;
  const writes = drains + p.keeps.length;
  const held = writes + p.computes.length;
  const reads = held + p.computes.length * n;
  const most = p.computes.reduce((m, c) => Math.max(m, c.operands.length), 0) + 1;
  return {
    busy: (r) => r,
    stall: (r, cause) => stalls + r * stallCauses.length + stallCauses.indexOf(cause),
    fill: (k) => fills + k,
    drain: (k) => drains + k,
    read: (c, operand) => reads + c * most + operand,
    write: (c) => writes + c,
    held: (c, r) => held + c * n + r,
    length: reads + p.computes.length * most,
  };
}

export function createCounters(layout: CounterLayout): Counters {
  const values = new Float64Array(layout.length);
  const add = (at: number, amount: number): void => {
    values[at] = values[at]! + amount;
  };
  return {
    values,
    addFill: (k, bytes) => add(layout.fill(k), bytes),
    addDrain: (k, bytes) => add(layout.drain(k), bytes),
    addCompute: (c, cost, updates) => {
      for (let i = 0; i < cost.read_bytes.length; i++) add(layout.read(c, i), cost.read_bytes[i]!);
      if (updates) add(layout.read(c, cost.read_bytes.length), cost.write_bytes);
      add(layout.write(c), cost.write_bytes);
    },
  };
}
