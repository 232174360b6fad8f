import { type MappingNumbers, mappingNumbers } from '../../mapper/mapping-numbers.ts';
import type { Problem } from '../plan.ts';
import type { Dataflow } from './dataflow.ts';

/** The numbers of a dataflow with some choice, worked out without placing it. */
export type Point = MappingNumbers & {
  /** By knob: position among its values. */
  readonly choice: Int32Array;
};

export function pointOf({ mapping, knobs }: Dataflow, { workload, machine }: Problem): Point {
  const choice = new Int32Array(knobs.length);
  const given = new Map(knobs.map(({ name, values }, k) => [name, () => values[choice[k]!]]));
  return { choice, ...mappingNumbers(mapping, workload, machine, given) };
}
