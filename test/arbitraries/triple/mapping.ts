import type { Machine, Unit } from '../../../src/arch/machine.ts';
import type { Arithmetic } from '../../../src/einsum/ast.ts';
import type { BoundAccess, BoundEinsum, Workload } from '../../../src/einsum/workload.ts';
import { isBelow, isBeside } from '../../../src/mapper/levels.ts';
import {
  type Binding,
  dispatches,
  type KeepNode,
  type Mapping,
  type MappingNode,
  type Schedule,
  type Spread,
} from '../../../src/mapper/mapping.ts';
import { span } from '../../../src/source.ts';
import type { Choices } from '../choices.ts';

const nowhere = span({ name: 'nowhere', text: '' }, 0, 0);
const number = (value: number): Arithmetic => ({ kind: 'number', value, span: nowhere });
const named = (name: string): { readonly name: string; readonly span: typeof nowhere } => ({ name, span: nowhere });

/** The loop tree before tensors are given places. */
type Sketch = SketchLoop | { readonly kind: 'compute'; readonly einsum: BoundEinsum };
type SketchLoop = {
  readonly kind: 'loop';
  readonly variable: number;
  readonly tile: number;
  readonly spatial: boolean;
  /** Tensors that a spatial loop adds up. */
  readonly adding: readonly number[];
  /** Undefined: that of the loop around. */
  readonly priority: number | undefined;
  readonly lag: number;
  readonly trailing: boolean;
  readonly schedule: Schedule;
  readonly body: readonly Sketch[];
};

type Making = {
  readonly c: Choices;
  readonly w: Workload;
  readonly machine: Machine;
  /** Level over whose instances grids spread; undefined: no grids. */
  readonly grid: number | undefined;
  /** Tensors that grids add up. */
  readonly added: Set<number>;
};

/** Extents of the variables and the loops of one coordinate a step around a place in the tree. */
type Around = {
  readonly extents: readonly number[];
  readonly single: ReadonlySet<number>;
  readonly depth: number;
  /** A grid may begin here: nothing around it overlaps. */
  readonly outside: boolean;
};

const sequence: Schedule = { kind: 'sequence' };

/** A loop tree that is usually legal: rules are observed where that is easy, and left to the placement elsewhere. */
export function chooseMapping(c: Choices, w: Workload, machine: Machine): Mapping {
  const spread = machine.levels.findIndex((l) => l.totalInstances > 1);
  const m: Making = { c, w, machine, grid: spread >= 0 && c.chance(60) ? spread : undefined, added: new Set() };
  const around: Around = {
    extents: w.variables.map((v) => v.size),
    single: new Set(),
    depth: 0,
    outside: m.grid !== undefined,
  };
  const root = sketchBranches(m, w.einsums, around);
  return {
    name: 'random',
    nameSpan: nowhere,
    cascades: [],
    parameters: [],
    ordered: c.some(machine.units, 15).map((u) => named(u.name)),
    schedule: m.grid === undefined ? chooseSchedule(c) : sequence,
    nodes: placeTensors(m, root, new Map(), 'outside'),
  };
}

const chooseSchedule = (c: Choices): Schedule =>
  c.chance(50) ? { kind: 'pipeline', inFlight: number(c.integer(1, 4)) } : sequence;

// Loops

const producerIn = (group: readonly BoundEinsum[], access: BoundAccess): BoundEinsum | undefined =>
  group.find((e) => e.output.tensor === access.tensor);

/** Pairs of an Einsum and a reader of its result, among a group. */
function* pairsOf(
  group: readonly BoundEinsum[],
): Generator<{ readonly producer: BoundEinsum; readonly consumer: BoundEinsum; readonly access: BoundAccess }> {
  for (const consumer of group)
    for (const access of consumer.operands) {
      const producer = producerIn(group, access);
      if (producer !== undefined) yield { producer, consumer, access };
    }
}

const isPlain = (index: BoundAccess['indices'][number], variable: number): boolean =>
  index.divisor === 1 &&
  index.terms.length === 1 &&
  index.terms[0]!.variable === variable &&
  index.terms[0]!.coefficient === 1;

