import type { Objective } from './identity.ts';
import { effectAt, type Sensitivity } from './sensitivity.ts';
import type { Way } from './step.ts';

/** A parameter and where to move it, so that a metric gets better. */
export type Change = {
  /** By position. */
  readonly parameter: number;
  readonly way: Way;
  /** How much better, in logarithms, for each 1 of the parameter's: the mean over the points. */
  readonly gain: number;
  /** Of the metric, as a share: the mean over the points where it can be done. */
  readonly change: number;
  /** How many these are. */
  readonly points: number;
};

/** Less is no gain: 1% more of the parameter is a thousandth of a percent. */
const noise = 1e-3;

/**
 * The change that gains most by a metric, of those that are for consideration: by the side that it goes to, since at a
 * kink the other says nothing of it. Sides that cannot be evaluated or break a constraint gain nothing. Undefined: none does.
 */
export function firstChange(
  sensitivity: Sensitivity,
  metric: number,
  goal: Objective['goal'],
  isConsidered: (parameter: Sensitivity['parameters'][number]) => boolean,
): Change | undefined {
  let best: Change | undefined;
  for (const [parameter, moved] of sensitivity.parameters.entries()) {
    if (!isConsidered(moved)) continue;
    for (const way of ['higher', 'lower'] as const) {
      const sign = (goal === 'maximize') === (way === 'higher') ? 1 : -1;
      const effects = moved.responses.flatMap((response, point) => {
        const side = response?.[way];
        if (side?.kind !== 'found' || side.excluded) return [];
        const { elasticity, change } = effectAt(sensitivity, parameter, metric, point)?.[way] ?? {};
        return elasticity === undefined || change === undefined ? [] : [{ elasticity, change }];
      });
      const gain = effects.reduce((sum, { elasticity }) => sum + sign * elasticity, 0) / moved.responses.length;
      if (gain <= (best?.gain ?? noise)) continue;
      const change = effects.reduce((sum, effect) => sum + effect.change, 0) / effects.length;
      best = { parameter, way, gain, change, points: effects.length };
    }
  }
  return best;
}
