import type { Accounting, Unit } from '../arch/machine.ts';
import type { BoundAccess, BoundEinsum } from '../einsum/workload.ts';
import { hasLanesIn } from '../mapper/lanes.ts';
import { isIndexedBy } from '../mapper/tile.ts';
import { type Frame, sumOverTiles, tilesOf } from './frame.ts';
import { lanesOf, type Problem, type UnitChoice } from './plan.ts';
import { type Vector, zeros } from './vector.ts';

/**
 * What a binding of an Einsum costs in a nest, in closed form. Costs of a nest are sums of these and of those of its tensors'
 * places (`count-keeps.ts`), as long as its cascade is dense. The rules are those of `models/traffic.ts`.
 */

/** Of an Einsum on its units. Bytes cross the port of the innermost place of each tensor. */
export type BindingCounts = {
  /** Cycles by position of the unit. */
  readonly unit_cycles: Vector;
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

const lanesAlong = (laid: readonly Laid[], variable: number): number =>
  laid.find((x) => x.variable === variable)?.lanes ?? 1;

/** The innermost tiles of an Einsum: those of each variable alone, since they are all combinations of these. */
type Tiling = {
  /** Of the longest along a variable. */
  readonly extentOf: (variable: number) => number;
  /** Sum over the tiles along a variable of a function of their length. */
  readonly over: (variable: number, of: (length: number) => number) => number;
  /** Passes that so many lanes take over them. */
  readonly passes: (variable: number, lanes: number) => number;
  /** How many there are. */
  readonly tiles: (variable: number) => number;
};

function tilingOf(f: Frame, position: number): Tiling {
  const { variables } = f.problem.workload;
  const above = f.bodies.get(position)!.at(-1)!.above;
  const chains = variables.map((_, v) => tilesOf(f, above, v));
  const over: Tiling['over'] = (v, of) => sumOverTiles(variables[v]!.size, chains[v]!, of);
  // Many bindings ask for the same.
  const known = variables.map(() => new Map<number, number>());
  return {
    extentOf: (v) => Math.min(variables[v]!.size, ...chains[v]!),
    over,
    passes: (v, lanes) => {
      const old = known[v]!.get(lanes);
      if (old !== undefined) return old;
      const passes = over(v, (length) => Math.ceil(length / lanes));
      known[v]!.set(lanes, passes);
      return passes;
    },
    tiles: (v) => over(v, () => 1),
  };
}

/** Passes of an array over the tiles of an Einsum. */
const passesOf = (t: Tiling, variables: readonly number[], laid: readonly Laid[]): number =>
  variables.reduce((product, v) => product * t.passes(v, lanesAlong(laid, v)), 1);

/**
 * The least that loops inside leave of them. Of variables that share a dimension, each may then have more lanes, where tiles of the
 * others are smaller; but no pass has more points than there are lanes.
 */
function leastPasses(
  { workload }: Problem,
  t: Tiling,
  variables: readonly number[],
  along: UnitChoice['variables'],
  unit: Unit,
): number {
  const over = (some: readonly number[], lanes: number, points: number): number => {
    const [variable, ...others] = some;
    if (variable === undefined) return Math.ceil(points / lanes);
    if (others.length === 0 && points === 1) return t.passes(variable, lanes);
    return t.over(variable, (length) => over(others, lanes, points * length));
  };
  const beside = variables.filter((v) => !along.some((some) => some.includes(v)));
  const steps = beside.reduce((n, v) => n * workload.variables[v]!.size, 1);
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
export function tileLengths(f: Frame, position: number): readonly (readonly number[])[] {
  const tiling = tilingOf(f, position);
  return f.problem.workload.einsums[position]!.variables.map((v) => {
    const found = new Set<number>();
    tiling.over(v, (length) => found.add(length).size);
    return [...found];
  });
}

/** Cycles of each unit for one tile of an Einsum, given by the lengths along its variables. */
export function tileTimer(
  f: Frame,
  position: number,
): (choices: readonly UnitChoice[], tile: readonly number[]) => Vector {
  const { workload, machine } = f.problem;
  const { variables } = workload.einsums[position]!;
  const { extentOf } = tilingOf(f, position);
  return (choices, tile) => {
    const cycles = zeros(machine.units.length);
    for (const choice of choices) {
      const laid = lanesOf(machine.units[choice.unit]!, choice, extentOf);
      const { cyclesPerPoint } = shareOf(f.problem, position, choices, choice);
      const passes = variables.reduce((n, v, i) => n * Math.ceil(tile[i]! / lanesAlong(laid, v)), 1);
      cycles[choice.unit]! += passes * cyclesPerPoint;
    }
    return cycles;
  };
}

/** Counts bindings of an Einsum. `open`: what they cost at least with these and any loops inside them. */
export function bindingCounter(
  f: Frame,
  position: number,
  free: Accounting,
  open = false,
): (choices: readonly UnitChoice[]) => BindingCounts {
  const { workload, machine } = f.problem;
  const einsum = workload.einsums[position]!;
  const tiling = tilingOf(f, position);
  const { extentOf } = tiling;
  const points = einsum.variables.reduce((n, v) => n * workload.variables[v]!.size, 1);
  const crossing = (access: BoundAccess, laid: readonly Laid[]): number => {
    let product = elementsRead(f, access);
    for (const v of einsum.variables) {
      if (isIndexedBy(access, v)) continue;
      const lanes = laid.find((x) => x.variable === v)?.lanes;
      product *= lanes === undefined ? tiling.tiles(v) : tiling.passes(v, lanes);
    }
    return (product * workload.tensors[access.tensor]!.bitsPerElement) / 8;
  };
  const write_bytes = crossing(einsum.output, []);
  const elements = elementsRead(f, einsum.output);
  const once_bytes = (elements * workload.tensors[einsum.output.tensor]!.bitsPerElement) / 8;
  const above = f.bodies.get(position)!.at(-1)!.above;
  const cut = above.some((i) => einsum.reduced.includes(f.loops[i]!.variable));
  return (choices) => {
    const unit_cycles = zeros(machine.units.length);
    let energy_pj = 0;
    for (const choice of choices) {
      const unit = machine.units[choice.unit]!;
      const { mine, cyclesPerPoint } = shareOf(f.problem, position, choices, choice);
      const passes = open
        ? leastPasses(f.problem, tiling, einsum.variables, choice.variables, unit)
        : passesOf(tiling, einsum.variables, lanesOf(unit, choice, extentOf));
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
    return {
      unit_cycles,
      read_bytes: einsum.operands.map((access) => crossing(access, laid)),
      update_bytes: cut ? write_bytes - once_bytes : 0,
      write_bytes,
      energy_pj,
      laneLevel: machine.levels[unit.level]!.memory?.perLane === true ? unit.level : undefined,
      private: privateCounts(f.problem, einsum, first.unit, laid, extentOf, open),
      points,
      elements,
    };
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
  // Loops inside may leave one pass of what has several here.
  const again = accesses.map(
    (access) => !open && einsum.variables.some((v) => !isIndexedBy(access, v) && extentOf(v) > lanesAlong(laid, v)),
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
