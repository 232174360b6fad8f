import { expect, test } from 'vitest';
import { describeMachine } from '../../src/arch/describe.ts';
import { loadMachine } from '../../src/arch/load.ts';
import type { Selector } from '../../src/arch/machine.ts';
import { machineOf } from './shipped.ts';

const specOf = (selector: string, top = '{ energy: 2 pJ }'): string => `
name: selecting
sources: { book: "A book, 2024" }
parameters:
  COMPARATORS: { value: 16, source: book }
clock: { value: 2 GHz, source: book }
levels:
  - name: Core
    source: book
    units:
      - name: TopK
        dimensions: { lanes: 4 }
        operators: { top: ${top} }
        selector: ${selector}
`;

const unitOf = async (text: string, parameters: Readonly<Record<string, string>> = {}) =>
  (await machineOf({ name: 'selecting.yaml', text }, parameters)).units[0]!;

const full =
  '{ algorithm: quick-select, comparators: COMPARATORS, pass: 3 cycles, fill: 8, overlap: 0, capacity: 2048 }';
const released: Selector = {
  algorithm: 'quick-select',
  comparators: 16,
  pass_cycles: 3,
  fill_elements_per_cycle: 8,
  overlap: 0,
  capacity_elements: 2048,
  engines: 1,
};

test('a selector has what its spec says, and what it does not say is no limit', async () => {
  expect((await unitOf(specOf(full))).selector).toEqual(released);
  expect((await unitOf(specOf('{ algorithm: heap, comparators: 4 }'))).selector).toEqual({
    algorithm: 'heap',
    comparators: 4,
    pass_cycles: 0,
    fill_elements_per_cycle: Number.POSITIVE_INFINITY,
    overlap: 1,
    capacity_elements: Number.POSITIVE_INFINITY,
    engines: 1,
  });
});

test('its numbers follow parameters, and times the clock', async () => {
  expect((await unitOf(specOf(full), { COMPARATORS: '32' })).selector).toEqual({ ...released, comparators: 32 });
  const timed = await unitOf(specOf(full.replace('3 cycles', '1.5 ns')));
  expect(timed.selector).toEqual(released);
});

test('top takes the time of the selector, and its own energy', async () => {
  const top = { cycles: 0, energy_pj: 2 };
  expect((await unitOf(specOf(full))).operators.get('top')).toEqual(top);
  expect((await unitOf(specOf(full, '{ cycles: 0, energy: 2 pJ }'))).operators.get('top')).toEqual(top);
  const machine = await machineOf({ name: 'selecting.yaml', text: specOf(full) });
  const [unit] = describeMachine(machine).units;
  expect(unit).toMatchObject({ selector: released, peaks: [] });
  expect(machine.sources.map(({ path }) => path)).toContain('levels.Core.units.TopK.selector.comparators');
});

test('bottom is run by the selector like top, other operators are run by lanes', async () => {
  const text = specOf(full).replace('operators: { top:', 'operators: { above: { energy: 1 pJ }, bottom:');
  expect(Object.fromEntries((await unitOf(text)).operators)).toEqual({
    above: { cycles: 1, energy_pj: 1 },
    bottom: { cycles: 0, energy_pj: 2 },
  });
});

test('a spec that extends another changes numbers of its selector and keeps the rest', async () => {
  const child = (selector: string): string => `
name: child
extends: selecting
sources: { what-if: assumed }
levels:
  - { name: Core, units: [{ name: TopK, selector: ${selector} }] }
`;
  const resolve = async (name: string) =>
    name === 'selecting' ? { name: 'selecting.yaml', text: specOf(full) } : undefined;
  const selectorOf = async (text: string) => {
    const loaded = await loadMachine({ name: 'child.yaml', text }, { resolve });
    return loaded.ok ? loaded.value.units[0]!.selector : loaded.diagnostics;
  };
  expect(await selectorOf(child('{ engines: 2, source: what-if }'))).toEqual({ ...released, engines: 2 });
  expect(await selectorOf(child('{ algorithm: bitonic }'))).toEqual({ ...released, algorithm: 'bitonic' });
});