/** Whether a loop over a variable can be around all of a group. */
function canLoop(group: readonly BoundEinsum[], variable: number): boolean {
  if (!group.every((e) => e.variables.includes(variable))) return false;
  for (const { producer, access } of pairsOf(group)) {
    if (producer.reduced.includes(variable)) return false;
    const d = producer.output.indices.findIndex((i) => i.terms.some((t) => t.variable === variable));
    if (d < 0) continue;
    const index = access.indices[d]!;
    const versions = producer.carried === variable;
    if (!isPlain(index, variable) || (index.offset !== 0 && !versions)) return false;
  }
  return true;
}

/** Carried variables along which one Einsum of the group follows another version by version. */
function lockstep(w: Workload, group: readonly BoundEinsum[]): readonly number[] {
  const found: number[] = [];
  for (const { producer, consumer, access } of pairsOf(group)) {
    if (producer === consumer || producer.carried === undefined) continue;
    const d = w.tensors[access.tensor]!.dimensions.findIndex((x) => x.carried);
    if (access.indices[d]!.terms.length > 0) found.push(producer.carried);
  }
  return found;
}

function sketchBranches(m: Making, group: readonly BoundEinsum[], around: Around): readonly Sketch[] {
  const { c, w } = m;
  const pending = lockstep(w, group).filter((v) => !around.single.has(v) && w.variables[v]!.size > 1);
  if (around.outside && c.chance(60)) {
    const grid = sketchGrid(m, group, around);
    if (grid !== undefined) return [grid];
  }
  const candidates = group[0]!.variables.filter((v) => canLoop(group, v));
  const useful = candidates.filter((v) => around.extents[v]! > 1);
  const step = pending.find((v) => candidates.includes(v));
  if (useful.length > 0 && around.depth < 7 && c.chance(group.length > 1 ? 75 : 50)) {
    const variable = c.pick(useful);
    const single = pending.includes(variable) && c.chance(70);
    const tile = single ? 1 : chooseTile(c, around.extents[variable]!);
    return [sketchLoop(m, group, around, variable, tile)];
  }
  if (group.length === 1) return [{ kind: 'compute', einsum: group[0]! }];
  const cuts = group.map((_, i) => i).slice(1);
  const allowed = cuts.filter((at) => !separates(w, group, at, around));
  if (allowed.length === 0 && step !== undefined && around.depth < 10) return [sketchLoop(m, group, around, step, 1)];
  const at = c.pick(allowed.length > 0 ? allowed : cuts);
  return [...sketchBranches(m, group.slice(0, at), around), ...sketchBranches(m, group.slice(at), around)];
}

/** Whether a cut would part two Einsums that have to go version by version together. */
function separates(w: Workload, group: readonly BoundEinsum[], at: number, around: Around): boolean {
  const first = new Set(lockstep(w, group.slice(0, at)));
  const second = new Set(lockstep(w, group.slice(at)));
  const count = (side: readonly BoundEinsum[]): number => lockstep(w, side).length;
  const whole = lockstep(w, group).filter((v) => !around.single.has(v) && w.variables[v]!.size > 1);
  if (whole.length === 0) return false;
  const kept = whole.filter((v) => first.has(v) || second.has(v));
  return kept.length < whole.length || count(group.slice(0, at)) + count(group.slice(at)) < lockstep(w, group).length;
}

/** Any step, more often one that cuts. */
const chooseTile = (c: Choices, extent: number): number =>
  c.chance(70) ? c.integer(1, Math.max(1, extent - 1)) : c.integer(1, extent + 1);

function sketchLoop(
  m: Making,
  group: readonly BoundEinsum[],
  around: Around,
  variable: number,
  tile: number,
): SketchLoop {
  const inner: Around = {
    ...around,
    extents: around.extents.map((x, v) => (v === variable ? Math.min(x, tile) : x)),
    single: tile === 1 ? new Set([...around.single, variable]) : around.single,
    depth: around.depth + 1,
  };
  return {
    kind: 'loop',
    variable,
    tile,
    spatial: false,
    adding: [],
    priority: choosePriority(m.c),
    lag: 0,
    trailing: !around.outside && m.c.chance(6),
    schedule: around.outside ? sequence : chooseSchedule(m.c),
    body: around.outside
      ? sketchBranches(m, group, inner)
      : letLag(m.c, sketchBranches(m, group, inner), variable, tile),
  };
}

