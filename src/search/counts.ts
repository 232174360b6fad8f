import type { Accounting, Unit } from '../arch/machine.ts';
import { storedElements } from '../einsum/shape.ts';
import type { BoundAccess, BoundEinsum } from '../einsum/workload.ts';
import { hasLanesIn } from '../mapper/lanes.ts';
import { isIndexedBy } from '../mapper/tile.ts';
import { accessesOf, type Body, type Frame, isInside, sumOverTiles, tilesOf, usesOf } from './frame.ts';
import { lanesOf, type NestKeep, type Problem, type UnitChoice } from './plan.ts';

/**
 * What one choice in a nest costs, in closed form: a binding of an Einsum, or the places of a tensor. Costs of a nest are
 * sums of these, as long as its cascade is dense. The rules are those of `models/traffic.ts`.
 */

/** Of an Einsum on its units. Bytes cross the port of the innermost place of each tensor. */
export type BindingCounts = {
  /** Cycles by position of the unit. */
  readonly unit_cycles: Float64Array;
  /** By operand. */
  readonly read_bytes: readonly number[];
  readonly update_bytes: number;
  readonly write_bytes: number;
  /** Of the operations. */
  readonly energy_pj: number;
  /** Level whose memory the lanes of its first unit have among them; undefined: none. */
  readonly laneLevel: number | undefined;
  /** What its lanes have for themselves; undefined: no memories. */
  readonly private: PrivateCounts | undefined;
  /** Points that it computes, and those of its output. */
  readonly points: number;
  readonly elements: number;
};

type Laid = { readonly variable: number; readonly lanes: number };

type PrivateCounts = {
  /** Levels of its lanes' memories. */
  readonly levels: ReadonlySet<number>;
  /** Lanes that have a copy of what it works on: of each operand, then of its result. */
  readonly copies: readonly number[];
  /** By access as well: it is used in several passes, so that lanes have to keep it. */
  readonly again: readonly boolean[];
};

const lengths = (f: Frame, above: readonly number[], variable: number, of: (length: number) => number): number =>
  sumOverTiles(f.problem.workload.variables[variable]!.size, tilesOf(f, above, variable), of);

/** Passes of an array over the tiles of an Einsum. */
function passesOf(f: Frame, above: readonly number[], variables: readonly number[], laid: readonly Laid[]): number {
  return variables.reduce((product, v) => {
    const lanes = laid.find((x) => x.variable === v)?.lanes ?? 1;
    return product * lengths(f, above, v, (length) => Math.ceil(length / lanes));
  }, 1);
}

/**
 * The least that loops inside leave of them. Of variables that share a dimension, each may then have more lanes, where tiles of the
 * others are smaller; but no pass has more points than there are lanes.
 */
function leastPasses(
  f: Frame,
  above: readonly number[],
  variables: readonly number[],
  along: UnitChoice['variables'],
  unit: Unit,
): number {
  const over = (some: readonly number[], lanes: number, points: number): number => {
    const [variable, ...others] = some;
    if (variable === undefined) return Math.ceil(points / lanes);
    return lengths(f, above, variable, (length) => over(others, lanes, points * length));
  };
  const beside = variables.filter((v) => !along.some((some) => some.includes(v)));
  const steps = beside.reduce((n, v) => n * f.problem.workload.variables[v]!.size, 1);
  return along.reduce((n, some, d) => n * over(some, unit.dimensions[d]!.size, 1), steps);
}

/** The operations that one of an Einsum's units has, and their cycles a point. */
function shareOf(
  { workload, machine }: Problem,
  position: number,
  choices: readonly UnitChoice[],
  { unit, operator }: UnitChoice,
): { readonly mine: BoundEinsum['operations']; readonly cyclesPerPoint: number } {
  const isOthers = (name: string): boolean => choices.some((c) => c.operator === name);
  const mine = workload.einsums[position]!.operations.filter((o) =>
    operator === undefined ? !isOthers(o.operator) : o.operator === operator,
  );
  const { operators } = machine.units[unit]!;
  return { mine, cyclesPerPoint: mine.reduce((sum, o) => sum + o.perPoint * operators.get(o.operator)!.cycles, 0) };
}

