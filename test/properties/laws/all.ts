import type { Triple } from '../../arbitraries/triple/triple.ts';
import { lawsOfCounts } from './counts.ts';
import { lawsOfEnergy } from './energy.ts';
import { type Law, trialOf } from './law.ts';
import { lawsOfLimits } from './limits.ts';
import { lawsOfRepetition } from './repeat.ts';
import { lawsOfTime } from './time.ts';
import { lawsOfValues } from './values.ts';

/** The laws of the models, by their numbers in the design. */
export const laws: readonly Law[] = [
  ...lawsOfValues,
  ...lawsOfCounts,
  ...lawsOfTime,
  ...lawsOfLimits,
  ...lawsOfEnergy,
  ...lawsOfRepetition,
];

/** Tries a triple against every law; throws, naming the law, where one is broken. `tried` counts by law. */
export function obeyLaws(triple: Triple, tried: Map<Law, number>): void {
  const trial = trialOf(triple);
  for (const law of laws) {
    if (law.applies?.(trial) === false) continue;
    tried.set(law, (tried.get(law) ?? 0) + 1);
    try {
      law.holds(trial);
    } catch (error) {
      throw new Error(`${law.name}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
}
