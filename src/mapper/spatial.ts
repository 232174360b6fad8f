import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { Span } from '../source.ts';
import { checkAdding, isAddedBelow, isSum } from './adding.ts';
import { isBelow } from './levels.ts';
import { moves } from './loops.ts';
import type { Keep, Loop, PlacedMapping } from './placed.ts';
import { gridOf, isAroundGrid, launching } from './tile.ts';

/**
 * Checks each nest of spatial loops: over the instances of one level, each loop the only branch of the one around it
 * (keeps of shared levels may stand between), over ranks that every Einsum inside has in its output or sums over with
 * "adding", and under no pipelined loop: the steps of the nest are a grid that starts and ends as one.
 */
export function checkGrids(p: PlacedMapping): readonly Diagnostic[] {
  const found = p.grids.flatMap((grid) => checkGrid(p, grid));
  return found.length > 0 ? found : checkKeeps(p);
}

function checkGrid(p: PlacedMapping, grid: readonly Loop[]): readonly Diagnostic[] {
  const outer = grid[0]!;
  const level = p.machine.levels[outer.across!]!;
  const found: Diagnostic[] = [];
  if (level.totalInstances < 2) {
    const message = `level "${level.name}" has one instance: there is nothing to spread over`;
    found.push(diagnostic('one-instance', message, outer.span));
  }
  for (let i = 1; i < grid.length; i++) found.push(...checkNesting(grid[i - 1]!, grid[i]!));
  found.push(...checkSchedule(p, grid));
  return [...found, ...grid.flatMap((loop) => [...checkRank(p, loop), ...checkAdding(p, loop)])];
}

function checkNesting(around: Loop, loop: Loop): readonly Diagnostic[] {
  const related = [{ span: around.span, message: 'the spatial loop around it' }];
  const split = (message: string): Diagnostic => diagnostic('split-grid', message, loop.span, { related });
  const found: Diagnostic[] = [];
  if (around.block.branches.length !== 1 || around.block.branches[0] !== loop)
    found.push(split('a spatial loop must be the only branch of the spatial loop around it'));
  if (loop.across !== around.across) found.push(split('nested spatial loops must be over one level'));
  return found;
}

function checkSchedule(p: PlacedMapping, grid: readonly Loop[]): readonly Diagnostic[] {
  const outer = grid[0]!;
  const refuse = (message: string, at: Span): Diagnostic => diagnostic('pipelined-grid', message, at);
  const found = [...outer.above, ...grid.slice(0, -1)]
    .filter((loop) => !loop.block.strict)
    .map((loop) =>
      refuse('a grid starts and ends as one, so the loops around its tiles cannot be pipelines', loop.span),
    );
  if (outer.above.length === 0 && !p.root.strict)
    found.push(refuse('a mapping with a grid runs its outermost branches in sequence', outer.span));
  for (const loop of [...outer.above, ...grid])
    if (loop.trailing) found.push(refuse('a grid starts and ends as one, so it cannot be trailing', loop.span));
  return found;
}

function checkRank(p: PlacedMapping, loop: Loop): readonly Diagnostic[] {
  const { name } = p.workload.variables[loop.variable]!;
  if (!moves(p.workload, loop)) return [];
  return p.computes
    .filter((c) => c.above.includes(loop))
    .filter(
      ({ einsum }) =>
        einsum.carried === loop.variable ||
        (einsum.reduced.includes(loop.variable) && !loop.adding.includes(einsum.output.tensor)),
    )
    .map((c) =>
      diagnostic(
        'spatial-reduction',
        `instances share the loop over "${name}", but Einsum "${c.einsum.name}" combines over "${name}" and the instances cannot join their results`,
        loop.span,
        {
          related: [{ span: c.span, message: `"${c.einsum.name}" is computed here` }],
          help: isSum(c.einsum)
            ? `write "adding ${c.einsum.name}" after the level: they add their parts in memory`
            : undefined,
        },
      ),
    );
}

/** Inside a grid, a tile belongs either to all instances (between its loops) or to one (inside its innermost loop). */
function checkKeeps(p: PlacedMapping): readonly Diagnostic[] {
  return p.keeps.flatMap((keep) => {
    const wrong = misplaced(p, keep);
    return wrong === undefined
      ? [...checkState(p, keep), ...checkCache(p, keep)]
      : [diagnostic('shared-keep', wrong.message, keep.span, { help: wrong.help })];
  });
}

/** What a cache does not hold is read from its parent by the instances of a grid: both must be there. */
function checkCache(p: PlacedMapping, keep: Keep): readonly Diagnostic[] {
  if (!keep.cache) return [];
  const tensor = p.workload.tensors[keep.tensor]!.name;
  const refuse = (message: string, help = 'write "keep" instead'): Diagnostic =>
    diagnostic('misplaced-cache', message, keep.span, { help });
  if (keep.parent === undefined)
    return [
      refuse(
        `"${tensor}" is kept nowhere above, so there is nothing to cache it from`,
        'keep it in a memory further out too',
      ),
    ];
  if (keep.producer !== undefined && !p.grids.some((grid) => isAddedBelow(keep, grid)))
    return [refuse(`"${tensor}" is produced below, but a cache is for what is read or added to`)];
  if (!isAroundGrid(p, keep)) return [refuse(`"${tensor}" is cached where no grid is inside: no instances share it`)];
  return [];
}

/** A grid, and what runs beside it, starts with empty buffers: a loop around it finds nothing there to go on with. */
function checkState(p: PlacedMapping, keep: Keep): readonly Diagnostic[] {
  const { producer } = keep;
  if (keep.parent !== undefined || producer === undefined) return [];
  const loop = launching(p, keep).find(
    (l) => moves(p.workload, l) && (producer.reduced.includes(l.variable) || producer.carried === l.variable),
  );
  if (loop === undefined) return [];
  const tensor = p.workload.tensors[keep.tensor]!.name;
  const { name } = p.workload.variables[loop.variable]!;
  const message = `"${tensor}" is lost when the grid ends, but the loop over "${name}" around the grid comes back to go on with it`;
  return [
    diagnostic('lost-state', message, keep.span, {
      help: `keep it outside the loop over "${name}" too, in a memory that all share`,
    }),
  ];
}

function misplaced(p: PlacedMapping, keep: Keep): { readonly message: string; readonly help: string } | undefined {
  const { levels } = p.machine;
  const name = p.workload.tensors[keep.tensor]!.name;
  const level = levels[keep.level]!.name;
  const grid = p.grids.find((g) => keep.above.includes(g[0]!));
  const inside = grid !== undefined && keep.above.includes(grid.at(-1)!);
  if (inside && !keep.local)
    return {
      message: `"${name}" is kept in "${level}", which all instances share, inside the loop that spreads the work over them`,
      help: 'move the keep outside the innermost spatial loop',
    };
  const isApart = ({ across }: Loop): boolean => keep.level === across || isBelow(levels, keep.level, across!);
  // What runs beside a grid runs on one instance.
  const single = p.computes.some((c) => keep.users.includes(c.einsum) && gridOf(c.above).some(isApart));
  if (!inside && single)
    return {
      message: `"${name}" is kept in "${level}", of which each instance has its own, outside the loop that spreads the work over them`,
      help: 'move the keep inside the innermost spatial loop',
    };
  if (grid !== undefined && !inside && keep.producer !== undefined && !isAddedBelow(keep, grid))
    return {
      message: `"${name}" is produced by single instances, so "${level}" cannot keep it between spatial loops`,
      help: 'keep it outside the spatial loops, or inside the innermost one',
    };
  return undefined;
}
