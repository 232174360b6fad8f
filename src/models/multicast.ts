import type { Keep, Loop, PlacedMapping } from '../mapper/placed.ts';
import { type Environment, type TileBox, tileBox, wholeEnvironment } from '../mapper/tile.ts';
import { createFound, enter, lookUp } from './found.ts';
import { keyLength, type Shape, settledShape, shapeOf, stillShape, writeKey } from './likeness.ts';
import { loopsInside, type Reach, reachOf } from './reach.ts';
import { enterStep, forEachRun, stepCount } from './runs.ts';
import { isActive, sumOverLeaves } from './walk.ts';

/** What reads of a tensor inside a grid: a keep of an instance, or one operand of a compute. */
type Reader = Pick<Keep, 'tensor' | 'above' | 'accesses' | 'users'>;

/** Steps in a row that read as many elements each. */
type Reads = { readonly elements: number; steps: number };

/**
 * Elements that a parent is read for when one read serves several instances. As many steps of a grid in a row as there
 * are instances run side by side; those of them that want the same tiles share the reads of the one that reads most.
 * `read` says how many elements one step reads when it stands alone.
 */
export function servedElements(p: PlacedMapping, reader: Reader, read: (env: Environment) => number): number {
  const grid = p.grids.find((g) => reader.above.includes(g.at(-1)!))!;
  const einsums = p.computes.filter((c) => c.above.includes(grid.at(-1)!)).map((c) => c.einsum);
  const shape = stillShape(shapeOf(einsums, p.workload.tensors));
  const tensor = p.workload.tensors[reader.tensor]!;
  const box: TileBox = [];
  const { totalInstances } = p.machine.levels[grid[0]!.across!]!;
  // Loops further in do not change which tile a step wants.
  const choosing = 1 + grid.findLastIndex((loop) => movesTile(reader, loop));

  const reaches = grid.map((loop) => reachOf(einsums, loopsInside(loop.block)));
  const inside = loopsInside(grid.at(-1)!.block);
  const readOnce = remembered(settledShape(shape, inside), read, reaches.at(-1));

  /** What the steps of the loops from a depth on read, in their order. */
  const readsFrom = (depth: number, env: Environment): readonly Reads[] => {
    const loop = grid[depth];
    if (loop === undefined) return isActive(einsums, env) ? [{ elements: readOnce(env), steps: 1 }] : [];
    const reads: Reads[] = [];
    const visit = (_first: number, length: number): void => repeatReads(reads, readsFrom(depth + 1, env), length);
    forEachRun(loop, shape, env, visit, reaches[depth]);
    return reads;
  };
  const readsOf = remembered(settledShape(shape, [...grid.slice(choosing), ...inside]), (env) =>
    readsFrom(choosing, env),
  );

  const launch = (env: Environment): number => {
    const wave = createWave(totalInstances);
    const descend = (depth: number): void => {
      if (depth < choosing) forEachStep(grid[depth]!, env, () => descend(depth + 1));
      else wave.add(String(tileBox(reader, tensor, env, box)), readsOf(env));
    };
    descend(0);
    return wave.end();
  };

  const around = grid[0]!.above;
  const env = wholeEnvironment(p.workload);
  return sumOverLeaves(around, einsums, shape, env, 1, (at, add) => add(0, launch(at)))[0]!;
}

const movesTile = ({ accesses }: Reader, { variable }: Loop): boolean =>
  accesses.some(({ indices }) => indices.some(({ terms }) => terms.some((t) => t.variable === variable)));

/** Adds what steps read, so many times. */
function repeatReads(to: Reads[], reads: readonly Reads[], length: number): void {
  const [only] = reads;
  const alike = reads.length === 1 ? [{ ...only!, steps: only!.steps * length }] : reads;
  for (let i = 0; i < (reads.length === 1 ? 1 : length); i++)
    for (const { elements, steps } of alike) {
      const last = to.at(-1);
      if (last?.elements === elements) last.steps += steps;
      else to.push({ elements, steps });
    }
}

/** Adds up the reads of steps that come in their order, as many side by side as there are instances. */
function createWave(instances: number): {
  readonly add: (tile: string, reads: readonly Reads[]) => void;
  readonly end: () => number;
} {
  const shared = new Map<string, number>();
  let running = 0;
  let total = 0;
  const end = (): number => {
    for (const elements of shared.values()) total += elements;
    shared.clear();
    running = 0;
    return total;
  };
  const add = (tile: string, reads: readonly Reads[]): void => {
    for (const { elements, steps } of reads)
      for (let left = steps; left > 0; ) {
        const now = Math.min(left, instances - running);
        shared.set(tile, Math.max(shared.get(tile) ?? 0, elements));
        left -= now;
        running += now;
        if (running === instances) end();
      }
  };
  return { add, end };
}

/** Iterations that differ by a shift have the same value. */
function remembered<T extends number | object>(
  shape: Shape,
  value: (env: Environment) => T,
  reach?: Reach,
): (env: Environment) => T {
  const key = new Float64Array(keyLength(shape, reach));
  const found = createFound<T>();
  return (env) => {
    writeKey(shape, env, key, 0, reach);
    const known = lookUp(found, key);
    if (known !== undefined) return known;
    const own = key.slice();
    const made = value(env);
    enter(found, own, made);
    return made;
  };
}

function forEachStep(loop: Loop, env: Environment, visit: () => void): void {
  const lo = env.lo[loop.variable]!;
  const hi = env.hi[loop.variable]!;
  const steps = stepCount(loop, env);
  for (let i = 0; i < steps; i++) {
    enterStep(loop, lo, hi, i, env);
    visit();
  }
  env.lo[loop.variable] = lo;
  env.hi[loop.variable] = hi;
}
