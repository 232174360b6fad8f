import type { Machine } from '../arch/machine.ts';
import type { BoundAccess } from '../einsum/workload.ts';
import type { Compute, Keep, PlacedMapping } from '../mapper/placed.ts';
import {
  accessBox,
  arrayPoints,
  arrayReads,
  type Environment,
  elements,
  gridOf,
  gridSteps,
  type TileBox,
  tensorBytes,
} from '../mapper/tile.ts';
import { accessedBytes, keptShare } from './accesses.ts';
import { selectionCycles, selectionLatency } from './selection-cycles.ts';
import type { Traffic } from './traffic.ts';

/**
 * What can be busy: every unit, and the read and the write port of every memory with a stated bandwidth. Each serves
 * one operation at a time; an operation holds all that it uses from its start, each for its own time.
 */
export type Resources = {
  /** "Array2D", "DRAM.read", "DRAM.write", or "DRAM" where one port does both. */
  readonly names: readonly string[];
  readonly kinds: readonly ('unit' | 'port')[];
  /** How many there are in the machine. */
  readonly instances: readonly number[];
  /** Level that each belongs to. */
  readonly levels: readonly number[];
  /** Bytes a cycle of each port; 0 for units. */
  readonly bytesPerCycle: readonly number[];
  /** Position of a unit's or port's resource; undefined for a port without a limit. */
  readonly ofUnit: (unit: number) => number;
  readonly ofRead: (level: number) => number | undefined;
  readonly ofWrite: (level: number) => number | undefined;
};

export function machineResources(machine: Machine): Resources {
  const names: string[] = [];
  const kinds: ('unit' | 'port')[] = [];
  const instances: number[] = [];
  const levels: number[] = [];
  const bytesPerCycle: number[] = [];
  const add = (name: string, kind: 'unit' | 'port', level: number, rate: number): number => {
    names.push(name);
    kinds.push(kind);
    levels.push(level);
    instances.push(machine.levels[level]!.totalInstances);
    bytesPerCycle.push(rate);
    return names.length - 1;
  };
  const units = machine.units.map((u) => add(u.name, 'unit', u.level, 0));
  const reads: (number | undefined)[] = [];
  const writes: (number | undefined)[] = [];
  machine.levels.forEach((level, l) => {
    const { memory } = level;
    const port = (name: string, rate: number | undefined): number | undefined =>
      rate === undefined || !Number.isFinite(rate) ? undefined : add(name, 'port', l, rate);
    const shared = memory?.sharedPort === true;
    reads.push(port(shared ? level.name : `${level.name}.read`, memory?.read_bytes_per_cycle));
    writes.push(shared ? reads[l] : port(`${level.name}.write`, memory?.write_bytes_per_cycle));
  });
  return {
    names,
    kinds,
    instances,
    levels,
    bytesPerCycle,
    ofUnit: (unit) => units[unit]!,
    ofRead: (level) => reads[level],
    ofWrite: (level) => writes[level],
  };
}

/** A resource and the cycles that an operation holds it. */
export type Use = { readonly resource: number; readonly cycles: number };

/**
 * The costs of operations as one instance sees them. Inside a grid the instances share what is above them: each has
 * an equal part of every shared unit, holds a shared port as much longer as the others slow it down, and reads of a
 * shared buffer bring with them their average share of the fills from further out.
 */
export type Costs = {
  readonly placed: PlacedMapping;
  readonly resources: Resources;
  /** Instances that share each resource, by position; 1: its own. */
  readonly sharers: readonly number[];
  /** How many times longer each resource is held than with the port to itself. */
  readonly slowdown: Float64Array;
  /** Bytes filled into (drained from) a shared keep for each byte read from (written to) it, by keep. */
  readonly fillRatio: ReadonlyMap<number, number>;
  readonly drainRatio: ReadonlyMap<number, number>;
  /** Bytes filled for each byte written, where nothing is read: sums are fetched to be added to. */
  readonly fetchRatio: ReadonlyMap<number, number>;
  /** Keeps that the operations below find in place: their fills are paid for by ratio. */
  readonly outside: ReadonlySet<Keep>;
  /** Loops around those operations. */
  readonly above: Compute['above'];
};

