import { expect } from 'vitest';
import { operationName } from '../../../src/arch/machine.ts';
import { lanes } from '../../../src/arch/peaks.ts';
import { operandBits } from '../../../src/einsum/workload.ts';
import { countAccesses, countActions } from '../../../src/models/energy.ts';
import { countLevelBytes, pointsOf } from '../../oracles/lane-counter.ts';
import type { Law, Trial } from './law.ts';

/** Parts of the energy as an accounting charges for them, from counts of single points and tiles. */
function expected({ placed, accesses, machine }: Trial, name: string): ReadonlyMap<string, number> {
  const { oneLane, freeDrains, freeOperators } = machine.accountings.get(name)!;
  const parts = new Map<string, number>();
  const add = (part: string, pj: number): void => {
    if (pj > 0) parts.set(part, (parts.get(part) ?? 0) + pj);
  };
  countLevelBytes(placed, accesses()).forEach(({ read, drained, write }, l) => {
    const { name: level, memory, totalInstances } = machine.levels[l]!;
    const all = machine.units.filter((u) => u.level === l).map((u) => lanes(u) * totalInstances);
    const share = oneLane && memory!.perLane ? Math.max(...all) : 1;
    add(`${level} read`, ((read + (freeDrains ? 0 : drained)) * memory!.read_pj_per_byte) / share);
    add(`${level} write`, (write * memory!.write_pj_per_byte) / share);
  });
  for (const { einsum, bindings } of placed.computes)
    for (const { unit, operations } of bindings)
      for (const { operator, perPoint, energy_pj } of operations)
        if (!freeOperators.has(operator))
          add(
            operationName(machine.units[unit]!, operator, operandBits(placed.workload, einsum)),
            pointsOf(placed, einsum).length * perPoint * energy_pj,
          );
  return parts;
}

/** Law 6: energy = sum of action counts x energy an action; parts add up. */
export const lawsOfEnergy: readonly Law[] = [
  {
    name: 'law 6: every part is a count times an energy, none negative, whatever the model',
    holds: (trial) => {
      const { placed, machine, traffic } = trial;
      for (const [name, accounting] of machine.accountings) {
        const actions = countActions(placed, countAccesses(placed, traffic(), accounting), accounting);
        const parts = expected(trial, name);
        expect([...actions.keys()].sort(), name).toEqual([...parts.keys()].sort());
        for (const [part, { count, each_pj }] of actions)
          expect(count * each_pj, part).toBeCloseTo(parts.get(part)!, 6);
      }
      const { energy_pj, actions } = trial.analytic();
      for (const [part, { count, each_pj }] of actions) expect(energy_pj.get(part)).toBe(count * each_pj);
      expect(trial.simulated().energy_pj).toEqual(energy_pj);
    },
  },
  {
    name: 'law 6: no accounting charges for more than happens',
    holds: ({ placed, machine, traffic }) => {
      const [all, other] = [...machine.accountings.values()].map((a) =>
        countActions(placed, countAccesses(placed, traffic(), a), a),
      );
      for (const [part, { count }] of other!) expect(count).toBeLessThanOrEqual(all!.get(part)!.count);
    },
  },
];
