import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../src/arch/machine.ts';
import type { Mapping } from '../../../src/mapper/mapping.ts';
import { parseMapping } from '../../../src/mapper/parse.ts';
import { placeMapping } from '../../../src/mapper/place.ts';
import type { PlacedMapping } from '../../../src/mapper/placed.ts';
import { type CompiledMapping, compileMapping } from '../../../src/models/compiled/compile.ts';
import type { SizeClass } from '../../arbitraries/triple/cascade.ts';
import { anyTriple } from '../../arbitraries/triple/triple.ts';
import { must, shipped, shippedMachine, shippedNames, workloadOf } from '../../mapper/inputs.ts';
import { withNodes } from '../../properties/laws/change.ts';
import { endOnFailure, runs } from '../../runs.ts';
import { expectEqual, expectRoom } from './equal.ts';

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
  { sizes: 'small', triples: runs(600) },
  { sizes: 'vast', triples: runs(200) },
])('$triples random mappings, $sizes', ({ sizes, triples }) => {
  let all = 0;
  let compiled = 0;
  let renumbered = 0;
  let grids = 0;

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
          const wide = compileMapping(placed, 'other', 'open');
          if (wide !== undefined) expectEqual(wide, placed, 'other');
          for (const chosen of choices) {
            const changed = renumber(mapping, placed, open, chosen);
            const again = placeMapping(changed, workload, machine);
            const hasRoom = again.ok || again.diagnostics.some((d) => d.code !== 'over-capacity');
            if (again.ok || !hasRoom) expectRoom(open, machine, hasRoom, again.ok ? again.value.keeps : []);
            if (!again.ok || !again.value.keeps.every((k) => k.holds)) continue;
            renumbered++;
            expectEqual(open, again.value, 'other');
            if (again.value.grids.length > 0) grids++;
          }
        },
      ),
      { numRuns: triples, endOnFailure },
    ),
  );

  test('many can be compiled, and many other numbers are legal', () => {
    expect(compiled).toBeGreaterThan(all / 5);
    expect(renumbered).toBeGreaterThan(compiled / 2);
    expect(grids).toBeGreaterThan(0);
  });
});

/** The machine with other numbers: what there is of everything stays. */
function scaled(machine: Machine, chosen: readonly number[]): Machine {
  let at = 0;
  const factor = (): number => [0.5, 0.75, 1, 2, 3][chosen[at++ % chosen.length]! % 5]!;
  const whole = (n: number): number => Math.ceil(n * factor());
  return {
    ...machine,
    overlap: [0, 0.5, 1][chosen[at++ % chosen.length]! % 3]!,
    levels: machine.levels.map((level) => ({
      ...level,
      memory: level.memory && {
        ...level.memory,
        capacity_bytes: level.memory.capacity_bytes * factor(),
        read_bytes_per_cycle: level.memory.read_bytes_per_cycle * factor(),
        write_bytes_per_cycle: level.memory.write_bytes_per_cycle * factor(),
        access_bytes: whole(level.memory.access_bytes),
        read_pj_per_byte: level.memory.read_pj_per_byte * factor(),
        write_pj_per_byte: level.memory.write_pj_per_byte * factor(),
        latency_cycles: whole(level.memory.latency_cycles),
      },
    })),
    units: machine.units.map((unit) => ({
      ...unit,
      dimensions: unit.dimensions.map((d) => ({ ...d, size: whole(d.size) })),
      operators: new Map(
        [...unit.operators].map(([name, { cycles, energy_pj }]) => [
          name,
          { cycles: cycles * factor(), energy_pj: energy_pj * factor() },
        ]),
      ),
      ramp_up_cycles: whole(unit.ramp_up_cycles),
      ramp_down_cycles: whole(unit.ramp_down_cycles),
    })),
  };
}

test('with the numbers of the machine left open, they say what the analytic model says of other machines', {
  timeout: 600_000,
}, () => {
  let compiled = 0;
  let other = 0;
  const sharesLanes = ({ computes }: PlacedMapping): boolean =>
    computes.some((c) => c.bindings.some((b) => b.dimensions.some((d) => d.whole === undefined)));
  fc.assert(
    fc.property(
      anyTriple('small'),
      fc.array(fc.array(fc.nat(0x7fffffff), { minLength: 60, maxLength: 60 }), { minLength: 3, maxLength: 3 }),
      ({ mapping, workload, machine, placed }, choices) => {
        const open = sharesLanes(placed) ? undefined : compileMapping(placed, 'other', 'open');
        if (open === undefined) return;
        compiled++;
        expectEqual(open, placed, 'other');
        for (const chosen of choices) {
          const changed = scaled(machine, chosen);
          const again = placeMapping(mapping, workload, changed);
          if (!again.ok || !again.value.keeps.every((k) => k.holds)) continue;
          other++;
          open.setMachine(changed);
          expectEqual(open, again.value, 'other');
        }
      },
    ),
    { numRuns: runs(500), endOnFailure },
  );
  expect(compiled).toBeGreaterThan(50);
  expect(other).toBeGreaterThan(compiled);
});

const machines = await Promise.all(shippedNames('hardware-specs', '.yaml').map(shippedMachine));
const bert = { B: 64, H: 12, E: 64, F: 64 };

describe('shipped mappings', () => {
  /** Ragged, but for whole tiles of keys: a ragged partition is a filter. */
  const sizes = { B: 1, H: 2, P: 139, M: 192, M0: 64, E: 3, F: 5, K: 70, N: 66, D: 4, FF: 7 };
  const placements = shippedNames('mappings', '.map').map((name) => {
    const mapping = must(parseMapping(shipped('mappings', `${name}.map`)));
    const workload = workloadOf(mapping.cascades[0]!.name, sizes);
    const placed = machines.map((m) => placeMapping(mapping, workload, m)).find((p) => p.ok);
    return { name, placed: must(placed!) };
  });

  test('are compiled, but for filters, windows, selections and what instances add up', () => {
    const left = placements.filter(({ placed }) => compileMapping(placed) === undefined).map(({ name }) => name);
    expect(left).toEqual([
      'decode-split',
      'fa2-backward',
      'fa3-backward',
      'fa4-backward',
      'flash-decoding',
      'flash-mla',
      'fna-backward',
      'fna-tensor-memory',
      'fna',
      'lean-attention',
      'linear-attention-state',
      'sliding-window',
      'spatten-layers',
      'spatten',
      'top-k',
    ]);
  });

  test.each(placements)('$name', ({ placed }) => {
    for (const accounting of placed.machine.accountings.keys()) {
      const open = compileMapping(placed, accounting);
      if (open !== undefined) expectEqual(open, placed, accounting);
    }
  });
});

/** What the compiled form leaves to the general model. */
describe('not compiled', () => {
  test.each([
    ['a mask', { P: 512, M: 512, CAUSAL: 1 }],
    ['a partition that does not come out even', { P: 512, M: 500 }],
    ['heads that share keys', { P: 512, M: 512, G: 4 }],
  ])('%s', async (_, sizes) => {
    const mapping = must(parseMapping(shipped('mappings', 'fusemax-binding.map')));
    const workload = workloadOf('attention-1-pass', { ...bert, ...sizes });
    const placed = must(placeMapping(mapping, workload, await shippedMachine('fusemax')));
    expect(compileMapping(placed)).toBeUndefined();
  });
});
