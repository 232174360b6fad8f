import { expect } from 'vitest';
import { evaluateCascade } from '../../../src/einsum/evaluate.ts';
import { randomInputs } from '../../../src/einsum/random-inputs.ts';
import { executeMapping } from '../../../src/models/cycle/functional.ts';
import type { Law } from './law.ts';

/** Law 2: every mapping of a cascade computes what the reference executor computes. */
export const lawsOfValues: readonly Law[] = [
  {
    name: 'law 2: the values that a mapping moves are those of the reference executor',
    holds: ({ placed }) => {
      const inputs = randomInputs(placed.workload, 7);
      const expected = evaluateCascade(placed.workload, inputs);
      for (const [name, { values, exists }] of executeMapping(placed, inputs)) {
        const wanted = expected.get(name)!;
        expect([...exists], name).toEqual([...wanted.exists]);
        let worst = 0;
        for (let i = 0; i < values.length; i++) {
          if (exists[i] === 0 || Object.is(values[i], wanted.values[i])) continue;
          const error = Math.abs(values[i]! - wanted.values[i]!) / Math.max(1, Math.abs(wanted.values[i]!));
          // Not a number is an error too.
          if (!(error <= worst)) worst = error;
        }
        expect(worst, `relative error of ${name}`).toBeLessThan(1e-9);
      }
    },
  },
];
