import type { Selector } from '../../../src/arch/machine.ts';

/** The engine of SpAtten's released hardware, without the limit of its FIFOs, with what a test changes. */
export const selectorWith = (changed: Partial<Selector> = {}): Selector => ({
  algorithm: 'quick-select',
  comparators: 16,
  pass_cycles: 3,
  fill_elements_per_cycle: 8,
  overlap: 0,
  capacity_elements: Number.POSITIVE_INFINITY,
  engines: 1,
  ...changed,
});