/** Lengths that the innermost tiles of an Einsum have along each of its variables, the longest first. */
export const tileLengths = (f: Frame, position: number): readonly (readonly number[])[] => {
  const above = f.bodies.get(position)!.at(-1)!.above;
  return f.problem.workload.einsums[position]!.variables.map((v) => {
    const found = new Set<number>();
    lengths(f, above, v, (length) => found.add(length).size);
    return [...found];
  });
};

/** Cycles of each unit for one tile of an Einsum, given by the lengths along its variables. */
export function tileCycles(
  f: Frame,
  position: number,
  choices: readonly UnitChoice[],
  tile: readonly number[],
): Float64Array {
  const { workload, machine } = f.problem;
  const { variables } = workload.einsums[position]!;
  const longest = tileLengths(f, position);
  const extentOf = (v: number): number => Math.max(...longest[variables.indexOf(v)]!);
  const cycles = new Float64Array(machine.units.length);
  for (const choice of choices) {
    const laid = lanesOf(machine.units[choice.unit]!, choice, extentOf);
    const { cyclesPerPoint } = shareOf(f.problem, position, choices, choice);
    const lanesAlong = (v: number): number => laid.find((x) => x.variable === v)?.lanes ?? 1;
    const passes = variables.reduce((n, v, i) => n * Math.ceil(tile[i]! / lanesAlong(v)), 1);
    cycles[choice.unit]! += passes * cyclesPerPoint;
  }
  return cycles;
}

/** `open`: what it costs at least with these and any loops inside them. */
export function countBinding(
  f: Frame,
  position: number,
  choices: readonly UnitChoice[],
  free: Accounting,
  open = false,
): BindingCounts {
  const { workload, machine } = f.problem;
  const einsum = workload.einsums[position]!;
  const above = f.bodies.get(position)!.at(-1)!.above;
  const extentOf = (v: number): number => Math.min(workload.variables[v]!.size, ...tilesOf(f, above, v));
  const unit_cycles = new Float64Array(machine.units.length);
  let energy_pj = 0;
  const points = einsum.variables.reduce((n, v) => n * workload.variables[v]!.size, 1);
  for (const choice of choices) {
    const unit = machine.units[choice.unit]!;
    const { mine, cyclesPerPoint } = shareOf(f.problem, position, choices, choice);
    const passes = open
      ? leastPasses(f, above, einsum.variables, choice.variables, unit)
      : passesOf(f, above, einsum.variables, lanesOf(unit, choice, extentOf));
    unit_cycles[choice.unit]! += passes * cyclesPerPoint;
    for (const o of mine)
      if (!free.freeOperators.has(o.operator))
        energy_pj += points * o.perPoint * unit.operators.get(o.operator)!.energy_pj;
  }
  const first = choices[0]!;
  const unit = machine.units[first.unit]!;
  const laid = open
    ? first.variables.flatMap((some, d) => some.map((variable) => ({ variable, lanes: unit.dimensions[d]!.size })))
    : lanesOf(unit, first, extentOf);
  const crossing = (access: BoundAccess, passes: boolean): number => {
    let product = elementsRead(f, access);
    for (const v of einsum.variables) {
      if (isIndexedBy(access, v)) continue;
      const lanes = passes ? laid.find((x) => x.variable === v)?.lanes : undefined;
      product *= lengths(f, above, v, (length) => (lanes === undefined ? 1 : Math.ceil(length / lanes)));
    }
    return (product * workload.tensors[access.tensor]!.bitsPerElement) / 8;
  };
  const write_bytes = crossing(einsum.output, false);
  const elements = elementsRead(f, einsum.output);
  const once_bytes = (elements * workload.tensors[einsum.output.tensor]!.bitsPerElement) / 8;
  const cut = above.some((i) => einsum.reduced.includes(f.loops[i]!.variable));
  return {
    unit_cycles,
    read_bytes: einsum.operands.map((access) => crossing(access, true)),
    update_bytes: cut ? write_bytes - once_bytes : 0,
    write_bytes,
    energy_pj,
    laneLevel: machine.levels[unit.level]!.memory?.perLane === true ? unit.level : undefined,
    private: privateCounts(f.problem, einsum, first.unit, laid, extentOf, open),
    points,
    elements,
  };
}

