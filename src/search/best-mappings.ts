import type { Machine } from '../arch/machine.ts';
import { storedElements } from '../einsum/shape.ts';
import type { Mapping } from '../mapper/mapping.ts';
import type { Asked } from './cost-of.ts';
import type { Dataflow } from './dataflow/dataflow.ts';
import { leastOfMappings } from './dataflow/least-of-dataflow.ts';
import { searchDataflow } from './dataflow/search-dataflow.ts';
import { covers, createFront, type Front, leastCosts, offer, type Weighing } from './front.ts';
import type { Limits } from './mapspace.ts';
import { type Cost, endlessCost } from './objective.ts';
import type { Problem } from './plan.ts';
import { type SearchedPart, searchMappings } from './search.ts';
import { createTally, type Tally } from './tally.ts';
import { createVerdicts } from './verdicts.ts';
import { writePlan } from './write-plan.ts';

/** Mappings to choose from: those of a loop tree with other numbers, or all nests within limits. */
export type Space =
  | { readonly kind: 'dataflow'; readonly problem: Problem; readonly dataflow: Dataflow }
  | { readonly kind: 'nests'; readonly problem: Problem; readonly limits: Limits };

type Nests = Space & { kind: 'nests' };

export type BestOptions = Asked &
  Weighing & {
    /** Mappings of a dataflow to place at most, and lists of loops of nests to try: counted, so that it is the same everywhere. */
    readonly effort: number;
    /** Is told of every list of loops that is tried, and of every space that is begun. */
    readonly watch?: ((progress: Progress) => void) | undefined;
    /** How much more than the least the best may have, as a share: what could be better by no more is passed over; 0 if not given. */
    readonly gap?: number | undefined;
    /** Keep what became of all mappings, for a certificate. */
    readonly record?: boolean;
  };

/** How far a search is: the space that is searched, lists of loops tried in it, and the best of each part of a cost so far. */
export type Progress = { readonly space: Space; readonly tried: number; readonly best: Cost | undefined };

/** What a search takes where nothing else is asked for: seconds for most, and more digits than the models are right in. */
export const usualSearch = { effort: 3000, gap: 0.001 } as const;

/** A mapping that was found, and the space that it is from. */
export type FoundMapping = { readonly cost: Cost; readonly mapping: Mapping; readonly space: Space };

/** What came of the search of one space. */
export type Searched = {
  readonly space: Space;
  readonly tally: Tally;
  /** What was found in this space that was better than all that was known before. */
  readonly found: readonly FoundMapping[];
  /** What mappings that were not looked at, or were passed over for the gap, cost at least; undefined: no others are better than what was found. */
  readonly remaining: Cost | undefined;
  /** No mapping of this space has less of any part of the cost that is an axis, as far as that was asked: less than what was known. */
  readonly bound: Cost;
  readonly record: SpaceRecord | undefined;
};

/**
 * What became of the choices of a dataflow, one after the other (`verdicts.ts`), or of the nests of each part of the workload, and what
 * follows from that for those that were not looked at.
 */
type SpaceRecord = { readonly remaining: Cost | undefined } & (
  | { readonly kind: 'dataflow'; readonly verdicts: string }
  | { readonly kind: 'nests'; readonly parts: readonly SearchedPart[] }
);

/** What came of the search of all spaces. */
export type BestMappings = {
  /** The best of all spaces, none of which is worse than another on every axis. */
  readonly found: readonly FoundMapping[];
  readonly searched: readonly Searched[];
  /** No mapping of any space has less of any part of the cost that is an axis. */
  readonly bound: Cost;
};

/**
 * The best mappings of several spaces, which may be of other algorithms or sizes: each is searched for what is better than
 * what the spaces before it have. Loop trees go first, then the nests that promise most.
 */
export function bestMappings(spaces: readonly Space[], options: BestOptions): BestMappings {
  const front = createFront<FoundMapping>(options);
  const searched: Searched[] = [];
  for (const i of byPromise(spaces, options)) {
    const space = spaces[i]!;
    options.watch?.({ space, tried: 0, best: bestOf(front) });
    const before = new Set(front.found);
    const { tally, remaining, record } =
      space.kind === 'dataflow' ? exploreDataflow(space, options, front) : exploreNests(space, options, front);
    const found = front.found.filter((f) => !before.has(f)).map((f) => f.value);
    searched[i] = { space, tally, found, remaining, bound: boundOf(front, remaining), record };
  }
  const remaining = searched.flatMap((s) => s.remaining ?? []);
  return {
    found: front.found.map((f) => f.value),
    searched,
    bound: boundOf(front, remaining.length === 0 ? undefined : remaining.reduce(leastCosts)),
  };
}

const bestOf = ({ found }: Front<FoundMapping>): Cost | undefined =>
  found.length === 0 ? undefined : found.map((f) => f.cost).reduce(leastCosts);

const boundOf = ({ found }: Front<FoundMapping>, remaining: Cost = endlessCost): Cost =>
  found.map((f) => f.cost).reduce(leastCosts, remaining);