/** Costs for operations under these keeps and grid loops; `outside` are the keeps that surround them. */
export function costsOf(
  p: PlacedMapping,
  traffic: Traffic,
  outside: ReadonlySet<Keep>,
  above: Compute['above'],
): Costs {
  const resources = machineResources(p.machine);
  const grid = gridOf(above);
  const level = grid[0]?.across;
  const active = level === undefined ? 1 : Math.min(p.machine.levels[level]!.totalInstances, gridSteps(p, grid));
  const sharers = resources.levels.map((l) => (level === undefined || isOwn(p.machine, level, l) ? 1 : active));
  const accessed = accessedBytes(p, traffic.accesses);
  const fillRatio = new Map<number, number>();
  const drainRatio = new Map<number, number>();
  const fetchRatio = new Map<number, number>();
  for (const m of traffic.movements) {
    if (!outside.has(m.keep)) continue;
    const { read, written } = accessed[m.keep.id]!;
    const kept = keptShare(m.keep);
    if (read > 0 && m.fill_bytes > 0) fillRatio.set(m.keep.id, (kept * m.fill_bytes) / read);
    else if (written > 0 && m.fill_bytes > 0) fetchRatio.set(m.keep.id, (kept * m.fill_bytes) / written);
    if (written > 0 && m.drain_bytes > 0) drainRatio.set(m.keep.id, (kept * m.drain_bytes) / written);
  }
  const slowdown = new Float64Array(sharers.length).fill(1);
  return { placed: p, resources, sharers, slowdown, fillRatio, drainRatio, fetchRatio, outside, above };
}

/** Whether a level is one of those over which a grid is spread, or inside of it: then each instance has its own. */
export const isOwn = (machine: Machine, across: number, level: number | undefined): boolean =>
  level !== undefined && (level === across || isOwn(machine, across, machine.levels[level]!.parent));

/** A transfer takes whole accesses of its memory. */
function wholeAccesses(costs: Costs, keep: Keep, bytes: number): number {
  const access = accessBytesOf(costs.placed.machine, keep);
  return Math.ceil(bytes / access) * access;
}

/** Bytes of an access of the memory that a keep is in. */
const accessBytesOf = ({ levels }: Machine, keep: Keep): number => levels[keep.level]!.memory?.access_bytes ?? 1;

/** Adds the ports that a read of a keep's tile holds, out to where the bytes come from (those only on average). */
function addRead(costs: Costs, keep: Keep, bytes: number, uses: Use[]): void {
  addPort(costs, costs.resources.ofRead(keep.level), bytes, uses);
  if (keep.spill !== undefined) {
    const spilled = bytes * keep.spill.share;
    if (keep.parent !== undefined) addRead(costs, keep.parent, spilled, uses);
    else addPort(costs, costs.resources.ofRead(keep.spill.level), spilled, uses);
  }
  const ratio = costs.fillRatio.get(keep.id);
  if (ratio === undefined || keep.parent === undefined) return;
  addPort(costs, costs.resources.ofWrite(keep.level), bytes * ratio, uses);
  addRead(costs, keep.parent, bytes * ratio, uses);
}

/** Adds the ports that a write of a keep's tile holds, out to where the bytes go. */
function addWrite(costs: Costs, keep: Keep, bytes: number, uses: Use[]): void {
  addPort(costs, costs.resources.ofWrite(keep.level), bytes, uses);
  if (keep.spill !== undefined) {
    const spilled = bytes * keep.spill.share;
    if (keep.parent !== undefined) addWrite(costs, keep.parent, spilled, uses);
    else addPort(costs, costs.resources.ofWrite(keep.spill.level), spilled, uses);
  }
  const fetched = costs.fetchRatio.get(keep.id);
  if (fetched !== undefined && keep.parent !== undefined) {
    addPort(costs, costs.resources.ofWrite(keep.level), bytes * fetched, uses);
    addRead(costs, keep.parent, bytes * fetched, uses);
  }
  const ratio = costs.drainRatio.get(keep.id);
  if (ratio === undefined || keep.parent === undefined) return;
  addPort(costs, costs.resources.ofRead(keep.level), bytes * ratio, uses);
  addWrite(costs, keep.parent, bytes * ratio, uses);
}

function addPort(costs: Costs, port: number | undefined, bytes: number, uses: Use[]): void {
  if (port === undefined || bytes === 0) return;
  addUse(uses, port, (bytes * costs.slowdown[port]!) / costs.resources.bytesPerCycle[port]!);
}

function addUse(uses: Use[], resource: number, cycles: number): void {
  const at = uses.findIndex((u) => u.resource === resource);
  if (at < 0) uses.push({ resource, cycles });
  else uses[at] = { resource, cycles: uses[at]!.cycles + cycles };
}

/** What a fill of so many bytes of a keep's tile from its parent holds; what spills stays there. */
export function fillUses(costs: Costs, keep: Keep, bytes: number): Use[] {
  const uses: Use[] = [];
  const kept = bytes * keptShare(keep) * keep.density;
  addRead(costs, keep.parent!, wholeAccesses(costs, keep.parent!, kept), uses);
  addPort(costs, costs.resources.ofWrite(keep.level), wholeAccesses(costs, keep, kept), uses);
  return uses;
}

/** What a drain of so many bytes of a keep's tile to its parent holds, to be added there or not; what spills is there already. */
export function drainUses(costs: Costs, keep: Keep, bytes: number): Use[] {
  const uses: Use[] = [];
  const kept = bytes * keptShare(keep) * keep.density;
  addPort(costs, costs.resources.ofRead(keep.level), wholeAccesses(costs, keep, kept), uses);
  const whole = wholeAccesses(costs, keep.parent!, kept);
  if (keep.rereads) addRead(costs, keep.parent!, whole, uses);
  addWrite(costs, keep.parent!, whole, uses);
  return uses;
}