function privateCounts(
  { machine }: Frame['problem'],
  einsum: BoundEinsum,
  unit: number,
  laid: readonly Laid[],
  extentOf: (variable: number) => number,
  open: boolean,
): PrivateCounts | undefined {
  const levels = new Set(machine.levels.flatMap((_, level) => (hasLanesIn(machine, level, unit) ? [level] : [])));
  if (levels.size === 0) return undefined;
  const accesses = [...einsum.operands, einsum.output];
  // As many as there can be, whatever loops are inside.
  const copies = accesses.map((access) =>
    laid.reduce(
      (n, { variable, lanes }) => (isIndexedBy(access, variable) ? n : n * Math.min(lanes, extentOf(variable))),
      1,
    ),
  );
  const lanesAlong = (v: number): number => laid.find((x) => x.variable === v)?.lanes ?? 1;
  // Loops inside may leave one pass of what has several here.
  const again = accesses.map(
    (access) => !open && einsum.variables.some((v) => !isIndexedBy(access, v) && extentOf(v) > lanesAlong(v)),
  );
  return { levels, copies, again };
}

/** Elements that an access touches in all, every version of a carried dimension counted. */
const elementsRead = ({ problem: { workload } }: Frame, access: BoundAccess): number =>
  access.indices.reduce((n, { terms }, d) => {
    if (terms.length === 0) return n;
    const { size, carried } = workload.tensors[access.tensor]!.dimensions[d]!;
    return n * (carried ? workload.variables[terms[0]!.variable]!.size : size);
  }, 1);

/** Of the places of one tensor: what its tiles move, by level, and what they hold there. */
export type KeepCounts = {
  readonly read_bytes: Float64Array;
  /** The part of `read_bytes` that goes to the level above. */
  readonly drain_bytes: Float64Array;
  readonly write_bytes: Float64Array;
  /** Bytes of all stages of the largest tile, by place; `branch` is the loop right under the nest's own body, if any. */
  readonly held: readonly { readonly level: number; readonly bytes: number; readonly branch: Body | undefined }[];
  /** The innermost place, by position of the Einsum that uses it there. */
  readonly innermost: ReadonlyMap<number, Innermost>;
};

/** Its level, and bytes that come in and leave for this Einsum alone: none where others use the same tile. */
export type Innermost = { readonly level: number; readonly filled: number; readonly drained: number };

/** The body right inside that of the nest; undefined for the latter. */
function outermost(body: Body): Body | undefined {
  let b = body;
  while (b.around?.around !== undefined) b = b.around;
  return b.around === undefined ? undefined : b;
}

type Place = { readonly keep: NestKeep; readonly body: Body; readonly users: readonly number[] };

/** Undefined: a body would be inside another one that keeps the tensor in the same level, or the tensor would be nowhere. */
export function countKeeps(
  f: Frame,
  tensor: number,
  chain: readonly NestKeep[],
  home: number | undefined,
): KeepCounts | undefined {
  const { workload, machine } = f.problem;
  const users = usesOf(workload, tensor, f.einsums);
  const counts = {
    read_bytes: new Float64Array(machine.levels.length),
    drain_bytes: new Float64Array(machine.levels.length),
    write_bytes: new Float64Array(machine.levels.length),
  };
  const held: { level: number; bytes: number; branch: Body | undefined }[] = [];
  const innermost = new Map<number, Innermost>();
  const bits = workload.tensors[tensor]!.bitsPerElement;
  const bytes = (elements: number): number => (elements * bits) / 8;
  let outside: number | undefined = home;
  for (const keep of chain) {
    const places = placesOf(f, keep, users);
    if (places === undefined || (outside === undefined && places.length > 1)) return undefined;
    for (const place of places) {
      const stage_bytes = bytes(largestTile(f, tensor, place.body.above));
      held.push({ level: keep.level, bytes: keep.stages * stage_bytes, branch: outermost(place.body) });
      const shared = { level: keep.level, filled: 0, drained: 0 };
      for (const e of place.users) innermost.set(e, shared);
      if (outside === undefined) continue;
      const { filled, drained } = movedBy(f, tensor, place, users);
      if (place.users.length === 1)
        innermost.set(place.users[0]!, { level: keep.level, filled: bytes(filled), drained: bytes(drained) });
      counts.write_bytes[keep.level]! += bytes(filled);
      counts.read_bytes[outside]! += bytes(filled);
      counts.read_bytes[keep.level]! += bytes(drained);
      counts.drain_bytes[keep.level]! += bytes(drained);
      counts.write_bytes[outside]! += bytes(drained);
    }
    outside = keep.level;
  }
  if (outside === undefined) return undefined;
  for (const e of users) if (!innermost.has(e)) innermost.set(e, { level: home!, filled: 0, drained: 0 });
  return { ...counts, held, innermost };
}

