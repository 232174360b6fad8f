import { invariant } from '../../invariant.ts';
import type { PlacedMapping } from '../../mapper/placed.ts';
import { costsOf, machineResources } from '../resources.ts';
import { countSums, type Port, portsOf } from './counts.ts';
import { createFactors, valuesOf } from './factors.ts';
import { compileProgram } from './program.ts';
import { compileRoom } from './room.ts';
import { isDense } from './sides.ts';
import { createSpan } from './span.ts';
import { addUp, createSums } from './sums.ts';
import { trafficSums } from './traffic.ts';

/**
 * The structure of a mapping with its numbers left open: set them, then evaluate. The results are those of
 * `evaluateMapping` with the analytic model for the same loop tree placed with these numbers, in about a thousandth
 * of its time: every count is a sum of products of few numbers that depend on the tiles (`factors.ts`), and the
 * estimate of the latency knows its tree (`span.ts`). Neither makes an object.
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
  const factors = createFactors(p);
  const traffic = trafficSums(factors);
  if (traffic === undefined) return undefined;

  const tiles = Float64Array.from(p.loops, (l) => l.tile);
  const stages = Float64Array.from(p.keeps, (k) => k.stages);
  const inFlight = Float64Array.from(p.loops, (l) => l.block.inFlight);
  const { values, steps, update } = valuesOf(factors, tiles);
  const room = compileRoom(p, { steps, tiles, stages, inFlight });
  if (room === undefined) return undefined;

  const resources = machineResources(p.machine);
  const levels = p.machine.levels.length;
  const sums = countSums(p, traffic, charged);
  const counted = createSums([...sums.reads, ...sums.writes, ...sums.units, sums.energy]);
  const counts = new Float64Array(2 * levels + resources.names.length + 1);
  const readBytes = counts.subarray(0, levels);
  const writeBytes = counts.subarray(levels, 2 * levels);
  const busyCycles = counts.subarray(2 * levels, counts.length - 1);
  const ports = portsOf(p);
  const results: CompiledResults = {
    latency_cycles: 0,
    lower_bound_cycles: 0,
    energy_pj: 0,
    readBytes,
    writeBytes,
    requiredBytes: room.required,
    busyCycles,
  };
  const count = (): void => {
    update();
    addUp(counted, values, counts);
    addPorts(ports.reads, readBytes, busyCycles);
    addPorts(ports.writes, writeBytes, busyCycles);
    let least = 0;
    for (let r = 0; r < busyCycles.length; r++) least = Math.max(least, busyCycles[r]! / resources.instances[r]!);
    room.update();
    results.lower_bound_cycles = least;
    results.energy_pj = counts[counts.length - 1]!;
  };

  const costs = costsOf(p, { movements: [], computes: [], accesses: [], levels: new Map() }, new Set(), []);
  const program = compileProgram(costs);
  const span = createSpan(program, { tiles, stages, inFlight });
  const { fills, drains } = span;
  const { moving } = program;
  const moved = createSums([...moving].map((k) => traffic.movements[k]!).flatMap((m) => [m.fill, m.drain, m.entries]));
  const movedBytes = new Float64Array(3 * moving.length);
  const evaluate = (): void => {
    count();
    addUp(moved, values, movedBytes);
    for (let i = 0; i < moving.length; i++) {
      const entries = movedBytes[3 * i + 2]!;
      fills[moving[i]!] = movedBytes[3 * i]! / entries;
      drains[moving[i]!] = movedBytes[3 * i + 1]! / entries;
    }
    span.update();
    results.lower_bound_cycles = Math.max(results.lower_bound_cycles, span.bound);
    results.latency_cycles = Math.max(results.lower_bound_cycles, span.cycles);
  };
  return { tiles, stages, inFlight, count, evaluate, results };
}

function addPorts(ports: readonly Port[], bytes: Float64Array, busyCycles: Float64Array): void {
  for (let i = 0; i < ports.length; i++) {
    const { resource, level, bytesPerCycle } = ports[i]!;
    busyCycles[resource] = busyCycles[resource]! + bytes[level]! / bytesPerCycle;
  }
}
