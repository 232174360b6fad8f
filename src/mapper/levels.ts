import type { Level } from '../arch/machine.ts';

/** Whether a level lies under another in the machine's tree. */
export function isBelow(levels: readonly Level[], level: number, above: number): boolean {
  for (let l = levels[level]!.parent; l !== undefined; l = levels[l]!.parent) if (l === above) return true;
  return false;
}