const choosePriority = (c: Choices): number | undefined => (c.chance(10) ? c.integer(0, 2) : undefined);

/** Lets branches lag, each at least as much as those before it: loops, or a loop of one step around what is none. */
function letLag(c: Choices, branches: readonly Sketch[], variable: number, tile: number): readonly Sketch[] {
  if (branches.length < 2 || !c.chance(30)) return branches;
  let lag = 0;
  return branches.map((b) => {
    lag += c.pick([0, 0, 1, 2]);
    if (b.kind === 'loop') return { ...b, lag };
    const schedule = chooseSchedule(c);
    const body = [b];
    const plain = { spatial: false, adding: [], priority: undefined, trailing: false };
    return { kind: 'loop', variable, tile, ...plain, lag, schedule, body };
  });
}

/** One or two spatial loops around a group, if it has ranks to spread. */
function sketchGrid(m: Making, group: readonly BoundEinsum[], around: Around): SketchLoop | undefined {
  const adds = m.c.chance(70);
  const spreadable = group[0]!.variables.filter(
    (v) =>
      around.extents[v]! > 1 &&
      canLoop(group, v) &&
      group.every((e) => (adds || !e.reduced.includes(v)) && e.carried !== v && e.variables.includes(v)) &&
      group.every((e) => !e.reduced.includes(v) || (e.reduceOperator === 'add' && e.carried === undefined)),
  );
  const chosen = m.c.some(spreadable, 60).slice(0, 2);
  const variables = chosen.length > 0 ? chosen : spreadable.slice(0, 1);
  for (const e of group) if (variables.some((v) => e.reduced.includes(v))) m.added.add(e.output.tensor);
  const descend = (depth: number, at: Around): readonly Sketch[] => {
    const variable = variables[depth];
    if (variable === undefined) return sketchBranches(m, group, { ...at, outside: false });
    const tile = chooseTile(m.c, at.extents[variable]!);
    const extents = at.extents.map((x, v) => (v === variable ? Math.min(x, tile) : x));
    const last = depth === variables.length - 1;
    const schedule = last ? chooseSchedule(m.c) : sequence;
    const body = descend(depth + 1, { ...at, extents, depth: at.depth + 1 });
    return [
      {
        kind: 'loop',
        variable,
        tile,
        spatial: true,
        adding: group.filter((e) => e.reduced.includes(variable)).map((e) => e.output.tensor),
        priority: choosePriority(m.c),
        lag: 0,
        trailing: false,
        schedule,
        body,
      },
    ];
  };
  return variables.length === 0 ? undefined : (descend(0, around)[0] as SketchLoop);
}

// Places of tensors

type Region = 'outside' | 'between' | 'inside';

const einsumsOf = (branches: readonly Sketch[]): readonly BoundEinsum[] =>
  branches.flatMap((b) => (b.kind === 'compute' ? [b.einsum] : einsumsOf(b.body)));

/** Whether a grid begins or goes on below. */
const hasGrid = (branches: readonly Sketch[]): boolean =>
  branches.some((b) => b.kind === 'loop' && (b.spatial || hasGrid(b.body)));

/** Tensors that grids below add up. */
const addedIn = (branches: readonly Sketch[]): readonly number[] =>
  branches.flatMap((b) => (b.kind === 'loop' ? [...b.adding, ...addedIn(b.body)] : []));

const touches = (e: BoundEinsum, tensor: number): boolean =>
  e.output.tensor === tensor || e.operands.some((o) => o.tensor === tensor);

