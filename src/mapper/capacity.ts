import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { Span } from '../source.ts';
import type { Block, Keep, PlacedMapping } from './placed.ts';
import { type Environment, gridOf, mostSteps, tensorBytes, tileBox, volume, wholeEnvironment } from './tile.ts';

/**
 * Bytes of one instance of each level (by position) that the mapping needs at once. Branches of a sequence have the
 * buffer one after the other, branches of a pipeline together.
 */
export function requiredBytes(p: PlacedMapping): readonly number[] {
  return p.machine.levels.map((_, level) => blockBytes(p, p.root, level));
}

function blockBytes(p: PlacedMapping, block: Block, level: number): number {
  let bytes = 0;
  for (const keep of block.keeps) if (keep.level === level) bytes += keepBytes(p, keep);
  let together = 0;
  let most = 0;
  for (const branch of block.branches) {
    const inside = branch.kind === 'loop' ? blockBytes(p, branch.block, level) : 0;
    together += inside;
    most = Math.max(most, inside);
  }
  return bytes + (block.strict ? most : together);
}

/** Bytes of a keep: its largest tile, as often as it has stages and as instances use different tiles at once. */
export function keepBytes(p: PlacedMapping, keep: Keep): number {
  return tileBytes(p, keep) * keep.stages * tilesAtOnce(p, keep);
}

function tileBytes(p: PlacedMapping, keep: Keep): number {
  const tensor = p.workload.tensors[keep.tensor]!;
  const env: Environment = wholeEnvironment(p.workload);
  for (const loop of keep.above) env.hi[loop.variable] = Math.min(env.hi[loop.variable]!, loop.tile);
  return tensorBytes(tensor, volume(tensor, tileBox(keep, tensor, env, [])));
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