function placesOf(f: Frame, keep: NestKeep, users: readonly number[]): readonly Place[] | undefined {
  const byBody = new Map<Body, number[]>();
  for (const e of users) {
    const body = f.bodies.get(e)![keep.depth]!;
    byBody.set(body, [...(byBody.get(body) ?? []), e]);
  }
  const bodies = [...byBody.keys()];
  if (bodies.some((a) => bodies.some((b) => a !== b && isInside(a, b)))) return undefined;
  return [...byBody].map(([body, some]) => ({ keep, body, users: some }));
}

/** Elements of the largest tile under some loops. */
function largestTile(f: Frame, tensor: number, above: readonly number[]): number {
  const { workload } = f.problem;
  const extent = (variable: number): number => {
    let least = workload.variables[variable]!.size;
    for (const i of above) if (f.loops[i]!.variable === variable) least = Math.min(least, f.loops[i]!.tile);
    return least;
  };
  const indices = indicesOf(f, tensor);
  return workload.tensors[tensor]!.dimensions.reduce((n, { size, carried }, d) => {
    if (carried) return n;
    const reach = indices[d]!.reduce((sum, t) => sum + t.coefficient * (extent(t.variable) - 1), 1);
    return n * Math.min(size, reach);
  }, 1);
}

type Indices = readonly (readonly { readonly variable: number; readonly coefficient: number }[])[];

/** By the Einsums of a frame, then by tensor: asked for at every count. */
const knownIndices = new WeakMap<Frame['einsums'], Map<number, Indices>>();

/** Terms of each dimension, of the access that has most. */
function indicesOf({ problem: { workload }, einsums }: Frame, tensor: number): Indices {
  const known = knownIndices.get(einsums) ?? new Map<number, Indices>();
  knownIndices.set(einsums, known);
  const old = known.get(tensor);
  if (old !== undefined) return old;
  const accesses = einsums.flatMap((e) => accessesOf(workload.einsums[e]!).filter((a) => a.tensor === tensor));
  const indices = workload.tensors[tensor]!.dimensions.map((_, d) =>
    accesses.map((a) => a.indices[d]!.terms).reduce((a, b) => (b.length > a.length ? b : a)),
  );
  known.set(tensor, indices);
  return indices;
}

/** Elements that a place fills from outside and drains there. */
function movedBy(
  f: Frame,
  tensor: number,
  { body, users }: Place,
  all: readonly number[],
): { readonly filled: number; readonly drained: number } {
  const { workload } = f.problem;
  const { producer, role } = workload.tensors[tensor]!;
  const here = producer !== undefined && users.includes(producer);
  if (!here) {
    // Of a carried tensor each iteration of its rank reads another version.
    const made = producer === undefined || !f.bodies.has(producer) ? undefined : workload.einsums[producer];
    const renewed = made === undefined ? [] : sharedLoops(f, body, producer!);
    const restarts = renewed.filter((i) => f.loops[i]!.variable === made!.carried);
    return { filled: moved(f, tensor, body.above, restarts), drained: 0 };
  }
  const made = workload.einsums[producer]!;
  const elsewhere = all.filter((e) => !users.includes(e));
  const returns = body.above.some((i) => {
    const { variable } = f.loops[i]!;
    return made.reduced.includes(variable) || made.carried === variable;
  });
  const shared = elsewhere.map((e) => sharedLoops(f, body, e));
  const restarts = shared.reduce((a, b) => (b.length > a.length ? b : a), []);
  const volume = moved(f, tensor, body.above, restarts);
  const drains = role === 'output' || elsewhere.length > 0 || returns;
  return { filled: volume - stored(f, tensor), drained: drains ? volume : 0 };
}

const stored = ({ problem: { workload } }: Frame, tensor: number): number => storedElements(workload.tensors[tensor]!);

/** Loops above a body that are also above an Einsum, outermost first. */
function sharedLoops(f: Frame, body: Body, einsum: number): readonly number[] {
  const inside = f.bodies.get(einsum)!.at(-1)!;
  for (let b: Body | undefined = body; b !== undefined; b = b.around) if (isInside(inside, b)) return b.above;
  return [];
}