function placeTensors(
  m: Making,
  branches: readonly Sketch[],
  kept: ReadonlyMap<number, number>,
  region: Region,
): readonly MappingNode[] {
  const { c, w } = m;
  const here = einsumsOf(branches);
  const inner = new Map(kept);
  const keeps: KeepNode[] = [];
  // Where loops lag nothing else is in the body.
  const lagging = branches.some((b) => b.kind === 'loop' && b.lag > 0);
  w.tensors.forEach((tensor, t) => {
    if (lagging || !here.some((e) => touches(e, t))) return;
    const users = w.einsums.filter((e) => touches(e, t));
    const at = kept.get(t);
    // A cache stands around a grid, for what is only read there.
    const cacheable =
      at !== undefined &&
      region !== 'inside' &&
      hasGrid(branches) &&
      (addedIn(branches).includes(t) || !here.some((e) => e.output.tensor === t));
    if (at === undefined) {
      const below = branches.some((b) => b.kind === 'loop' && users.every((e) => einsumsOf([b]).includes(e)));
      if (tensor.role === 'intermediate' && below && c.chance(60)) return;
      if (!users.every((e) => here.includes(e))) return;
    } else if (!c.chance(cacheable ? 70 : region === 'outside' ? 25 : isPart(m, t, at, region) ? 97 : 45)) return;
    if (region === 'between' && here.some((e) => e.output.tensor === t) && !addedIn(branches).includes(t)) return;
    const beneath = chooseBeneath(m, here, t, keeps, kept);
    const side = region === 'outside' && !hasGrid(branches) ? 'beside' : region;
    const level = chooseLevel(m, at, side, tensor.role !== 'intermediate', beneath && inner.get(beneath));
    if (level === undefined) return;
    inner.set(t, level);
    const cache = cacheable && c.chance(80);
    const lies = beneath !== undefined && !cache && inner.get(beneath) === level;
    const over = lies ? named(w.tensors[beneath]!.name) : undefined;
    const keep: KeepNode = {
      kind: 'keep',
      cache,
      tensors: [named(tensor.name)],
      level: named(m.machine.levels[level]!.name),
      stages: number(cache || over !== undefined ? 1 : c.pick([1, 1, 2, 3])),
      demand: !cache && over === undefined && c.chance(20),
      over,
      spill: !cache && !m.added.has(t) && c.chance(15) ? chooseSpill(m, level, at) : undefined,
      condition: number(1),
      span: nowhere,
    };
    // One that is not there, with whatever share and stages.
    if (c.chance(3)) keeps.push({ ...keep, over: undefined, stages: number(cache ? 1 : 0), condition: number(0) });
    keeps.push(keep);
  });
  return [...keeps, ...branches.map((b) => placeBranch(m, b, inner, region))];
}

/** Whether an instance has yet to have a place for its part of a sum. */
const isPart = ({ machine, grid, added }: Making, tensor: number, above: number, region: Region): boolean =>
  region === 'inside' && added.has(tensor) && above !== grid && !isBelow(machine.levels, above, grid!);

/** A tensor kept in this body that another one may be able to lie over. */
function chooseBeneath(
  { c, w }: Making,
  here: readonly BoundEinsum[],
  tensor: number,
  keeps: readonly KeepNode[],
  kept: ReadonlyMap<number, number>,
): number | undefined {
  const producer = here.find((e) => e.output.tensor === tensor);
  if (producer === undefined || producer.reduced.length > 0 || producer.carried !== undefined) return undefined;
  const alike = (a: BoundAccess): boolean => JSON.stringify(a.indices) === JSON.stringify(producer.output.indices);
  const isFree = (t: number): boolean =>
    keeps.some((k) => !k.cache && k.tensors[0]!.name === w.tensors[t]!.name) &&
    (kept.has(t) || w.tensors[t]!.role === 'intermediate') &&
    w.einsums.every(
      (e, i) => e === producer || !e.operands.some((o) => o.tensor === t) || i < w.einsums.indexOf(producer),
    );
  const found = producer.operands.filter((o) => alike(o) && isFree(o.tensor));
  return found.length > 0 && c.chance(70) ? c.pick(found).tensor : undefined;
}

/** A share of the tiles that stays in the parent or, of a home, in any memory further out. */
function chooseSpill({ c, machine }: Making, level: number, parent: number | undefined): KeepNode['spill'] {
  const outer: number[] = [];
  for (let l = machine.levels[level]!.parent; l !== undefined; l = machine.levels[l]!.parent) outer.push(l);
  if (outer.length === 0) return undefined;
  const [part, whole] = c.pick([
    [1, 8],
    [0, 1],
    [1, 3],
    [9, 10],
  ] as const);
  const share: Arithmetic = { kind: 'call', operator: '/', operands: [number(part), number(whole)], span: nowhere };
  return { share, level: named(machine.levels[parent ?? c.pick(outer)]!.name) };
}

