import type { Level } from '../arch/machine.ts';

/** Whether two levels stand beside each other, one of each under one instance of the level above both. */
export const isBeside = (levels: readonly Level[], a: number, b: number): boolean =>
  a !== b && levels[a]!.parent === levels[b]!.parent && levels[a]!.instances === 1 && levels[b]!.instances === 1;

/** Whether a level lies under another in the machine's tree. */
export function isBelow(levels: readonly Level[], level: number, above: number): boolean {
  for (let l = levels[level]!.parent; l !== undefined; l = levels[l]!.parent) if (l === above) return true;
  return false;
}
