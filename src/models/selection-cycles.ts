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
  const { rows, elements } = rowsOf(einsum, s, env);
  return elements === 0 ? 0 : rows * serviceCycles(selector, elements, keptAt(s, env.lo));
}

/** Rows of a tile, and how many elements each has on average. */
function rowsOf(
  { variables, domain }: BoundEinsum,
  { variable }: RankSelection,
  env: Environment,
): { readonly rows: number; readonly elements: number } {
  let rows = 1;
  for (const v of variables) if (v !== variable) rows *= env.hi[v]! - env.lo[v]!;
  const all = countPoints(domain, variables, env);
  return { rows, elements: all === 0 ? 0 : Math.round(all / rows) };
}

/**
 * Mean cycles that the result of a tile comes later than its engines could take the next: a row goes through one engine, from its
 * first element in to its last one out, however many there are.
 */
export function selectionLatency(selector: Selector, einsum: BoundEinsum, s: RankSelection, env: Environment): number {
  const { elements } = rowsOf(einsum, s, env);
  if (elements === 0) return 0;
  const kept = keptAt(s, env.lo);
  return Math.max(0, latencyCycles(selector, elements, kept) - serviceCycles(selector, elements, kept));
}
