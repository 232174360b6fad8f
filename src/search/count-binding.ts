import { type Accounting, operationCost, type Unit } from '../arch/machine.ts';
import { type BoundAccess, operandBits } from '../einsum/workload.ts';
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
  /** Bytes of it that cross where lanes do not keep it, each pass over what it has not in a tile of its own. */
  readonly passing_bytes: readonly number[];
};

/** A binding of an Einsum, and what of it depends on no loop. */
export type BindingForm = {
  readonly choice: readonly UnitChoice[];
  /** Of each unit: its cycles a point, the points along variables that are not on its array, and those that are. */
  readonly shares: readonly {
    readonly choice: UnitChoice;
    readonly cyclesPerPoint: number;
    readonly besideSteps: number;
  }[];
  readonly energy_pj: number;
  readonly laneLevel: number | undefined;
  /** Levels of memories that the lanes of its first unit have for themselves. */
  readonly privateLevels: ReadonlySet<number>;
  /** The lanes of its first unit, for each variable as many as it may ever have. */
  readonly most: readonly Laid[];
};

const lanesAlong = (laid: readonly Laid[], variable: number): number => {
  for (const x of laid) if (x.variable === variable) return x.lanes;
  return 1;
};

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
function leastPasses(t: Tiling, along: UnitChoice['variables'], { dimensions }: Unit, besideSteps: number): number {
  const over = (some: readonly number[], lanes: number, points: number): number => {
    const [variable, ...others] = some;
    if (variable === undefined) return Math.ceil(points / lanes);
    return t.over(variable, (length) => over(others, lanes, points * length));
  };
  let passes = besideSteps;
  for (let d = 0; d < along.length; d++) {
    const some = along[d]!;
    if (some.length === 0) continue;
    passes *= some.length === 1 ? t.passes(some[0]!, dimensions[d]!.size) : over(some, dimensions[d]!.size, 1);
  }
  return passes;
}

