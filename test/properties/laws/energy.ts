import { expect } from 'vitest';
import type { Law } from './law.ts';

/** Law 6: energy = sum of action counts x energy an action; parts add up. */
export const lawsOfEnergy: readonly Law[] = [
  {
    name: 'law 6: every part is a count times an energy, none negative, whatever the model',
    holds: ({ machine, analytic, simulated }) => {
      const { energy_pj, traffic } = analytic();
      for (const { name, memory } of machine.levels) {
        const { read_bytes = 0, write_bytes = 0 } = traffic.get(name) ?? {};
        expect(energy_pj.get(`${name} read`) ?? 0).toBeCloseTo(read_bytes * (memory?.read_pj_per_byte ?? 0), 6);
        expect(energy_pj.get(`${name} write`) ?? 0).toBeCloseTo(write_bytes * (memory?.write_pj_per_byte ?? 0), 6);
      }
      for (const pj of energy_pj.values()) expect(pj).toBeGreaterThan(0);
      expect(simulated().energy_pj).toEqual(energy_pj);
    },
  },
];
