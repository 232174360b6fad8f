import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { isBelow } from './levels.ts';
import type { Loop, PlacedMapping } from './placed.ts';

/**
 * Checks each nest of spatial loops: over the instances of one level, each loop the only branch of the one around it
 * (keeps of shared levels may stand between), over ranks that every Einsum inside has in its output, and under no
 * pipelined loop: the steps of the nest are a grid that starts and ends as one.
 */
export function checkGrids(p: PlacedMapping): readonly Diagnostic[] {
  const found = p.grids.flatMap((grid) => checkGrid(p, grid));
  return found.length > 0 ? found : checkKeeps(p);
}

function checkGrid(p: PlacedMapping, grid: readonly Loop[]): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const outer = grid[0]!;
  const level = p.machine.levels[outer.across!]!;
  if (level.totalInstances < 2)
    found.push(
      diagnostic('one-instance', `level "${level.name}" has one instance: there is nothing to spread over`, outer.span),
    );
  for (let i = 1; i < grid.length; i++) {
    const loop = grid[i]!;
    const around = grid[i - 1]!;
    const related = [{ span: around.span, message: 'the spatial loop around it' }];
    if (around.block.branches.length !== 1 || around.block.branches[0] !== loop)
      found.push(
        diagnostic('split-grid', 'a spatial loop must be the only branch of the spatial loop around it', loop.span, {
          related,
        }),
      );
    if (loop.across !== outer.across)
      found.push(diagnostic('split-grid', 'nested spatial loops must be over one level', loop.span, { related }));
  }
  for (const loop of [...outer.above, ...grid.slice(0, -1)])
    if (!loop.block.strict)
      found.push(
        diagnostic(
          'pipelined-grid',
          'a grid starts and ends as one, so the loops around its tiles cannot be pipelines',
          loop.span,
        ),
      );
  if (outer.above.length === 0 && !p.root.strict)
    found.push(
      diagnostic('pipelined-grid', 'a mapping with a grid runs its outermost branches in sequence', outer.span),
    );
  return [...found, ...grid.flatMap((loop) => checkRank(p, loop))];
}

function checkRank(p: PlacedMapping, loop: Loop): readonly Diagnostic[] {
  const { name, size } = p.workload.variables[loop.variable]!;
  if (size <= loop.tile) return [];
  return p.computes
    .filter((c) => c.above.includes(loop))
    .filter((c) => c.einsum.reduced.includes(loop.variable) || c.einsum.carried === loop.variable)
    .map((c) =>
      diagnostic(
        'spatial-reduction',
        `instances share the loop over "${name}", but Einsum "${c.einsum.name}" combines over "${name}" and the instances cannot join their results`,
        loop.span,
        { related: [{ span: c.span, message: `"${c.einsum.name}" is computed here` }] },
      ),
    );
}

/** Inside a grid, a tile belongs either to all instances (between its loops) or to one (inside its innermost loop). */
function checkKeeps(p: PlacedMapping): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const gridLevels = p.grids.map((g) => g[0]!.across!);
  for (const keep of p.keeps) {
    const name = p.workload.tensors[keep.tensor]!.name;
    const level = p.machine.levels[keep.level]!.name;
    const grid = p.grids.find((g) => keep.above.includes(g[0]!));
    const inside = grid !== undefined && keep.above.includes(grid.at(-1)!);
    if (inside && !keep.local)
      found.push(
        diagnostic(
          'shared-keep',
          `"${name}" is kept in "${level}", which all instances share, inside the loop that spreads the work over them`,
          keep.span,
          { help: 'move the keep outside the innermost spatial loop' },
        ),
      );
    const private_ = gridLevels.some((g) => keep.level === g || isBelow(p.machine.levels, keep.level, g));
    if (!inside && private_)
      found.push(
        diagnostic(
          'shared-keep',
          `"${name}" is kept in "${level}", of which each instance has its own, outside the loop that spreads the work over them`,
          keep.span,
          { help: 'move the keep inside the innermost spatial loop' },
        ),
      );
    if (grid !== undefined && !inside && keep.producer !== undefined)
      found.push(
        diagnostic(
          'shared-keep',
          `"${name}" is produced by single instances, so "${level}" cannot keep it between spatial loops`,
          keep.span,
          {
            help: 'keep it outside the spatial loops, or inside the innermost one',
          },
        ),
      );
  }
  return found;
}
