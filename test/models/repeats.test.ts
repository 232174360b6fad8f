import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMapping } from '../../src/mapper/parse.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import type { PlacedMapping } from '../../src/mapper/placed.ts';
import { Deadlock } from '../../src/models/cycle/deadlock.ts';
import { type Simulation, simulateCycles } from '../../src/models/cycle/simulate.ts';
import { countTraffic } from '../../src/models/traffic.ts';
import { anyStuckTriple, anyTriple } from '../arbitraries/triple/triple.ts';
import { must, shipped, shippedMachine, workloadOf } from '../mapper/inputs.ts';
import { endOnFailure, runs } from '../runs.ts';

/** With what repeats recorded once and folded, recorded once and walked, or taken one by one. */
const waysToRun = [{}, { folding: false }, { folding: false, repeats: false }];

type Numbers = Pick<Simulation, 'ticks' | 'ticksPerCycle' | 'totals' | 'usage'>;
const numbersOf = ({ ticks, ticksPerCycle, totals, usage }: Simulation): Numbers => ({
  ticks,
  ticksPerCycle,
  totals,
  usage,
});

/** Numbers of a run in each way. */
function threeTimes(p: PlacedMapping): readonly Numbers[] {
  const traffic = countTraffic(p);
  return waysToRun.map((options) => numbersOf(simulateCycles(p, traffic, options)));
}

test.each(['small', 'long'] as const)('repetitions and calls on the tape change no number, %s', (sizes) => {
  fc.assert(
    fc.property(anyTriple(sizes), ({ placed }) => {
      const [folded, walked, oneByOne] = threeTimes(placed);
      expect(walked).toEqual(oneByOne);
      expect(folded).toEqual(oneByOne);
    }),
    { numRuns: runs(100), endOnFailure },
  );
});

/** Times that something is computed, filters aside: what it takes to walk a mapping. */
const computesOf = (p: PlacedMapping): number =>
  p.computes.reduce((sum, { above }) => {
    const extents = p.workload.variables.map((v) => v.size);
    let steps = 1;
    for (const { variable, tile } of above) {
      steps *= Math.ceil(extents[variable]! / tile);
      extents[variable] = Math.min(extents[variable]!, tile);
    }
    return sum + steps;
  }, 0);

test('folding changes no number of runs of up to a million operations', { timeout: 300_000 }, () => {
  let [most, walked] = [0, 0];
  fc.assert(
    fc.property(anyTriple('vast'), ({ placed }) => {
      fc.pre(computesOf(placed) > 3000 && computesOf(placed) < 400_000);
      const traffic = countTraffic(placed);
      const folded = simulateCycles(placed, traffic);
      const unfolded = simulateCycles(placed, traffic, { folding: false });
      expect(numbersOf(folded)).toEqual(numbersOf(unfolded));
      most = Math.max(most, unfolded.events);
      walked += folded.events / unfolded.events;
    }),
    { numRuns: runs(25), endOnFailure },
  );
  // Some are long, and not all are walked to the end.
  expect(most).toBeGreaterThan(20_000);
  expect(walked / runs(25)).toBeLessThan(0.9);
});

test('what deadlocks does so however it is run', () => {
  fc.assert(
    fc.property(anyStuckTriple('long'), ({ placed }) => {
      for (const options of waysToRun) expect(() => simulateCycles(placed, undefined, options)).toThrow(Deadlock);
    }),
    { numRuns: runs(30), endOnFailure },
  );
});

const fusemax = await shippedMachine('fusemax');

test.each([
  ['fusemax-binding', { P: 1536, M: 2048, CAUSAL: 0 }],
  ['fusemax-architecture', { P: 1536, M: 1536, CAUSAL: 0 }],
  ['fusemax-architecture', { P: 1500, M: 1500, CAUSAL: 1 }],
])('so they do not where loops are nested deep: %s %o', (name, sizes) => {
  const workload = workloadOf('attention-1-pass', { B: 6, H: 6, E: 16, F: 16, M0: 128, ...sizes });
  const placed = must(placeMapping(must(parseMapping(shipped('mappings', `${name}.map`))), workload, fusemax));
  const [folded, walked, oneByOne] = threeTimes(placed);
  expect(walked).toEqual(oneByOne);
  expect(folded).toEqual(oneByOne);
});
