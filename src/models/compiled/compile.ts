import type { Machine } from '../../arch/machine.ts';
import { invariant } from '../../invariant.ts';
import type { PlacedMapping } from '../../mapper/placed.ts';
import { machineResources } from '../resources.ts';
import { functionOf } from './code.ts';
import { costsAlone } from './costs.ts';
import { countParts } from './counts.ts';
import { courseOf, isPlainCourse, stepNumbers } from './course.ts';
import { createFactors } from './factors.ts';
import type { Value } from './graph.ts';
import { type Openness, openNumbers } from './open.ts';
import { roomOf } from './room.ts';
import { isDense } from './sides.ts';
import { blockSpan, movedOf } from './span.ts';
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
  /** Takes the numbers of another machine, where they are open: one that has the same levels, instances, units and operators. */
  readonly setMachine: (machine: Machine) => void;
  /** Coordinates a step, by loop id. All of these begin as they were placed. */
  readonly tiles: Float64Array;
  /** By keep id; the same for all that take turns in one room. */
  readonly stages: Float64Array;
  /**
   * Iterations in flight, by loop id; 1 where the body of the loop is a sequence. Those of the whole mapping do not
   * matter here.
   */
  readonly inFlight: Float64Array;
  /** Of variables, by position, where they are open. */
  readonly sizes: Float64Array;
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
  /** Of one instance of each level, as `requiredBytes` says: a cache takes what there is. */
  readonly requiredBytes: Float64Array;
  /** The same without caches: what has to fit. */
  readonly certainBytes: Float64Array;
  /** With less, a cache of the level does not hold its tiles, and the results are not those of the mapping. */
  readonly holdingBytes: Float64Array;
  /** By resource (`machineResources`), summed over its instances. */
  readonly busyCycles: Float64Array;
};

/**
 * Compiles a mapping, with the energy of one of the machine's accountings. The numbers of the machine may be left open, too,
 * but for instances, lanes that ranks share and memories of single lanes. Undefined where the closed form is more
 * than products: filters that leave points out, windows and indices with a division, tiles of several accesses that
 * differ, partitions of a rank cut elsewhere than between its parts, caches that do not hold their tiles, and grids that
 * are launched several times, share reads or add up.
 */
export function compileMapping(
  p: PlacedMapping,
  accounting = 'physical',
  others: Openness = 'known',
): CompiledMapping | undefined {
  const charged = p.machine.accountings.get(accounting);
  invariant(charged !== undefined, `machine "${p.machine.name}" has no accounting "${accounting}"`);
  // What lanes hold follows from the machine as it is.
  const isPrivate = p.machine.levels.some((level) => level.memory?.private === true);
  if (others === 'open' && isPrivate) return undefined;
  if (!isPlainCourse(p) || !p.workload.einsums.every((e) => isDense(p.workload, e))) return undefined;
  const open = openNumbers(p, charged, others);
  const { graph: g, machineNumbers } = open;
  const factors = createFactors(open);
  const traffic = trafficSums(factors);
  const room = roomOf(factors);
  if (traffic === undefined || room === undefined) return undefined;

  const { instances } = machineResources(p.machine);
  const counts = countParts(factors, traffic, charged);
  const { reads, writes, busy, energy } = counts;
  const busiest = busy.map((cycles, r) => g.divide(cycles, instances[r]!)).reduce<Value>((a, b) => g.max(a, b), 0);
  const byLevel = [reads, writes, room.required, room.certain, room.holding];
  const counted = [...byLevel.flat(), ...busy, energy];
  const [loops, keeps, levels] = [p.loops.length, p.keeps.length, p.machine.levels.length];
  const variables = others === 'open' ? p.workload.variables : [];
  const numbers = new Float64Array(2 * loops + keeps + variables.length + machineNumbers.length + stepNumbers(p));
  numbers.set([
    ...p.loops.map((l) => l.tile),
    ...p.keeps.map((k) => k.stages),
    ...p.loops.map((l) => l.block.inFlight),
    ...variables.map((v) => v.size),
    ...machineNumbers.map((read) => read(p.machine)),
  ]);
  const sizes = numbers.subarray(2 * loops + keeps, 2 * loops + keeps + variables.length);
  const around = {
    machine: p.machine,
    sizes: others === 'open' ? sizes : Float64Array.from(p.workload.variables, (v) => v.size),
  };
  const out = new Float64Array(counted.length + 2);
  const ofLevels = (i: number): Float64Array => out.subarray(i * levels, (i + 1) * levels);
  const results: CompiledResults = {
    latency_cycles: 0,
    lower_bound_cycles: 0,
    energy_pj: 0,
    readBytes: ofLevels(0),
    writeBytes: ofLevels(1),
    requiredBytes: ofLevels(2),
    certainBytes: ofLevels(3),
    holdingBytes: ofLevels(4),
    busyCycles: out.subarray(byLevel.length * levels, counted.length - 1),
  };
  /** Runs a function of the counts and then the bound, and perhaps the latency. */
  const running = (run: () => void) => (): void => {
    run();
    results.energy_pj = out[counted.length - 1]!;
    results.lower_bound_cycles = out[counted.length]!;
    results.latency_cycles = out[counted.length + 1]!;
  };
  const count = lazily(() => running(functionOf([...counted, busiest], numbers, out)));
  const moved = movedOf(factors, traffic);
  const evaluate = lazily(() => {
    if (p.grids.length > 0) {
      const settle = courseOf(factors, counts, moved, numbers);
      return () => {
        count();
        Object.assign(results, settle(results.lower_bound_cycles, around));
      };
    }
    const context = { f: factors, costs: costsAlone(open), ...moved };
    const span = blockSpan(context, p.root, { extents: open.sizes, steps: undefined });
    const bound = g.max(busiest, span.bound);
    return running(functionOf([...counted, bound, g.max(bound, span.cycles)], numbers, out));
  });
  return {
    sizes,
    setMachine: (other) => {
      around.machine = other;
      machineNumbers.forEach((read, i) => {
        numbers[2 * loops + keeps + variables.length + i] = read(other);
      });
    },
    tiles: numbers.subarray(0, loops),
    stages: numbers.subarray(loops, loops + keeps),
    inFlight: numbers.subarray(loops + keeps, 2 * loops + keeps),
    count,
    evaluate,
    results,
  };
}

/** A function that is made when it is first called. */
function lazily(make: () => () => void): () => void {
  let made: (() => void) | undefined;
  return () => {
    made ??= make();
    made();
  };
}
