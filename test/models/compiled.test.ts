import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { requiredBytes } from '../../src/mapper/capacity.ts';
import type { Mapping } from '../../src/mapper/mapping.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import type { PlacedMapping } from '../../src/mapper/placed.ts';
import { type CompiledMapping, compileMapping } from '../../src/models/compiled/compile.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import type { SizeClass } from '../arbitraries/triple/cascade.ts';
import { anyTriple } from '../arbitraries/triple/triple.ts';
import { withNodes } from '../properties/laws/change.ts';
import { endOnFailure, runs } from '../runs.ts';

/** Everything that the compiled form says, beside the same from the general model. */
function expectEqual(compiled: CompiledMapping, p: PlacedMapping, accounting = 'physical'): void {
  const metrics = evaluateMapping(p, 'analytic', { accounting });
  const { results } = compiled;
  const near = (what: string, found: number, expected: number): void => {
    expect(Math.abs(found - expected), `${what}: ${found}, not ${expected}`).toBeLessThanOrEqual(
      1e-9 * Math.abs(expected) + 1e-9,
    );
  };
  compiled.evaluate();
  p.machine.levels.forEach(({ name }, l) => {
    const traffic = metrics.traffic.get(name);
    near(`${name} read`, results.readBytes[l]!, traffic?.read_bytes ?? 0);
    near(`${name} written`, results.writeBytes[l]!, traffic?.write_bytes ?? 0);
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

const number = (value: number, span: Mapping['nameSpan']) => ({ kind: 'number', value, span }) as const;

/** The same loop tree with other numbers, which the compiled form gets as well. */
function renumber(mapping: Mapping, p: PlacedMapping, open: CompiledMapping, chosen: readonly number[]): Mapping {
  let at = 0;
  const choose = (most: number): number => 1 + (chosen[at++ % chosen.length]! % most);
  let loop = 0;
  let keep = 0;
  return withNodes(mapping, (node) => {
    const { span } = node;
    if (node.kind === 'loop') {
      const l = p.loops[loop++]!;
      const tile = choose(2) === 1 ? l.tile : choose(p.workload.variables[l.variable]!.size + 1);
      open.tiles[l.id] = tile;
      const inFlight = node.schedule.kind === 'pipeline' ? choose(4) : 1;
      open.inFlight[l.id] = inFlight;
      const schedule =
        node.schedule.kind === 'pipeline' ? { ...node.schedule, inFlight: number(inFlight, span) } : node.schedule;
      return { ...node, tile: number(tile, span), schedule };
    }
    if (node.kind !== 'keep' || (node.condition.kind === 'number' && node.condition.value === 0)) return node;
    const first = p.keeps[keep++]!;
    const stages = node.over !== undefined ? open.stages[first.room[0]!.id]! : node.cache ? 1 : choose(3);
    open.stages[first.id] = stages;
    return node.over !== undefined ? node : { ...node, stages: number(stages, span) };
  });
}

describe.each<{ sizes: SizeClass; triples: number }>([
  { sizes: 'small', triples: runs(1500) },
  { sizes: 'vast', triples: runs(500) },
])('$triples random mappings, $sizes', ({ sizes, triples }) => {
  let all = 0;
  let compiled = 0;
  let renumbered = 0;

  test('compiled, they say what the analytic model says, with whatever numbers', { timeout: 600_000 }, () =>
    fc.assert(
      fc.property(
        anyTriple(sizes),
        fc.array(fc.array(fc.nat(0x7fffffff), { minLength: 40, maxLength: 40 }), { minLength: 3, maxLength: 3 }),
        ({ mapping, workload, machine, placed }, choices) => {
          all++;
          const open = compileMapping(placed, 'other');
          if (open === undefined) return;
          compiled++;
          expectEqual(open, placed, 'other');
          for (const chosen of choices) {
            const changed = renumber(mapping, placed, open, chosen);
            const again = placeMapping(changed, workload, machine);
            if (!again.ok) continue;
            renumbered++;
            expectEqual(open, again.value, 'other');
          }
        },
      ),
      { numRuns: triples, endOnFailure },
    ),
  );

  test('many can be compiled, and many other numbers are legal', () => {
    console.log({ all, compiled, renumbered });
    expect(compiled).toBeGreaterThan(all / 5);
    expect(renumbered).toBeGreaterThan(compiled / 2);
  });
});