const scratch: TileBox = [];

/** Bytes of an access over the environment, every version of a carried dimension counted. */
function accessBytes(p: PlacedMapping, access: BoundAccess, env: Environment): number {
  const tensor = p.workload.tensors[access.tensor]!;
  return tensorBytes(tensor, elements(accessBox(access, tensor, env, scratch), tensor.dimensions.length));
}

export type ComputeCost = {
  readonly uses: readonly Use[];
  readonly read_bytes: readonly number[];
  readonly write_bytes: number;
};

/**
 * What a compute holds on a tile: its units for the padded passes of their arrays, and the ports of the buffers that
 * its operands come from and its output goes to. `updates` says that it adds to results that are there already.
 */
export function computeCost(costs: Costs, compute: Compute, env: Environment, updates: boolean): ComputeCost {
  const { einsum, bindings } = compute;
  const uses: Use[] = [];
  for (const binding of bindings)
    addUse(
      uses,
      costs.resources.ofUnit(binding.unit),
      unitCycles(costs.placed, compute, binding, env) * sharersOfUnit(costs, binding.unit),
    );
  const read_bytes = einsum.operands.map(
    (access, i) =>
      einsum.readShares[i]! * accessBytes(costs.placed, access, env) * arrayReads(bindings[0]!, access, env),
  );
  compute.operands.forEach((keep, i) => {
    addRead(costs, keep, wholeAccesses(costs, keep, read_bytes[i]!), uses);
  });
  const write_bytes = einsum.writeShare * accessBytes(costs.placed, einsum.output, env);
  const whole = wholeAccesses(costs, compute.output, write_bytes);
  if (updates) addRead(costs, compute.output, whole, uses);
  addWrite(costs, compute.output, whole, uses);
  return { uses, read_bytes, write_bytes };
}

/** Cycles that a tile of a compute holds a unit, on average where data decides. */
export function unitCycles(
  { machine }: PlacedMapping,
  { einsum }: Compute,
  binding: Compute['bindings'][number],
  env: Environment,
): number {
  const { selector } = machine.units[binding.unit]!;
  const { selection, density } = einsum;
  return selector !== undefined && selection?.kind === 'rank'
    ? density * selectionCycles(selector, einsum, selection, env)
    : density * arrayPoints(binding, einsum, env) * binding.cyclesPerPoint;
}

const sharersOfUnit = (costs: Costs, unit: number): number => costs.sharers[costs.resources.ofUnit(unit)]!;

/** Cycles that the result of a tile comes after its units are free again: of an engine that selects, and the ramps. */
export function resultDelay(p: PlacedMapping, compute: Compute, env: Environment): number {
  const { einsum, bindings } = compute;
  const { selection } = einsum;
  const { selector } = p.machine.units[bindings[0]!.unit]!;
  const selected =
    selector !== undefined && selection?.kind === 'rank' ? selectionLatency(selector, einsum, selection, env) : 0;
  return selected + rampCycles(p.machine, compute);
}

/** Cycles that a compute's result comes after its units are free again: the ramps that the mapping waits for. */
export function rampCycles({ units }: Machine, compute: Compute): number {
  let most = 0;
  for (const { unit } of compute.bindings) {
    const { ramp_up_cycles, ramp_down_cycles } = units[unit]!;
    most = Math.max(most, ramp_up_cycles + ramp_down_cycles);
  }
  return compute.ramp * most;
}

/** Cycles from a keep to where its data is used; of what spills, from where that is. */
export function accessLatency(costs: Costs, keep: Keep, to: number | undefined): number {
  const { levels } = costs.placed.machine;
  let cycles = pathLatency(levels, keep.level, to);
  if (keep.spill !== undefined) {
    const { parent, spill, level } = keep;
    const outside =
      parent === undefined ? pathLatency(levels, spill.level, level) : accessLatency(costs, parent, level);
    cycles = Math.max(cycles, outside);
  }
  const ratio = costs.fillRatio.get(keep.id);
  if (ratio !== undefined && keep.parent !== undefined)
    cycles += Math.min(1, ratio) * accessLatency(costs, keep.parent, keep.level);
  return cycles;
}

/**
 * Latency of a memory, and of those that its data passes through on the way to a level below it, or to a unit of its own.
 * To a level beside it there is nothing on the way.
 */
export function pathLatency(levels: Machine['levels'], from: number, to: number | undefined): number {
  let cycles = levels[from]!.memory?.latency_cycles ?? 0;
  for (let l = to; l !== undefined && l !== from && l !== levels[from]!.parent; l = levels[l]!.parent)
    if (l !== to) cycles += levels[l]!.memory?.latency_cycles ?? 0;
  return cycles;
}
