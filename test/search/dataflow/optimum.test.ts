import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requiredBytes } from '../../../src/mapper/capacity.ts';
import type { Mapping } from '../../../src/mapper/mapping.ts';
import { placeMapping } from '../../../src/mapper/place.ts';
import { evaluateMapping } from '../../../src/models/evaluate.ts';

import { choosable, chosenMapping, type Dataflow, openNumbers } from '../../../src/search/dataflow/dataflow.ts';
import { searchDataflow } from '../../../src/search/dataflow/search-dataflow.ts';
import { createFront } from '../../../src/search/front.ts';
import { type Cost, type Objective, objectives } from '../../../src/search/objective.ts';
import { homeOf, type Problem } from '../../../src/search/plan.ts';
import { weighingOf } from '../../../src/search/search.ts';
import { createTally } from '../../../src/search/tally.ts';
import { anyTriple } from '../../arbitraries/triple/triple.ts';
import { endOnFailure, runs } from '../../runs.ts';

/** Some knobs of few values, so that all choices can be tried. */
function small(d: Dataflow, picks: readonly number[]): Dataflow {
  const knobs = d.knobs
    .toSorted((a, b) => (picks[a.name.length % picks.length]! % 7) - (picks[b.name.length % picks.length]! % 7))
    .slice(0, 3)
    .map(({ name, kind }, k) => ({ name, kind, values: [undefined, 1, 1 + (picks[k]! % 5), 2 + (picks[k + 3]! % 7)] }));
  return { ...d, knobs };
}

/** The least of each objective over all choices, placed and evaluated one by one. */
function exhaust(problem: Problem, d: Dataflow): ReadonlyMap<Objective, number> {
  const best = new Map<Objective, number>();
  const walk = (k: number, choice: ReadonlyMap<string, number>): void => {
    const knob = d.knobs[k];
    if (knob !== undefined) {
      for (const value of knob.values)
        walk(k + 1, value === undefined ? choice : new Map([...choice, [knob.name, value]]));
      return;
    }
    const cost = costOf(problem, chosenMapping(d, choice, 'tried'));
    if (cost === undefined) return;
    for (const o of Object.keys(objectives) as Objective[])
      best.set(o, Math.min(best.get(o) ?? Number.POSITIVE_INFINITY, objectives[o](cost)));
  };
  walk(0, new Map());
  return best;
}

function costOf({ workload, machine }: Problem, mapping: Mapping): Cost | undefined {
  const placed = placeMapping(mapping, workload, machine);
  if (!placed.ok) return undefined;
  const metrics = evaluateMapping(placed.value, 'analytic');
  const home = metrics.traffic.get(machine.levels[homeOf(machine)]!.name);
  return {
    latency_cycles: metrics.latency_cycles,
    energy_pj: [...metrics.energy_pj.values()].reduce((a, b) => a + b, 0),
    home_bytes: home === undefined ? 0 : home.read_bytes + home.write_bytes,
    room_bytes: requiredBytes(placed.value)[1]!,
  };
}

// Law 9 of the design, for the numbers of a given loop tree.
test('the numbers that are found are the best of all, one by one', { timeout: 300_000 }, () => {
  let improved = 0;
  fc.assert(
    fc.property(anyTriple(), fc.array(fc.nat(1000), { minLength: 8, maxLength: 8 }), (triple, picks) => {
      const { workload, machine, mapping } = triple;
      // Room for little more than what the mapping itself takes, on some machines.
      const tight = {
        ...machine,
        levels: machine.levels.map((l) =>
          l.memory === undefined || picks[7]! % 2 === 0
            ? l
            : { ...l, memory: { ...l.memory, capacity_bytes: Math.min(l.memory.capacity_bytes, 64 + picks[6]! * 8) } },
        ),
      };
      const problem = { workload, machine: placeMapping(mapping, workload, tight).ok ? tight : machine };
      const dataflow = small(openNumbers(mapping, workload, new Set(choosable)), picks);
      const best = exhaust(problem, dataflow);
      const asWritten = costOf(problem, mapping)!;
      for (const objective of Object.keys(objectives) as Objective[]) {
        const value = objectives[objective];
        const front = createFront<Mapping | undefined>(weighingOf(objective));
        const tally = createTally();
        const search = { problem, dataflow, accounting: 'physical', room: 1, effort: 10_000 };
        expect(searchDataflow({ ...search, front, tally })).toEqual({ left: 0n, spared: undefined });
        const { space, evaluated, bounded, overfull, illegal } = tally;
        expect(evaluated + bounded + overfull + illegal).toBe(space);
        const found = Math.min(...front.found.map((f) => value(f.cost)));
        const expected = best.get(objective)!;
        expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-9 * expected);
        if (found < value(asWritten)) improved++;
        for (const f of front.found) expect(value(costOf(problem, f.value!)!)).toBe(value(f.cost));
        const near = createFront<Mapping | undefined>(weighingOf(objective));
        const { spared } = searchDataflow({ ...search, front: near, tally: createTally(), gap: 0.3 });
        const costs = near.found.map((f) => value(f.cost));
        expect(Math.min(...costs)).toBeLessThanOrEqual(1.3 * expected * (1 + 1e-9));
        // The least of all is what was found, or was passed over as no better than this.
        const bounds = spared === undefined ? costs : [...costs, value(spared)];
        expect(Math.min(...bounds)).toBeLessThanOrEqual(expected * (1 + 1e-9));
      }
    }),
    { numRuns: runs(40), endOnFailure },
  );
  expect(improved).toBeGreaterThan(8);
});
