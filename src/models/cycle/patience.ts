/** Whether looking for repetitions of a loop pays: what was in vain is tried half as often the next time. */
export type Patience = {
  /** Activations to let pass without looking. */
  pause: number;
  /** How many of those are left. */
  waiting: number;
  /** Something was found since looking began. */
  found: boolean;
};

export const createPatience = (): Patience => ({ pause: 0, waiting: 0, found: true });

/** At the start of an activation: after one in vain, lets twice as many pass as the last time. */
export function beginLooking(patience: Patience): void {
  if (patience.waiting > 0) {
    patience.waiting--;
    return;
  }
  patience.pause = patience.found ? 0 : Math.max(1, Math.min(2 * patience.pause, 1024));
  patience.waiting = patience.pause;
  patience.found = false;
}