/**
 * A memory below or beside the one that a tensor is kept in, on the side of the grid where the place is, or any beside it; the one that is wanted,
 * if it is one of those.
 */
function chooseLevel(
  m: Making,
  above: number | undefined,
  region: Region | 'beside',
  home: boolean,
  wanted: number | undefined,
): number | undefined {
  const { levels } = m.machine;
  const isWithin = (level: number, top: number): boolean => {
    for (let l: number | undefined = level; l !== undefined; l = levels[l]!.parent) if (l === top) return true;
    return false;
  };
  if (above === undefined && home) return 0;
  const allowed = levels
    .map((_, l) => l)
    .filter((l) => levels[l]!.memory !== undefined)
    .filter((l) => above === undefined || (l !== above && isWithin(l, above)) || isBeside(levels, l, above))
    .filter((l) => m.grid === undefined || region === 'beside' || isWithin(l, m.grid) === (region === 'inside'));
  if (wanted !== undefined && allowed.includes(wanted)) return wanted;
  return allowed.length === 0 ? undefined : m.c.pick(allowed);
}

function placeBranch(m: Making, branch: Sketch, kept: ReadonlyMap<number, number>, region: Region): MappingNode {
  const { c, w } = m;
  if (branch.kind === 'compute')
    return {
      kind: 'compute',
      einsum: named(branch.einsum.name),
      bindings: chooseBindings(m, branch.einsum),
      ramp: number(c.pick([1, 0])),
      lag: number(c.chance(8) ? c.integer(1, 3) : 0),
      trailing: region !== 'outside' && c.chance(4),
      span: nowhere,
    };
  const next = branch.body[0];
  const between = branch.spatial && next?.kind === 'loop' && next.spatial;
  const inside: Region = branch.spatial ? (between ? 'between' : 'inside') : region;
  return {
    kind: 'loop',
    variable: named(w.variables[branch.variable]!.name),
    tile: number(branch.tile),
    across: branch.spatial ? chooseSpread(m, !between, branch.adding) : undefined,
    schedule: branch.schedule,
    priority: branch.priority === undefined ? undefined : number(branch.priority),
    lag: number(branch.lag),
    trailing: branch.trailing,
    body: placeTensors(m, branch.body, kept, inside),
    span: nowhere,
  };
}

const chooseSpread = ({ c, w, machine, grid }: Making, innermost: boolean, adding: readonly number[]): Spread => ({
  level: named(machine.levels[grid!]!.name),
  dispatch: innermost && c.chance(60) ? c.pick(dispatches) : undefined,
  persistent: innermost && c.chance(40),
  adding: adding.map((t) => named(w.tensors[t]!.name)),
});

function chooseBindings(m: Making, einsum: BoundEinsum): readonly Binding[] {
  const { c, machine } = m;
  const bindings: Binding[] = [bindTo(m, c.pick(machine.units), einsum, undefined)];
  if (einsum.operations.length > 1 && c.chance(40))
    bindings.push(bindTo(m, c.pick(machine.units), einsum, c.pick(einsum.operations).operator));
  return bindings;
}

function bindTo(m: Making, unit: Unit, einsum: BoundEinsum, operator: string | undefined): Binding {
  const free = einsum.variables.filter((v) => v !== einsum.carried);
  const dimensions = m.c.some(unit.dimensions, 70).flatMap((d) => {
    const ranks = d.size > 1 && m.c.chance(25) ? 2 : 1;
    const laid = Array.from(
      { length: Math.min(ranks, free.length) },
      () => free.splice(m.c.integer(0, free.length - 1), 1)[0]!,
    );
    return laid.map((variable, i) => ({
      dimension: named(d.name),
      variable: named(m.w.variables[variable]!.name),
      lanes: i < laid.length - 1 ? number(m.c.integer(1, d.size)) : undefined,
    }));
  });
  return { operator: operator === undefined ? undefined : named(operator), unit: named(unit.name), dimensions };
}
