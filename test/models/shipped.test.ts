import { describe, expect, test } from 'vitest';
import { parseMapping } from '../../src/mapper/parse.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import type { PlacedMapping } from '../../src/mapper/placed.ts';
import { simulateCycles } from '../../src/models/cycle/simulate.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { machineResources } from '../../src/models/resources.ts';
import { countTraffic } from '../../src/models/traffic.ts';
import { must, shipped, shippedMachine, shippedNames, workloadOf } from '../mapper/inputs.ts';

type Sizes = Readonly<Record<string, number>>;

/** Ragged on purpose, and several tiles of everything; sizes that a cascade has not are passed over. */
const plain: Sizes = { B: 1, H: 2, P: 139, M: 150, M0: 64, E: 3, F: 5, K: 70, N: 66, D: 4, FF: 7 };
const causal: Sizes = { ...plain, H: 4, G: 2, CAUSAL: 1, P: 131 };

const machines = await Promise.all(shippedNames('hardware-specs', '.yaml').map(shippedMachine));

/** Every shipped mapping on the first machine that it fits, for every cascade that it names. */
function placements(sizes: Sizes): readonly { readonly name: string; readonly placed: PlacedMapping }[] {
  return shippedNames('mappings', '.map').flatMap((name) => {
    const mapping = must(parseMapping(shipped('mappings', `${name}.map`)));
    return mapping.cascades.flatMap(({ name: cascade }) => {
      const workload = workloadOf(cascade, sizes);
      const placed = machines.map((m) => placeMapping(mapping, workload, m)).find((p) => p.ok);
      return placed?.ok
        ? [{ name: `${name} of ${cascade} on ${placed.value.machine.name}`, placed: placed.value }]
        : [];
    });
  });
}

describe.each([
  ['plain', placements(plain)],
  ['causal, grouped queries', placements(causal)],
])('%s', (_, all) => {
  test('every mapping is there', () => {
    const names = new Set(all.map(({ placed }) => placed.name));
    expect(shippedNames('mappings', '.map').filter((n) => !names.has(n))).toEqual([]);
  });

  test.each(all)('$name: folding changes no number', ({ placed }) => {
    const traffic = countTraffic(placed);
    const { events: _f, ...folded } = simulateCycles(placed, traffic);
    const { events: _u, ...unfolded } = simulateCycles(placed, traffic, { folding: false });
    expect(folded.ticks).toBe(unfolded.ticks);
    expect(folded.totals).toEqual(unfolded.totals);
    expect(folded.usage).toEqual(unfolded.usage);
  });

  test.each(all)('$name: busy and idle time add up, and the bounds hold', ({ placed }) => {
    const { usage, ticks } = simulateCycles(placed);
    const { names, instances } = machineResources(placed.machine);
    usage.forEach(({ busy, stalls }, r) => {
      const stood = [...stalls.values()].reduce((a, b) => a + b, 0);
      expect(busy + stood, names[r]).toBe(ticks * instances[r]!);
    });
    const [analytic, simulated] = [evaluateMapping(placed, 'analytic'), evaluateMapping(placed, 'cycle')];
    expect(simulated.latency_cycles).toBeGreaterThanOrEqual(simulated.lower_bound_cycles);
    expect(analytic.latency_cycles).toBeGreaterThanOrEqual(analytic.lower_bound_cycles);
    expect(analytic.lower_bound_cycles).toBe(simulated.lower_bound_cycles);
    expect(analytic.traffic).toEqual(simulated.traffic);
    for (const metrics of [analytic, simulated])
      for (const [unit, einsums] of metrics.lane_utilization) {
        const computing = [...einsums.values()].reduce((a, b) => a + b, 0);
        expect(computing, unit).toBeLessThanOrEqual(metrics.utilization.get(unit)! * (1 + 1e-12));
      }
    const { busy_by_einsum, busy_by_operator } = analytic;
    for (const unit of placed.machine.units.map((u) => u.name)) {
      const [ofEinsums, ofOperators] = [busy_by_einsum, busy_by_operator].map((table) =>
        [...(table.get(unit)?.values() ?? [])].reduce((a, b) => a + b, 0),
      );
      expect(ofOperators, unit).toBeCloseTo(ofEinsums!, 6);
    }
    expect(analytic.energy_pj).toEqual(simulated.energy_pj);
  });
});
