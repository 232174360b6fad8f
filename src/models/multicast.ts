import type { Keep, Loop, PlacedMapping } from '../mapper/placed.ts';
import { type Environment, type TileBox, tileBox, wholeEnvironment } from '../mapper/tile.ts';
import { enterStep, isActive, keyLength, type Shape, shapeOf, stepCount, sumOverLeaves, writeKey } from './walk.ts';

/** What reads of a tensor inside a grid: a keep of an instance, or one operand of a compute. */
type Reader = Pick<Keep, 'tensor' | 'above' | 'accesses' | 'users'>;

/**
 * Elements that a parent is read for when one read serves several instances. As many steps of a grid in a row as there
 * are instances run side by side; those of them that want the same tiles share the reads of the one that reads most.
 * `read` says how many elements one step reads when it stands alone.
 */
export function servedElements(p: PlacedMapping, reader: Reader, read: (env: Environment) => number): number {
  const grid = p.grids.find((g) => reader.above.includes(g.at(-1)!))!;
  const einsums = p.computes.filter((c) => c.above.includes(grid.at(-1)!)).map((c) => c.einsum);
  const shape = shapeOf(einsums, p.workload.tensors);
  const readOnce = remembered(shape, (env) => (isActive(einsums, env) ? read(env) : undefined));
  const tensor = p.workload.tensors[reader.tensor]!;
  const box: TileBox = [];
  const { totalInstances } = p.machine.levels[grid[0]!.across!]!;

  const launch = (env: Environment): number => {
    const shared = new Map<string, number>();
    let steps = 0;
    const descend = (depth: number): void => {
      const loop = grid[depth];
      if (loop === undefined) {
        const elements = readOnce(env);
        if (elements === undefined) return;
        const wave = Math.floor(steps++ / totalInstances);
        const tiles = `${wave}: ${tileBox(reader, tensor, env, box)}`;
        shared.set(tiles, Math.max(shared.get(tiles) ?? 0, elements));
        return;
      }
      forEachStep(loop, env, () => descend(depth + 1));
    };
    descend(0);
    return [...shared.values()].reduce((a, b) => a + b, 0);
  };

  const around = grid[0]!.above;
  const env = wholeEnvironment(p.workload);
  return sumOverLeaves(around, einsums, shape, env, 1, (at, add) => add(0, launch(at)))[0]!;
}

/** Steps that differ by a shift read equally much; undefined: they do not run. */
function remembered(
  shape: Shape,
  read: (env: Environment) => number | undefined,
): (env: Environment) => number | undefined {
  const key = new Float64Array(keyLength(shape));
  const known = new Map<string, number | undefined>();
  return (env) => {
    writeKey(shape, env, key);
    const name = key.join();
    if (!known.has(name)) known.set(name, read(env));
    return known.get(name);
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
