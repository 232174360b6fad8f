import type { Keep, PlacedMapping } from '../../mapper/placed.ts';
import { machineResources, type Resources } from '../resources.ts';
import type { Graph, Value } from './graph.ts';
import type { OpenMachine, OpenMapping } from './open.ts';

/** What operations cost, as `Costs` in `resources.ts`, with numbers that are open. */
export type OpenCosts = {
  readonly p: PlacedMapping;
  readonly graph: Graph;
  readonly machine: OpenMachine;
  readonly resources: Resources;
  /** By resource. */
  readonly sharers: readonly Value[];
  readonly slowdown: readonly Value[];
  /** By keep id; 0 for one that is not outside. */
  readonly fillRatio: readonly Value[];
  readonly drainRatio: readonly Value[];
};

/** Costs where nothing is shared. */
export function costsAlone({ p, graph, machine }: OpenMapping): OpenCosts {
  const resources = machineResources(p.machine);
  const ones = resources.names.map(() => 1);
  const zeros = p.keeps.map(() => 0);
  return { p, graph, machine, resources, sharers: ones, slowdown: ones, fillRatio: zeros, drainRatio: zeros };
}

/** Cycles that resources are held, by resource. */
export type Held = ReadonlyMap<number, Value>;
type Holding = Map<number, Value>;

export function hold({ graph: g }: OpenCosts, held: Holding, resource: number, cycles: Value): void {
  held.set(resource, g.add(held.get(resource) ?? 0, cycles));
}

export function holdPort(costs: OpenCosts, held: Holding, port: number | undefined, bytes: Value): void {
  if (port === undefined || bytes === 0) return;
  const { graph: g, machine, slowdown } = costs;
  hold(costs, held, port, g.multiply(g.multiply(machine.byteCycles[port]!, slowdown[port]!), bytes));
}

/** A transfer takes whole accesses of its memory. */
export function wholeAccesses({ machine, graph: g }: OpenCosts, keep: Keep, bytes: Value): Value {
  const access = machine.accessBytes[keep.level]!;
  return g.multiply(access, g.ceil(g.divide(bytes, access)));
}

/** Holds the ports that a read of a keep's tile holds, out to where the bytes come from. */
export function holdRead(costs: OpenCosts, held: Holding, keep: Keep, bytes: Value): void {
  const { graph: g, resources, fillRatio } = costs;
  const { level, spill, parent, id } = keep;
  holdPort(costs, held, resources.ofRead(level), bytes);
  if (spill !== undefined) {
    const spilled = g.multiply(spill.share, bytes);
    if (parent !== undefined) holdRead(costs, held, parent, spilled);
    else holdPort(costs, held, resources.ofRead(spill.level), spilled);
  }
  if (parent === undefined) return;
  const filled = g.multiply(fillRatio[id]!, bytes);
  holdPort(costs, held, resources.ofWrite(level), filled);
  if (filled !== 0) holdRead(costs, held, parent, filled);
}

/** Holds the ports that a write of a keep's tile holds, out to where the bytes go. */
export function holdWrite(costs: OpenCosts, held: Holding, keep: Keep, bytes: Value): void {
  const { graph: g, resources, drainRatio } = costs;
  const { level, spill, parent, id } = keep;
  holdPort(costs, held, resources.ofWrite(level), bytes);
  if (spill !== undefined) {
    const spilled = g.multiply(spill.share, bytes);
    if (parent !== undefined) holdWrite(costs, held, parent, spilled);
    else holdPort(costs, held, resources.ofWrite(spill.level), spilled);
  }
  if (parent === undefined) return;
  const drained = g.multiply(drainRatio[id]!, bytes);
  holdPort(costs, held, resources.ofRead(level), drained);
  if (drained !== 0) holdWrite(costs, held, parent, drained);
}

/** Cycles from a keep to where its data is used, as `accessLatency` in `resources.ts` says. */
export function latencyOf(costs: OpenCosts, keep: Keep, to: number | undefined): Value {
  const { graph: g, machine, fillRatio } = costs;
  const { level, spill, parent, id } = keep;
  let cycles: Value = machine.latency(level, to);
  if (spill !== undefined)
    cycles = g.max(
      cycles,
      parent === undefined ? machine.latency(spill.level, level) : latencyOf(costs, parent, level),
    );
  if (parent === undefined || fillRatio[id] === 0) return cycles;
  return g.add(cycles, g.multiply(g.min(1, fillRatio[id]!), latencyOf(costs, parent, level)));
}
