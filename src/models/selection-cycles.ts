import type { Selector } from '../arch/machine.ts';
import { countPoints } from '../einsum/domain.ts';
import { type BoundEinsum, type BoundSelection, keptAt } from '../einsum/workload.ts';
import { copyEnvironment, type Environment } from '../mapper/tile.ts';
import { latencyCycles, serviceCycles } from './select/expected-selection.ts';

type RankSelection = BoundSelection & { readonly kind: 'rank' };

/**
 * Mean cycles that an engine takes for the rows (fibres) of a tile that it selects from: as many rows, each as long, as
 * the tile has on average, with as many elements to keep.
 */
export function selectionCycles(selector: Selector, einsum: BoundEinsum, s: RankSelection, env: Environment): number {
  const { along } = s;
  if (along === undefined) return rowsCycles(selector, einsum, s, env);
  const at = copyEnvironment(env);
  let cycles = 0;
  for (let i = env.lo[along]!; i < env.hi[along]!; i++) {
    at.lo[along] = i;
    at.hi[along] = i + 1;
    cycles += rowsCycles(selector, einsum, s, at);
  }
  return cycles;
}

/** Rows of which the same number is kept. */
function rowsCycles(selector: Selector, einsum: BoundEinsum, s: RankSelection, env: Environment): number {
  let rows = 1;
  for (const v of einsum.variables) if (v !== s.variable) rows *= env.hi[v]! - env.lo[v]!;
  const elements = countPoints(einsum.domain, einsum.variables, env);
  return elements === 0 ? 0 : rows * serviceCycles(selector, Math.round(elements / rows), keptAt(s, env.lo));
}

/**
 * Mean cycles that the result of a tile comes later than its engines could take the next: a row goes through one engine, from its
 * first element in to its last one out, however many there are.
 */
export function selectionLatency(selector: Selector, einsum: BoundEinsum, s: RankSelection, env: Environment): number {
  let rows = 1;
  for (const v of einsum.variables) if (v !== s.variable) rows *= env.hi[v]! - env.lo[v]!;
  const elements = countPoints(einsum.domain, einsum.variables, env);
  if (elements === 0) return 0;
  const [n, k] = [Math.round(elements / rows), keptAt(s, env.lo)];
  return Math.max(0, latencyCycles(selector, n, k) - serviceCycles(selector, n, k));
}
