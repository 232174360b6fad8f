import { expect, test } from 'vitest';
import type { Mapping } from '../../src/mapper/mapping.ts';
import { parseMapping } from '../../src/mapper/parse.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { bestMappings } from '../../src/search/best-mappings.ts';
import { openNumbers } from '../../src/search/dataflow/dataflow.ts';
import { type Cost, type Objective, objectives } from '../../src/search/objective.ts';
import { homeOf, type Problem } from '../../src/search/plan.ts';
import { weighingOf } from '../../src/search/search.ts';
import { must, ofEachForm, shipped, shippedMachine, shippedNames, workloadOf } from '../mapper/inputs.ts';

/** Small, and tiles do not divide them; sizes that a cascade has not are passed over. */
const sizes = { B: 1, H: 2, P: 139, M: 150, M0: 64, E: 3, F: 5, K: 70, N: 66, D: 4, FF: 7 };

const machines = await Promise.all(shippedNames('hardware-specs', '.yaml').map(shippedMachine));

/** The mapping as it is written; undefined: it is for another machine. */
function costOf(mapping: Mapping, { workload, machine }: Problem): Cost | undefined {
  const placed = placeMapping(mapping, workload, machine);
  if (!placed.ok) return undefined;
  const metrics = evaluateMapping(placed.value, 'analytic');
  const { read_bytes, write_bytes } = metrics.traffic.get(machine.levels[homeOf(machine)]!.name)!;
  return {
    latency_cycles: metrics.latency_cycles,
    energy_pj: [...metrics.energy_pj.values()].reduce((a, b) => a + b, 0),
    home_bytes: read_bytes + write_bytes,
    room_bytes: 0,
  };
}

const mappings = shippedNames('mappings', '.map').map((name) => must(parseMapping(shipped('mappings', `${name}.map`))));

test.each(mappings)('$name: what is found on each form of machine is no worse than as it is written', (mapping) => {
  let tried = 0;
  for (const { name: cascade } of mapping.cascades) {
    const workload = workloadOf(cascade, sizes);
    const all = machines.flatMap((machine) => {
      const written = costOf(mapping, { workload, machine });
      return written === undefined ? [] : [{ machine, written }];
    });
    for (const { machine, written } of ofEachForm(all, (one) => one.machine)) {
      const problem = { workload, machine };
      const dataflow = openNumbers(mapping, problem.workload, new Set(['tiles']));
      for (const objective of Object.keys(objectives) as Objective[]) {
        const least = objectives[objective];
        const options = { ...weighingOf(objective), accounting: 'physical', effort: 2 };
        const { found, bound } = bestMappings([{ kind: 'dataflow', problem, dataflow }], options);
        const best = Math.min(...found.map((f) => least(f.cost)));
        expect(best, `${cascade} on ${machine.name}, ${objective}`).toBeLessThanOrEqual(least(written));
        expect(least(bound)).toBeLessThanOrEqual(best);
        for (const f of found) expect(costOf(f.mapping, problem)).toEqual(f.cost);
        tried++;
      }
    }
  }
  expect(tried).toBeGreaterThan(0);
});
