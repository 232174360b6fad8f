import type { Workload } from '../einsum/workload.ts';
import type { Loop } from './placed.ts';
import { mostSteps } from './tile.ts';

/** Whether a loop has more than one step anywhere; one that has not is no loop at all. */
export const moves = (w: Workload, loop: Loop): boolean => mostSteps(loop, w.variables[loop.variable]!.size) > 1;

/** Loops that are around both of two places, outermost first. */
export function sharedLoops(a: readonly Loop[], b: readonly Loop[]): readonly Loop[] {
  let n = 0;
  while (n < a.length && a[n] === b[n]) n++;
  return a.slice(0, n);
}
