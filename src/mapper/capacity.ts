import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { Span } from '../source.ts';
import { largestTile } from './largest-tile.ts';
import { moves } from './loops.ts';
import type { Block, Keep, Loop, PlacedMapping } from './placed.ts';
import { gridOf, mostSteps, tensorBytes } from './tile.ts';

/**
 * Bytes of one instance of each level (by position) that the mapping needs at once. Branches of a pipeline have the
 * buffer together. Those of a sequence have it one after the other, but for what outlasts their turn: trailing
 * branches, and tiles that are fetched ahead for the next iteration of a loop around.
 */
export function requiredBytes(p: PlacedMapping): readonly number[] {
  return p.machine.levels.map((_, level) => blockBytes(p, p.root, level, []));
}

function blockBytes(p: PlacedMapping, block: Block, level: number, around: readonly Loop[]): number {
  let bytes = 0;
  for (const keep of block.keeps) if (keep.level === level) bytes += keepBytes(p, keep);
  let always = 0;
  let most = 0;
  for (const branch of block.branches) {
    if (branch.kind === 'compute') continue;
    const inside = blockBytes(p, branch.block, level, [...around, branch]);
    const lasting = block.strict && !branch.trailing ? aheadBytes(p, branch.block, level, around) : inside;
    always += lasting;
    most = Math.max(most, inside - lasting);
  }
  return bytes + always + most;
}

/** Bytes of the tiles in a branch that come in for the next iteration of a loop around it before it runs again. */
function aheadBytes(p: PlacedMapping, block: Block, level: number, around: readonly Loop[]): number {
  let bytes = 0;
  for (const keep of block.keeps) {
    if (keep.level !== level || keep.stages === 1 || keep.fill !== 'always') continue;
    const again = around.slice(keep.parent!.above.length).some((l) => moves(p.workload, l));
    if (again) bytes += keepBytes(p, keep) / keep.stages;
  }
  for (const branch of block.branches) if (branch.kind === 'loop') bytes += aheadBytes(p, branch.block, level, around);
  return bytes;
}

/** Bytes of a keep: its largest tile, as often as it has stages and as instances use different tiles at once. */
export function keepBytes(p: PlacedMapping, keep: Keep): number {
  const tile = tensorBytes(p.workload.tensors[keep.tensor]!, largestTile(p.workload, keep));
  return tile * keep.stages * tilesAtOnce(p, keep);
}

/** A shared keep between the loops of a grid serves as many tiles as neighbouring steps of the grid can touch. */
function tilesAtOnce(p: PlacedMapping, keep: Keep): number {
  const outside = gridOf(keep.above);
  if (outside.length === 0 || keep.local) return 1;
  const grid = p.grids.find((g) => g[0] === outside[0])!;
  const steps = (loops: readonly (typeof grid)[number][]): number =>
    loops.reduce((n, l) => n * mostSteps(l, p.workload.variables[l.variable]!.size), 1);
  const inner = steps(grid.slice(outside.length));
  const instances = p.machine.levels[grid[0]!.across!]!.totalInstances;
  return Math.min(steps(outside), Math.floor((instances + inner - 2) / inner) + 1);
}

export function checkCapacity(p: PlacedMapping, at: Span): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const required = requiredBytes(p);
  p.machine.levels.forEach((level, l) => {
    const capacity = level.memory?.capacity_bytes ?? Number.POSITIVE_INFINITY;
    if (required[l]! <= capacity) return;
    const keeps = p.keeps.filter((k) => k.level === l).sort((a, b) => keepBytes(p, b) - keepBytes(p, a));
    found.push(
      diagnostic(
        'over-capacity',
        `the tiles kept in "${level.name}" need ${formatBytes(required[l]!)}, but it has ${formatBytes(capacity)}`,
        keeps[0]?.span ?? at,
        {
          help: keeps
            .slice(0, 6)
            .map((k) => {
              const stages = k.stages > 1 ? ` in ${k.stages} stages` : '';
              return `${p.workload.tensors[k.tensor]!.name} ${formatBytes(keepBytes(p, k))}${stages}`;
            })
            .join(', '),
        },
      ),
    );
  });
  return found;
}

/** Bytes as people write buffer sizes: binary units, three digits. */
function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let scaled = bytes;
  let unit = 0;
  while (scaled >= 1024 && unit < units.length - 1) {
    scaled /= 1024;
    unit++;
  }
  return `${Number(scaled.toPrecision(4))} ${units[unit]!}`;
}
