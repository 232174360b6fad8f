import { type Simulation, simulateCycles } from '../../../src/models/cycle/simulate.ts';
import { evaluateMapping } from '../../../src/models/evaluate.ts';
import type { Metrics } from '../../../src/models/metrics.ts';
import { countTraffic, type Traffic } from '../../../src/models/traffic.ts';
import type { Triple } from '../../arbitraries/triple/triple.ts';
import { type Accesses, countAccesses } from '../../oracles/access-counter.ts';

/** What must hold for every legal triple. */
export type Law = {
  /** Begins with the number of the law in the design. */
  readonly name: string;
  /** Whether the law says anything of a triple; of all where it is not given. */
  readonly applies?: (trial: Trial) => boolean;
  /** Throws where the law is broken. */
  readonly holds: (trial: Trial) => void;
};

/** A triple and what models and oracles say of it, each asked once, by whichever law wants it first. */
export type Trial = Triple & {
  readonly accesses: () => Accesses;
  readonly traffic: () => Traffic;
  readonly folded: () => Simulation;
  readonly unfolded: () => Simulation;
  /** Nothing folded, and every operation recorded on its own. */
  readonly oneByOne: () => Simulation;
  readonly analytic: () => Metrics;
  readonly simulated: () => Metrics;
};

export function trialOf(triple: Triple): Trial {
  const { placed } = triple;
  const traffic = once(() => countTraffic(placed));
  return {
    ...triple,
    traffic,
    accesses: once(() => countAccesses(placed)),
    folded: once(() => simulateCycles(placed, traffic())),
    unfolded: once(() => simulateCycles(placed, traffic(), { folding: false })),
    oneByOne: once(() => simulateCycles(placed, traffic(), { folding: false, repeats: false })),
    analytic: once(() => evaluateMapping(placed, 'analytic')),
    simulated: once(() => evaluateMapping(placed, 'cycle')),
  };
}

function once<T extends object>(compute: () => T): () => T {
  let known: T | undefined;
  return () => {
    known ??= compute();
    return known;
  };
}

/** Room for the rounding of sums of cycles. */
export const slack = (cycles: number): number => 1e-9 * cycles + 1e-6;
