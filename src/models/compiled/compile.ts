import { invariant } from '../../invariant.ts';
import type { PlacedMapping } from '../../mapper/placed.ts';
import { costsOf, machineResources } from '../resources.ts';
import { functionOf } from './code.ts';
import { countParts } from './counts.ts';
import { createFactors } from './factors.ts';
import type { Value } from './graph.ts';
import { openNumbers } from './open.ts';
import { roomOf } from './room.ts';
import { isDense } from './sides.ts';
import { blockSpan, spanContext } from './span.ts';
import { trafficSums } from './traffic.ts';

/**
 * The structure of a mapping with its numbers left open: set them, then evaluate. The results are those of
 * `evaluateMapping` with the analytic model for the same loop tree placed with these numbers, some thousand times as
 * fast: all that depends on the numbers is one function of straight-line code, made when it is first called (`code.ts`).
 *
 * Nothing is checked: the numbers are whole and at least 1, and the mapping is legal with them, but for the capacity
 * of its buffers, for which there is `requiredBytes`. What a number decides besides its own place in the tree, as a
 * `keep ... if` or a parameter of the mapping does, is as it was placed.
 */
export type CompiledMapping = {
  /** Coordinates a step, by loop id. All of these begin as they were placed. */
  readonly tiles: Float64Array;
  /** By keep id; the same for all that take turns in one room. */
  readonly stages: Float64Array;
  /**
   * Iterations in flight, by loop id; 1 where the body of the loop is a sequence. Those of the whole mapping do not
   * matter here.
   */
  readonly inFlight: Float64Array;
  /** Counts only: all results but the latency; the lower bound is then that of the busiest resource. */
  readonly count: () => void;
  /** All results. */
  readonly evaluate: () => void;
  /** Those of the last evaluation. */
  readonly results: CompiledResults;
};

/** What is said in `Metrics`, in arrays by position in the machine's levels or resources. */
type CompiledResults = {
  latency_cycles: number;
  lower_bound_cycles: number;
  energy_pj: number;
  /** By level. */
  readonly readBytes: Float64Array;
  readonly writeBytes: Float64Array;
  /** Of one instance of each level. */
  readonly requiredBytes: Float64Array;
  /** By resource (`machineResources`), summed over its instances. */
  readonly busyCycles: Float64Array;
};

/**
 * Compiles a mapping, with the energy of one of the machine's accountings. Undefined where the closed form is more
 * than products: filters that leave points out, windows and indices with a division, tiles of several accesses that
 * differ, partitions of a rank cut elsewhere than between its parts, and grids.
 */
export function compileMapping(p: PlacedMapping, accounting = 'physical'): CompiledMapping | undefined {
  const charged = p.machine.accountings.get(accounting);
  invariant(charged !== undefined, `machine "${p.machine.name}" has no accounting "${accounting}"`);
  if (p.grids.length > 0 || !p.workload.einsums.every((e) => isDense(p.workload, e))) return undefined;
  const open = openNumbers(p);
  const { graph: g } = open;
  const factors = createFactors(open);
  const traffic = trafficSums(factors);
  const room = roomOf(factors);
  if (traffic === undefined || room === undefined) return undefined;

  const { instances } = machineResources(p.machine);
  const { reads, writes, busy, energy } = countParts(factors, traffic, charged);
  const busiest = busy.map((cycles, r) => g.divide(cycles, instances[r]!)).reduce<Value>((a, b) => g.max(a, b), 0);
  const counts = [...reads, ...writes, ...room, ...busy, energy];
  const costs = costsOf(p, { movements: [], computes: [], accesses: [], levels: new Map() }, new Set(), []);
  const extents = p.workload.variables.map((v) => v.size);
  const span = blockSpan(spanContext(factors, costs, traffic), p.root, { extents, steps: undefined });
  const bound = g.max(busiest, span.bound);

  const numbers = Float64Array.from([
    ...p.loops.map((l) => l.tile),
    ...p.keeps.map((k) => k.stages),
    ...p.loops.map((l) => l.block.inFlight),
  ]);
  const out = new Float64Array(counts.length + 2);
  let count: (() => void) | undefined;
  let evaluate: (() => void) | undefined;
  const levels = p.machine.levels.length;
  const results: CompiledResults = {
    latency_cycles: 0,
    lower_bound_cycles: 0,
    energy_pj: 0,
    readBytes: out.subarray(0, levels),
    writeBytes: out.subarray(levels, 2 * levels),
    requiredBytes: out.subarray(2 * levels, 3 * levels),
    busyCycles: out.subarray(3 * levels, counts.length - 1),
  };
  const updateResults = (): void => {
    results.energy_pj = out[counts.length - 1]!;
    results.lower_bound_cycles = out[counts.length]!;
  };
  const loops = p.loops.length;
  return {
    tiles: numbers.subarray(0, loops),
    stages: numbers.subarray(loops, loops + p.keeps.length),
    inFlight: numbers.subarray(loops + p.keeps.length),
    count: () => {
      count ??= functionOf([...counts, busiest], numbers, out);
      count();
      updateResults();
    },
    evaluate: () => {
      evaluate ??= functionOf([...counts, bound, g.max(bound, span.cycles)], numbers, out);
      evaluate();
      updateResults();
      results.latency_cycles = out[counts.length + 1]!;
    },
    results,
  };
}
