import { type Accounting, type Machine, operationCost } from '../../arch/machine.ts';
import { operandBits } from '../../einsum/workload.ts';
import type { PlacedMapping } from '../../mapper/placed.ts';
import { chargedShare } from '../energy.ts';
import { machineResources, pathLatency, rampCycles } from '../resources.ts';
import { createGraph, type Graph, type Value } from './graph.ts';

/** A mapping whose numbers are open, and the graph of what follows from them. */
export type OpenMapping = {
  readonly p: PlacedMapping;
  readonly graph: Graph;
  /** Coordinates a step, by loop id. */
  readonly tiles: readonly Value[];
  /** By keep id. */
  readonly stages: readonly Value[];
  /** Iterations in flight, by loop id. */
  readonly inFlight: readonly Value[];
  /** Of variables, by position. */
  readonly sizes: readonly Value[];
  readonly machine: OpenMachine;
};

/** Numbers of the machine, known or open. What there is of everything, and how many instances, is always known. */
export type OpenMachine = {
  /** Cycles that each resource needs for a byte, if it is a port. */
  readonly byteCycles: readonly Value[];
  /** By level. */
  readonly accessBytes: readonly Value[];
  readonly capacityBytes: readonly Value[];
  /** Charged for a byte, by level. */
  readonly readPrice: readonly Value[];
  readonly writePrice: readonly Value[];
  /** Cycles from one level to another, or to the units below. */
  readonly latency: (from: number, to: number | undefined) => Value;
  /** Part of what pipelining could save that it does not. */
  readonly missed: Value;
  /** By compute. */
  readonly ramp: readonly Value[];
  /** By compute, then by binding: cycles of a lane for a point, lanes of each dimension, energy of each operation. */
  readonly bindings: readonly (readonly OpenBinding[])[];
};

type OpenBinding = {
  readonly cyclesPerPoint: Value;
  readonly lanes: readonly Value[];
  readonly energies: readonly Value[];
};

/** Whether numbers besides those of the mapping are open, too: sizes, and those of the machine. */
export type Openness = 'known' | 'open';

/** How a number that is open follows from the machine that is there then. */
export type MachineNumber = (machine: Machine) => number;

/**
 * The open numbers by position: tiles, then stages, then iterations in flight; then, if all is open, sizes, and the numbers
 * of the machine, whose readers are in `machineNumbers`.
 */
export function openNumbers(
  p: PlacedMapping,
  accounting: Accounting,
  others: Openness,
): OpenMapping & { readonly machineNumbers: readonly MachineNumber[] } {
  const graph = createGraph();
  const loops = p.loops.length;
  const keeps = p.keeps.length;
  const { variables } = p.workload;
  const machineNumbers: MachineNumber[] = [];
  const number = (read: MachineNumber, range: 'positive' | 'amount'): Value => {
    if (others === 'known') return read(p.machine);
    machineNumbers.push(read);
    return graph.input(2 * loops + keeps + variables.length + machineNumbers.length - 1, range === 'positive');
  };
  return {
    p,
    graph,
    tiles: p.loops.map((_, l) => graph.input(l, true)),
    stages: p.keeps.map((_, k) => graph.input(loops + k, true)),
    inFlight: p.loops.map((_, l) => graph.input(loops + keeps + l, true)),
    sizes: variables.map(({ size }, v) => (others === 'known' ? size : graph.input(2 * loops + keeps + v, true))),
    machine: openMachine(p, accounting, number),
    machineNumbers,
  };
}

function openMachine(
  p: PlacedMapping,
  accounting: Accounting,
  number: (read: MachineNumber, range: 'positive' | 'amount') => Value,
): OpenMachine {
  const { levels } = p.machine;
  const { kinds, levels: resourceLevels, ofRead } = machineResources(p.machine);
  const latencies = levels.map((_, from) =>
    [undefined, ...levels.keys()].map((to) => number((m) => pathLatency(m.levels, from, to), 'amount')),
  );
  return {
    byteCycles: kinds.map((kind, r) => {
      if (kind === 'unit') return 0;
      const level = resourceLevels[r]!;
      const rate = ofRead(level) === r ? 'read_bytes_per_cycle' : 'write_bytes_per_cycle';
      return number((m) => 1 / m.levels[level]!.memory![rate], 'positive');
    }),
    accessBytes: levels.map((_, l) => number((m) => m.levels[l]!.memory?.access_bytes ?? 1, 'positive')),
    capacityBytes: levels.map((_, l) =>
      number((m) => m.levels[l]!.memory?.capacity_bytes ?? Number.POSITIVE_INFINITY, 'positive'),
    ),
    readPrice: levels.map((_, l) =>
      number((m) => (m.levels[l]!.memory?.read_pj_per_byte ?? 0) * chargedShare(m, l, accounting), 'amount'),
    ),
    writePrice: levels.map((_, l) =>
      number((m) => (m.levels[l]!.memory?.write_pj_per_byte ?? 0) * chargedShare(m, l, accounting), 'amount'),
    ),
    latency: (from, to) => latencies[from]![to === undefined ? 0 : to + 1]!,
    missed: number((m) => 1 - m.overlap, 'amount'),
    ramp: p.computes.map((compute) => number((m) => rampCycles(m, compute), 'amount')),
    bindings: p.computes.map(({ einsum, bindings }) => {
      const bits = operandBits(p.workload, einsum);
      return bindings.map(({ unit, operations, dimensions }): OpenBinding => {
        const costs = operations.map(({ operator, perPoint }) => (m: Machine) => ({
          perPoint,
          ...operationCost(m.units[unit]!, m.units[unit]!.operators.get(operator)!, bits),
        }));
        return {
          cyclesPerPoint: number(
            (m) => costs.reduce((sum, cost) => sum + cost(m).perPoint * cost(m).cycles, 0),
            'amount',
          ),
          lanes: dimensions.map(({ whole, size }) =>
            whole === undefined ? size : number((m) => m.units[unit]!.dimensions[whole]!.size, 'positive'),
          ),
          energies: costs.map((cost) => number((m) => cost(m).energy_pj, 'amount')),
        };
      });
    }),
  };
}
