import { compulsoryTraffic } from '../einsum/compulsory.ts';
import type { PlacedMapping } from '../mapper/placed.ts';

/** Bytes that must cross the outermost memory, whatever the mapping, of the tensors that this one has there at all. */
export function outermostBytes({ workload, machine, keeps }: PlacedMapping): number {
  const outermost = machine.levels.findIndex((level) => level.memory !== undefined);
  const there = keeps.filter((k) => k.parent === undefined && k.level === outermost).map((k) => k.tensor);
  const { tensors } = compulsoryTraffic(workload);
  return there.reduce((sum, tensor) => sum + (tensors.get(workload.tensors[tensor]!.name)?.bytes ?? 0), 0);
}
