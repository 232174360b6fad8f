import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { test } from 'vitest';
import type { SizeClass } from '../arbitraries/triple/cascade.ts';
import { anyTriple } from '../arbitraries/triple/triple.ts';
import { obeyLaws } from '../properties/laws/all.ts';
import type { Law } from '../properties/laws/law.ts';

/**
 * `npm run fuzz`: tries the laws on batches of random triples, each from a seed of its own, which it prints, until
 * one is broken. `FC_SEED=...` runs one batch again, and makes its counterexample small; `FC_RUNS=...` ends after so
 * many batches.
 */
const batch: readonly { readonly sizes: SizeClass; readonly triples: number }[] = [
  { sizes: 'small', triples: 400 },
  { sizes: 'long', triples: 40 },
];

const given = process.env['FC_SEED'];
const firstSeed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
const batches = given === undefined ? Number(process.env['FC_RUNS'] ?? Number.POSITIVE_INFINITY) : 1;

test('the laws, on and on', { timeout: 0 }, async () => {
  const began = performance.now();
  const tried = new Map<Law, number>();
  let triples = 0;
  for (let b = 0; b < batches; b++) {
    const seed = (firstSeed + b) % 2 ** 31;
    for (const { sizes, triples: numRuns } of batch) {
      const property = fc.property(anyTriple(sizes), (triple) => obeyLaws(triple, tried));
      const result = fc.check(property, { seed, numRuns, endOnFailure: given === undefined });
      if (result.failed)
        throw new Error(`${fc.defaultReportMessage(result)}\nTo repeat it: FC_SEED=${seed} npm run fuzz\n`);
      triples += numRuns;
    }
    const checks = [...tried.values()].reduce((a, n) => a + n, 0);
    const seconds = Math.round((performance.now() - began) / 1000);
    process.stdout.write(`seed ${seed}: ${triples} triples, ${checks} checks of ${tried.size} laws in ${seconds} s\n`);
    // The test runner hears from its workers in between.
    await setImmediate();
  }
});