/** Positions of spaces, in the order in which they are searched. */
function byPromise(spaces: readonly Space[], options: BestOptions): readonly number[] {
  const [axis] = options.axes;
  const promise = spaces.map((s) =>
    s.kind === 'dataflow' ? -1 : leastOfMappings(s.problem, undefined, options)[axis!],
  );
  return spaces.map((_, i) => i).toSorted((a, b) => promise[a]! - promise[b]!);
}

type Explored = Pick<Searched, 'tally' | 'remaining' | 'record'>;

function exploreDataflow(
  space: Space & { kind: 'dataflow' },
  options: BestOptions,
  front: Front<FoundMapping>,
): Explored {
  const { accounting, room, effort, gap } = options;
  const { problem, dataflow } = space;
  const tally = createTally();
  const verdicts = options.record === true ? createVerdicts() : undefined;
  // The front of this space begins with what is known, so that only what is better is found.
  const own = createFront<Mapping | undefined>(options);
  for (const { cost } of front.found) own.found.push({ cost, value: undefined });
  const search = { problem, dataflow, accounting, room, front: own, tally, effort, gap, verdicts };
  const { left, spared } = searchDataflow(search);
  for (const { cost, value } of own.found) if (value !== undefined) offer(front, cost, { cost, mapping: value, space });
  const least = left === 0n ? [] : [leastOfMappings(problem, dataflow, options)];
  const costs = spared === undefined ? least : [...least, spared];
  const remaining = costs.length === 0 ? undefined : costs.reduce(leastCosts);
  return { tally, remaining, record: verdicts && { kind: 'dataflow', remaining, verdicts: verdicts.text() } };
}

/**
 * Nests that are better than what is in the front. Where several axes are weighed against each other, the best by each alone comes first: it
 * is soon found, and bounds the rest; then what is best with less room, if room is weighed.
 */
function exploreNests(space: Nests, options: BestOptions, front: Front<FoundMapping>): Explored {
  const { axes, weigh } = options;
  if (axes.length === 1 || weigh !== undefined) return searchNests(space, options, front, options);
  const alone = axes.map((axis) => searchNests(space, options, front, { axes: [axis] }).remaining);
  if (axes.includes('room_bytes'))
    for (const room_bytes of lessRoom(space, options))
      for (const axis of axes)
        if (axis !== 'room_bytes') searchNests(space, options, front, { axes: [axis] }, room_bytes);
  const bounds = axes.map((axis, i) => boundOf(front, alone[i])[axis]);
  const explored = searchNests(space, options, front, options);
  const { remaining } = explored;
  if (remaining === undefined) return explored;
  const raised = axes.map((axis, i) => [axis, Math.max(remaining[axis], bounds[i]!)] as const);
  return { ...explored, remaining: { ...remaining, ...Object.fromEntries(raised) } };
}

/** A half, a quarter, ... of the room that there is in the level that is asked about, or of what all tensors need. */
function lessRoom({ problem: { workload, machine } }: Nests, { room }: BestOptions): readonly number[] {
  const all = workload.tensors.reduce((n, t) => n + (storedElements(t) * t.bitsPerElement) / 8, 0);
  const sizes: number[] = [];
  const whole = Math.min(all, machine.levels[room!]!.memory!.capacity_bytes);
  for (let part = 2; whole / part >= leastRoom_bytes; part *= 2) sizes.push(Math.floor(whole / part));
  return sizes;
}

/** Tiles of a few elements are not worth a search of their own. */
const leastRoom_bytes = 64;

const withRoom = (machine: Machine, room: number | undefined, most_bytes: number): Machine => ({
  ...machine,
  levels: machine.levels.map((level, l) =>
    l === room && level.memory !== undefined
      ? { ...level, memory: { ...level.memory, capacity_bytes: Math.min(level.memory.capacity_bytes, most_bytes) } }
      : level,
  ),
});

function searchNests(
  space: Nests,
  { accounting, room, effort, watch, gap = 0, record }: BestOptions,
  front: Front<FoundMapping>,
  { axes, weigh }: Weighing,
  most_bytes = Number.POSITIVE_INFINITY,
): Explored {
  const { limits } = space;
  const problem = { ...space.problem, machine: withRoom(space.problem.machine, room, most_bytes) };
  const known = front.found.filter((f) => f.cost.room_bytes <= most_bytes);
  const parts: SearchedPart[] | undefined = record === true ? [] : undefined;
  let tried = 0;
  const { plans, tally, remaining } = searchMappings(problem, {
    limits,
    axes,
    weigh,
    accounting,
    gap,
    room,
    isUseless: (least) => covers({ axes, weigh, found: known }, least),
    expired: () => {
      watch?.({ space, tried, best: bestOf(front) });
      return tried++ >= effort;
    },
    parts,
  });
  for (const { cost, plan } of plans) {
    const mapping = writePlan(problem, plan, problem.workload.cascade.name);
    offer(front, cost, { cost, mapping, space });
  }
  return { tally, remaining, record: parts && { kind: 'nests', remaining, parts } };
}
