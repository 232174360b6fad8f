import type { Workload } from '../einsum/workload.ts';
import { innerVariables } from './dense.ts';
import type { Limits } from './mapspace.ts';

/**
 * The space that is searched where nothing else is asked for: one loop a variable in each nest, with tiles that double, the last of
 * which may be smaller; pipelines in which few iterations have to wait for another, and two stages.
 */
export function defaultLimits(w: Workload): Limits {
  const inner = innerVariables(w);
  return {
    loopsEach: 1,
    tiles: (size, variable) => (inner.has(variable) ? [] : halves(size)),
    coarse: (size, variable) => (inner.has(variable) ? [] : halves(size).filter((_, i) => i % 4 === 3)),
    inFlight: [64],
    stages: [2],
    constraints: [],
  };
}

/** Tiles of 2, 4, 8, ... steps, falling. */
function halves(size: number): readonly number[] {
  const tiles: number[] = [];
  for (let steps = 2; (tiles.at(-1) ?? size) > 1; steps *= 2) tiles.push(Math.ceil(size / steps));
  return tiles;
}
