import type { Cost } from './objective.ts';

/** Parts of a cost that are weighed against each other. */
export type Axis = keyof Cost;

/** Found things of which none is worse than another on every axis. Of equals the first stays. */
export type Front<T> = { readonly axes: readonly Axis[]; readonly found: { readonly cost: Cost; readonly value: T }[] };

export const createFront = <T>(axes: readonly Axis[]): Front<T> => ({ axes, found: [] });

const isNoWorse = (axes: readonly Axis[], a: Cost, b: Cost): boolean => axes.every((x) => a[x] <= b[x]);

/** Whether something is there that is as good as anything of such a cost. */
export const covers = <T>({ axes, found }: Front<T>, cost: Cost): boolean =>
  found.some((f) => isNoWorse(axes, f.cost, cost));

/** True if it is among the best now. */
export function offer<T>(front: Front<T>, cost: Cost, value: T): boolean {
  if (covers(front, cost)) return false;
  const { axes, found } = front;
  for (let i = found.length - 1; i >= 0; i--) if (isNoWorse(axes, cost, found[i]!.cost)) found.splice(i, 1);
  found.push({ cost, value });
  return true;
}

export const addCosts = (a: Cost, b: Cost): Cost => ({
  latency_cycles: a.latency_cycles + b.latency_cycles,
  energy_pj: a.energy_pj + b.energy_pj,
  home_bytes: a.home_bytes + b.home_bytes,
});

/** The lesser of each part. */
export const leastCosts = (a: Cost, b: Cost): Cost => ({
  latency_cycles: Math.min(a.latency_cycles, b.latency_cycles),
  energy_pj: Math.min(a.energy_pj, b.energy_pj),
  home_bytes: Math.min(a.home_bytes, b.home_bytes),
});

/** Those of which none is as good as another. Of equals the first stays. */
export function undominated<T>(options: readonly T[], isNoWorse: (a: T, b: T) => boolean): readonly T[] {
  const best: T[] = [];
  for (const o of options) {
    if (best.some((b) => isNoWorse(b, o))) continue;
    let kept = 0;
    for (const b of best) if (!isNoWorse(o, b)) best[kept++] = b;
    best.length = kept;
    best.push(o);
  }
  return best;
}
