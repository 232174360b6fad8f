import { type Building, countOf, find, type Mutable, type Scope } from './building.ts';
import { isBelow, isBeside } from './levels.ts';
import type { KeepNode, Spill } from './mapping.ts';
import type { Keep, PlacedSpill } from './placed.ts';

/** Stages of a buffer: more would only cost memory. */
const mostStages = 65536;

/** Places a keep of each tensor that a line names; `beside` are those before it in its body. */
export function placeKeep(
  b: Building,
  node: KeepNode,
  scope: Scope,
  beside: readonly Keep[],
): readonly Mutable<Keep>[] {
  const level = find(b, 'level', node.level, b.machine.levels);
  if (level !== undefined && b.machine.levels[level]!.memory === undefined) {
    b.report('no-memory', `level "${node.level.name}" has no memory to keep a tensor in`, node.level.span);
    return [];
  }
  const tensors = node.tensors.map((wanted) => find(b, 'tensor', wanted, b.workload.tensors));
  // What is not there has no number of stages and no share that could be wrong.
  if (b.evaluate(node.condition) === 0 || level === undefined) return [];
  const stages = countOf(b, node.stages, 'the number of stages', mostStages);
  const spill = node.spill && placeSpill(b, node.spill, level);
  const room = node.over && findRoom(b, node.over, level, beside);
  const placed: Mutable<Keep>[] = [];
  tensors.forEach((tensor, i) => {
    if (tensor === undefined) return;
    const { name, span } = node.tensors[i]!;
    const parent = [...scope.keeps, ...placed].findLast((k) => k.tensor === tensor);
    const { levels } = b.machine;
    if (parent !== undefined && !isBelow(levels, level, parent.level) && !isBeside(levels, level, parent.level)) {
      const above = levels[parent.level]!.name;
      const message = `"${name}" is already kept in "${above}", and "${node.level.name}" is neither below nor beside it`;
      b.report('keep-order', message, span);
      return;
    }
    if (spill !== undefined) checkSpill(b, node, spill, parent);
    const keep = addKeep(b, {
      tensor,
      level,
      stages,
      demand: node.demand,
      spill,
      cache: node.cache,
      parent,
      above: scope.loops,
      span: node.span,
    });
    if (room !== undefined) layOver(b, keep, room);
    placed.push(keep);
  });
  return placed;
}

/** The share that has no room, and the level that has it; undefined where it is 0. */
function placeSpill(b: Building, node: Spill, level: number): PlacedSpill | undefined {
  const share = b.evaluate(node.share) ?? 0;
  const outer = find(b, 'level', node.level, b.machine.levels);
  if (!(share >= 0 && share < 1))
    b.report('bad-share', `the share that spills is ${share}, but must be at least 0 and less than 1`, node.share.span);
  if (outer === undefined) return undefined;
  const { name, memory } = b.machine.levels[outer]!;
  if (!isBelow(b.machine.levels, level, outer)) {
    const message = `"${b.machine.levels[level]!.name}" is not below "${name}", so nothing can spill there`;
    b.report('misplaced-spill', message, node.level.span);
  } else if (memory === undefined) b.report('no-memory', `level "${name}" has no memory to spill to`, node.level.span);
  return share > 0 ? { share, level: outer } : undefined;
}

/** What spills stays where the rest of the tile comes from. */
function checkSpill(b: Building, node: KeepNode, spill: PlacedSpill, parent: Keep | undefined): void {
  if (parent === undefined) return;
  const at = node.spill!.level.span;
  const above = b.machine.levels[parent.level]!.name;
  if (parent.cache)
    b.report('misplaced-spill', `the tiles come from a cache in "${above}", which need not have what spills`, at);
  else if (parent.level !== spill.level) {
    const message = `the tiles come from "${above}", so what has no room stays there`;
    b.report('misplaced-spill', message, at, `write "to ${above}"`);
  }
}

/** What a keep is for is filled in when the computes below it are placed. */
function addKeep(
  b: Building,
  known: Pick<Keep, 'tensor' | 'level' | 'stages' | 'demand' | 'spill' | 'cache' | 'parent' | 'above' | 'span'>,
): Mutable<Keep> {
  const { tensor, level, stages, demand, spill, cache, parent, above, span } = known;
  // All fields at once: spreading `known` takes many times as long, and keeps are placed anew for each run.
  const keep: Mutable<Keep> = {
    id: b.keeps.length,
    tensor,
    level,
    stages,
    demand,
    room: [],
    spill,
    cache,
    holds: true,
    parent,
    above,
    accesses: [],
    users: [],
    producer: undefined,
    fill: 'never',
    wanted: false,
    returning: [],
    drain: false,
    adds: false,
    rereads: false,
    decidedBy: [],
    knownLoops: 0,
    deciding: [],
    density: 1,
    sharedLoops: 0,
    renewing: [],
    local: false,
    span,
  };
  keep.room = [keep];
  b.keeps.push(keep);
  return keep;
}

/** The keep of the same body and level in whose room others are to lie; undefined, reported, where there is none. */
function findRoom(
  b: Building,
  over: NonNullable<KeepNode['over']>,
  level: number,
  beside: readonly Keep[],
): Keep | undefined {
  const tensor = find(b, 'tensor', over, b.workload.tensors);
  const found = beside.findLast((k) => k.tensor === tensor && k.level === level && !k.cache);
  if (found === undefined && tensor !== undefined) {
    const { name } = b.machine.levels[level]!;
    const message = `"${over.name}" is not kept in "${name}" in this body, so it has no room there to lie in`;
    b.report('no-room', message, over.span, `add "keep ${over.name} in ${name}" above it`);
  }
  return found;
}

/** Lays a keep over all that lie in a room, with the stages that this has. */
function layOver(b: Building, keep: Mutable<Keep>, { room, stages }: Keep): void {
  keep.stages = stages;
  const shared = [...room, keep];
  for (const one of b.keeps) if (shared.includes(one)) one.room = shared;
}
