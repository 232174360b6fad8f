import { countOperations } from '../einsum/operations.ts';
import type { PlacedMapping } from '../mapper/placed.ts';
import type { Traffic } from './traffic.ts';

/**
 * Dynamic energy: counts of actions x energy an action, by component and action ("DRAM read", "Array2D mac").
 * Operations are those that are computed; lanes that idle in a padded array pass cost nothing.
 */
export function countEnergy(p: PlacedMapping, traffic: Traffic): ReadonlyMap<string, number> {
  const parts = new Map<string, number>();
  const add = (part: string, pj: number): void => {
    if (pj > 0) parts.set(part, (parts.get(part) ?? 0) + pj);
  };
  for (const level of p.machine.levels) {
    const moved = traffic.levels.get(level.name);
    if (moved === undefined || level.memory === undefined) continue;
    add(`${level.name} read`, moved.read_bytes * level.memory.read_pj_per_byte);
    add(`${level.name} write`, moved.write_bytes * level.memory.write_pj_per_byte);
  }
  const counts = countOperations(p.workload);
  for (const compute of p.computes) {
    const operations = counts.get(compute.einsum.name)!;
    for (const binding of compute.bindings)
      for (const { operator, energy_pj } of binding.operations)
        add(`${p.machine.units[binding.unit]!.name} ${operator}`, (operations.get(operator) ?? 0) * energy_pj);
  }
  return parts;
}
