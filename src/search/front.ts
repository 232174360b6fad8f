import type { Cost } from './objective.ts';
import type { Vector } from './vector.ts';

/** Parts of a cost that are weighed against each other. */
export type Axis = keyof Cost;

/** What is asked for: the least by each of some axes, or, where a number weighs them, the least of it. */
export type Weighing = {
  readonly axes: readonly Axis[];
  /** Rises, or stays, with every axis. Undefined: none is worth more than another. */
  readonly weigh?: ((cost: Cost) => number) | undefined;
};

/** Found things of which none is worse than another. Of equals the first stays. */
export type Front<T> = Weighing & { readonly found: { readonly cost: Cost; readonly value: T }[] };

export const createFront = <T>({ axes, weigh }: Weighing): Front<T> => ({ axes, weigh, found: [] });

const isNoWorse = ({ axes, weigh }: Weighing, a: Cost, b: Cost): boolean =>
  weigh === undefined ? axes.every((x) => a[x] <= b[x]) : weigh(a) <= weigh(b);

/** Whether something is there that is as good as anything of such a cost. */
export const covers = <T>(front: Front<T>, cost: Cost): boolean =>
  front.found.some((f) => isNoWorse(front, f.cost, cost));

/** True if it is among the best now. */
export function offer<T>(front: Front<T>, cost: Cost, value: T): boolean {
  if (covers(front, cost)) return false;
  const { found } = front;
  for (let i = found.length - 1; i >= 0; i--) if (isNoWorse(front, cost, found[i]!.cost)) found.splice(i, 1);
  found.push({ cost, value });
  return true;
}

/** Of what runs one after the other. */
export const addCosts = (a: Cost, b: Cost): Cost => ({
  latency_cycles: a.latency_cycles + b.latency_cycles,
  energy_pj: a.energy_pj + b.energy_pj,
  home_bytes: a.home_bytes + b.home_bytes,
  room_bytes: Math.max(a.room_bytes, b.room_bytes),
});

export const timesCost = (cost: Cost, factor: number): Cost => ({
  latency_cycles: cost.latency_cycles * factor,
  energy_pj: cost.energy_pj * factor,
  home_bytes: cost.home_bytes * factor,
  room_bytes: cost.room_bytes * factor,
});

/** The lesser of each part. */
export const leastCosts = (a: Cost, b: Cost): Cost => ({
  latency_cycles: Math.min(a.latency_cycles, b.latency_cycles),
  energy_pj: Math.min(a.energy_pj, b.energy_pj),
  home_bytes: Math.min(a.home_bytes, b.home_bytes),
  room_bytes: Math.min(a.room_bytes, b.room_bytes),
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

/** The same for vectors, of whose entries less is better. They come out in order, the first entry first. */
export function vectorFront<T>(
  options: readonly T[],
  entries: readonly number[],
  vectorOf: (option: T) => Vector,
): readonly T[] {
  const all = options.map((option) => ({ option, vector: vectorOf(option) }));
  const telling = entries.filter((d) => all.some(({ vector }) => vector[d] !== all[0]!.vector[d]));
  all.sort((a, b) => {
    for (const d of telling) if (a.vector[d] !== b.vector[d]) return a.vector[d]! < b.vector[d]! ? -1 : 1;
    return 0;
  });
  // In this order, what is as good as another comes before it; with two entries that tell, the last that is kept is the best of them.
  const best: T[] = [];
  const rivals: Vector[] = [];
  for (const { option, vector } of all) {
    if (isCovered(rivals, vector, telling)) continue;
    best.push(option);
    if (telling.length <= 2) rivals.length = 0;
    rivals.push(vector);
  }
  return best;
}

/** Whether one of some vectors is no worse in any entry but the first. What covers goes ahead: it will cover others. */
function isCovered(rivals: Vector[], vector: Vector, telling: readonly number[]): boolean {
  for (let r = 0; r < rivals.length; r++) {
    const rival = rivals[r]!;
    let i = 1;
    while (i < telling.length && rival[telling[i]!]! <= vector[telling[i]!]!) i++;
    if (i < telling.length) continue;
    if (r > 0) {
      rivals[r] = rivals[r - 1]!;
      rivals[r - 1] = rival;
    }
    return true;
  }
  return false;
}