type Sweep = { readonly moved: number; readonly single: boolean };

/**
 * Elements that come into a buffer of one tile while loops go by: whenever the tile is another one. A loop that does not move
 * the tile finds it again if the loops inside have not moved it either. Loops that restart find nothing.
 */
function moved(f: Frame, tensor: number, above: readonly number[], restarts: readonly number[]): number {
  const { workload } = f.problem;
  const indices = indicesOf(f, tensor);
  const { dimensions } = workload.tensors[tensor]!;
  const indexing = (variable: number): boolean =>
    indices.some((terms, d) => !dimensions[d]!.carried && terms.some((t) => t.variable === variable));
  // Tiles partition the tensor: their volumes are sums over coordinates, so a share of it is enough.
  const extents = workload.variables.map((v) => v.size);
  const sweep = (at: number): Sweep => {
    const index = above[at];
    if (index === undefined) return { moved: volumeOf(workload, dimensions, indices, extents), single: true };
    const { variable, tile } = f.loops[index]!;
    const size = extents[variable]!;
    const whole = Math.floor(size / tile);
    const left = size % tile;
    const step = (length: number): Sweep => {
      extents[variable] = length;
      const inside = sweep(at + 1);
      extents[variable] = size;
      return inside;
    };
    const most = whole > 0 ? step(tile) : undefined;
    const last = left > 0 ? step(left) : undefined;
    const steps = whole + (left > 0 ? 1 : 0);
    const sum = whole * (most?.moved ?? 0) + (last?.moved ?? 0);
    if (restarts.includes(index)) return { moved: sum, single: false };
    const single = (most?.single ?? true) && (last?.single ?? true);
    if (indexing(variable)) return { moved: sum, single: single && steps === 1 };
    return single ? { moved: (most ?? last)!.moved, single } : { moved: sum, single };
  };
  return sweep(0).moved;
}

/** Elements of a tile of such extents; of a partition that is clipped, on average. */
function volumeOf(
  w: Frame['problem']['workload'],
  dimensions: readonly { readonly size: number; readonly carried: boolean }[],
  indices: readonly (readonly { readonly variable: number; readonly coefficient: number }[])[],
  extents: readonly number[],
): number {
  return dimensions.reduce((n, { size, carried }, d) => {
    if (carried) return n;
    const share = indices[d]!.reduce((x, t) => x * (extents[t.variable]! / w.variables[t.variable]!.size), 1);
    return n * size * share;
  }, 1);
}

/** Bytes of the largest tile of a tensor in the body that its users are in at a depth. */
export function tileBytes(f: Frame, tensor: number, depth: number): number {
  const { workload } = f.problem;
  const [user] = usesOf(workload, tensor, f.einsums);
  const body = f.bodies.get(user!)![depth]!;
  return (largestTile(f, tensor, body.above) * workload.tensors[tensor]!.bitsPerElement) / 8;
}

/**
 * Bytes that come into a place of a tensor, and leave one that it is made in, at least, if its tiles fit so many bytes, these loops are
 * outermost and there is a place further out: as little as the outermost place moves whose tile fits, or one under all of them, if none
 * fits yet.
 */
export function leastMoved(
  f: Frame,
  tensor: number,
  room_bytes: number,
): { readonly in_bytes: number; readonly out_bytes: number } {
  const { workload } = f.problem;
  const { bitsPerElement, producer } = workload.tensors[tensor]!;
  const bytes = (elements: number): number => (elements * bitsPerElement) / 8;
  const users = usesOf(workload, tensor, f.einsums);
  const movedFor = (e: number): number => {
    const bodies = f.bodies.get(e)!;
    const fits = bodies.find((b) => bytes(largestTile(f, tensor, b.above)) <= room_bytes);
    return bytes(moved(f, tensor, (fits ?? bodies.at(-1)!).above, []));
  };
  if (producer === undefined || !users.includes(producer))
    return { in_bytes: users.reduce((most, e) => Math.max(most, movedFor(e)), 0), out_bytes: 0 };
  const out_bytes = movedFor(producer);
  return { in_bytes: out_bytes - bytes(stored(f, tensor)), out_bytes };
}
