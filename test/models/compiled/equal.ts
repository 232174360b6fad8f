import { expect } from 'vitest';
import type { Machine } from '../../../src/arch/machine.ts';
import { requiredBytes } from '../../../src/mapper/capacity.ts';
import type { Keep, PlacedMapping } from '../../../src/mapper/placed.ts';
import type { CompiledMapping } from '../../../src/models/compiled/compile.ts';
import { evaluateMapping } from '../../../src/models/evaluate.ts';

/** Everything that the compiled form says, beside the same from the general model. */
export function expectEqual(compiled: CompiledMapping, p: PlacedMapping, accounting = 'physical'): void {
  const metrics = evaluateMapping(p, 'analytic', { accounting });
  const { results } = compiled;
  const near = (what: string, found: number, expected: number): void => {
    expect(Math.abs(found - expected), `${what}: ${found}, not ${expected}`).toBeLessThanOrEqual(
      1e-9 * Math.abs(expected) + 1e-9,
    );
  };
  // Shares that spill are no whole numbers.
  const whole = p.keeps.every((k) => k.spill === undefined);
  const counted = (what: string, found: number, expected: number): void =>
    whole && Number.isSafeInteger(expected) ? expect(found, what).toBe(expected) : near(what, found, expected);
  compiled.evaluate();
  p.machine.levels.forEach(({ name }, l) => {
    const traffic = metrics.traffic.get(name);
    counted(`${name} read`, results.readBytes[l]!, traffic?.read_bytes ?? 0);
    counted(`${name} written`, results.writeBytes[l]!, traffic?.write_bytes ?? 0);
  });
  [...metrics.busy_cycles].forEach(([name, { cycles }], r) => {
    near(`${name} busy`, results.busyCycles[r]!, cycles);
  });
  expect([...results.requiredBytes]).toEqual(requiredBytes(p));
  near(
    'energy',
    results.energy_pj,
    [...metrics.energy_pj.values()].reduce((a, b) => a + b, 0),
  );
  near('latency', results.latency_cycles, metrics.latency_cycles);
  near('bound', results.lower_bound_cycles, metrics.lower_bound_cycles);
  compiled.count();
  near(
    'bound of counts',
    results.lower_bound_cycles,
    Math.max(0, ...[...metrics.busy_cycles.values()].map((b) => b.cycles / b.instances)),
  );
}

/** The compiled form says what placing says: whether all that is certain fits, and whether caches hold their tiles. */
export function expectRoom(
  compiled: CompiledMapping,
  machine: Machine,
  hasRoom: boolean,
  keeps: readonly Keep[],
): void {
  const isMore = (bytes: Float64Array): boolean =>
    machine.levels.some(({ memory }, l) => bytes[l]! > (memory?.capacity_bytes ?? Number.POSITIVE_INFINITY));
  compiled.count();
  expect(isMore(compiled.results.certainBytes), 'too large').toBe(!hasRoom);
  if (hasRoom) expect(isMore(compiled.results.holdingBytes), 'a cache overflows').toBe(!keeps.every((k) => k.holds));
}