/** The forms of an Einsum's bindings. */
export function formsOf(
  { workload, machine }: Problem,
  position: number,
  free: Accounting,
  choices: readonly (readonly UnitChoice[])[],
): readonly BindingForm[] {
  const { operations, variables } = workload.einsums[position]!;
  const bits = operandBits(workload, workload.einsums[position]!);
  const sizeOf = (some: readonly number[]): number => some.reduce((n, v) => n * workload.variables[v]!.size, 1);
  const points = sizeOf(variables);
  return choices.map((choice) => {
    let energy_pj = 0;
    const shares = choice.map((one) => {
      const unit = machine.units[one.unit]!;
      const costOf = (operator: string) => operationCost(unit, unit.operators.get(operator)!, bits);
      // The first unit has all operations that no other names.
      const mine = operations.filter((o) =>
        one.operator === undefined ? choice.every((c) => c.operator !== o.operator) : o.operator === one.operator,
      );
      for (const o of mine)
        if (!free.freeOperators.has(o.operator)) energy_pj += points * o.perPoint * costOf(o.operator).energy_pj;
      const laid = one.variables.flat();
      return {
        choice: one,
        cyclesPerPoint: mine.reduce((sum, o) => sum + o.perPoint * costOf(o.operator).cycles, 0),
        besideSteps: sizeOf(variables.filter((v) => !laid.includes(v))),
      };
    });
    const first = choice[0]!;
    const unit = machine.units[first.unit]!;
    return {
      choice,
      shares,
      energy_pj,
      laneLevel: machine.levels[unit.level]!.memory?.perLane === true ? unit.level : undefined,
      privateLevels: new Set(machine.levels.flatMap((_, l) => (hasLanesIn(machine, l, first.unit) ? [l] : []))),
      most: first.variables.flatMap((some, d) =>
        some.map((variable) => ({ variable, lanes: unit.dimensions[d]!.size })),
      ),
    };
  });
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
export function tileTimer(f: Frame, position: number): (form: BindingForm, tile: readonly number[]) => Vector {
  const { workload, machine } = f.problem;
  const { variables } = workload.einsums[position]!;
  const { extentOf } = tilingOf(f, position);
  return ({ shares }, tile) => {
    const cycles = zeros(machine.units.length);
    for (const { choice, cyclesPerPoint } of shares) {
      const laid = lanesOf(machine.units[choice.unit]!, choice, extentOf);
      const passes = variables.reduce((n, v, i) => n * Math.ceil(tile[i]! / lanesAlong(laid, v)), 1);
      cycles[choice.unit]! += passes * cyclesPerPoint;
    }
    return cycles;
  };
}

/** Counts bindings of an Einsum. `open`: what they cost at least with these and any loops inside them. */
export function bindingCounter(f: Frame, position: number, open = false): (form: BindingForm) => BindingCounts {
  const { workload, machine } = f.problem;
  const einsum = workload.einsums[position]!;
  const tiling = tilingOf(f, position);
  const { extentOf } = tiling;
  const points = einsum.variables.reduce((n, v) => n * workload.variables[v]!.size, 1);
  const crossings = [...einsum.operands, einsum.output].map((access) => ({
    elements: elementsRead(f, access),
    bytesEach: workload.tensors[access.tensor]!.bitsPerElement / 8,
    // Loops over these use the same elements again.
    others: einsum.variables
      .filter((v) => !isIndexedBy(access, v))
      .map((variable) => ({ variable, tiles: tiling.tiles(variable) })),
  }));
  const operands = crossings.slice(0, -1);
  const { elements, bytesEach, others } = crossings.at(-1)!;
  const write_bytes = others.reduce((n, { tiles }) => n * tiles, elements) * bytesEach;
  const above = f.bodies.get(position)!.at(-1)!.above;
  const cut = above.some((i) => einsum.reduced.includes(f.loops[i]!.variable));
  const update_bytes = cut ? write_bytes - elements * bytesEach : 0;
  const readBytes = (access: (typeof crossings)[number], laid: readonly Laid[]): number => {
    let read = access.elements;
    for (const { variable, tiles } of access.others) {
      const mine = laid.find((x) => x.variable === variable);
      read *= mine === undefined ? tiles : tiling.passes(variable, mine.lanes);
    }
    return read * access.bytesEach;
  };
  const countPrivate = ({ privateLevels }: BindingForm, laid: readonly Laid[]): PrivateCounts | undefined => {
    if (privateLevels.size === 0) return undefined;
    return {
      levels: privateLevels,
      // As many as there can be, whatever loops are inside.
      copies: crossings.map((access) =>
        access.others.reduce((n, { variable }) => n * Math.min(lanesAlong(laid, variable), extentOf(variable)), 1),
      ),
      // Loops inside may leave one pass of what has several here.
      again: crossings.map(
        (access) => !open && access.others.some(({ variable }) => extentOf(variable) > lanesAlong(laid, variable)),
      ),
      passing_bytes: crossings.map(
        (access) =>
          access.others.reduce(
            (n, { variable }) => n * tiling.passes(variable, lanesAlong(laid, variable)),
            access.elements,
          ) * access.bytesEach,
      ),
    };
  };
  return (form) => {
    const unit_cycles = zeros(machine.units.length);
    for (const { choice, cyclesPerPoint, besideSteps } of form.shares) {
      const unit = machine.units[choice.unit]!;
      const passes = open
        ? leastPasses(tiling, choice.variables, unit, besideSteps)
        : passesOf(tiling, einsum.variables, lanesOf(unit, choice, extentOf));
      unit_cycles[choice.unit]! += passes * cyclesPerPoint;
    }
    const first = form.choice[0]!;
    const laid = open ? form.most : lanesOf(machine.units[first.unit]!, first, extentOf);
    return {
      unit_cycles,
      read_bytes: operands.map((access) => readBytes(access, laid)),
      update_bytes,
      write_bytes,
      energy_pj: form.energy_pj,
      laneLevel: form.laneLevel,
      private: countPrivate(form, laid),
      points,
      elements,
    };
  };
}

/** Elements that an access touches in all, every version of a carried dimension counted. */
const elementsRead = ({ problem: { workload } }: Frame, access: BoundAccess): number =>
  access.indices.reduce((n, { terms }, d) => {
    if (terms.length === 0) return n;
    const { size, carried } = workload.tensors[access.tensor]!.dimensions[d]!;
    return n * (carried ? workload.variables[terms[0]!.variable]!.size : size);
  }, 1);
