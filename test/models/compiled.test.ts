import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { requiredBytes } from '../../src/mapper/capacity.ts';
import type { Mapping } from '../../src/mapper/mapping.ts';
import { parseMapping } from '../../src/mapper/parse.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import type { PlacedMapping } from '../../src/mapper/placed.ts';
import { type CompiledMapping, compileMapping } from '../../src/models/compiled/compile.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import type { SizeClass } from '../arbitraries/triple/cascade.ts';
import { anyTriple } from '../arbitraries/triple/triple.ts';
import { must, place, shipped, shippedMachine, shippedNames, workloadOf } from '../mapper/inputs.ts';
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
    expect(compiled).toBeGreaterThan(all / 5);
    expect(renumbered).toBeGreaterThan(compiled / 2);
  });
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

  test('are compiled, but for grids and filters', () => {
    const left = placements.filter(({ placed }) => compileMapping(placed) === undefined).map(({ name }) => name);
    expect(left).toEqual([
      'flash-attention-1',
      'flash-attention-2',
      'flash-attention-3',
      'flash-decoding',
      'flash-sigmoid',
      'gemm-thread-blocks',
      'lean-attention',
      'linear-attention-state',
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

test('tiles, by hand: B comes again for each of the tiles of A, and once where it is whole', async () => {
  const text = `mapping tiles
  keep A, B, Z in DRAM
  for m by 4
    keep A in GlobalBuffer
    for n by 4
      keep B in GlobalBuffer stages 2
      compute Z on Array2D (rows m, columns n)
`;
  const workload = workloadOf('gemm', { M: 10, N: 6, K: 4 });
  const { tiles, count, results } = compileMapping(must(place(text, workload, await shippedMachine('fusemax'))))!;
  const dram = (): readonly number[] => [results.readBytes[0]!, results.writeBytes[0]!];
  const [a, b, z] = [2 * 10 * 4, 2 * 6 * 4, 2 * 10 * 6];
  count();
  expect(dram()).toEqual([a + 3 * b, z]);
  expect(results.requiredBytes[1]).toBe(2 * 4 * 4 + 2 * (2 * 4 * 4));
  tiles.set([9, 4]);
  count();
  expect(dram()).toEqual([a + 2 * b, z]);
  tiles.set([4, 6]);
  count();
  expect(dram()).toEqual([a + b, z]);
  expect(results.requiredBytes[1]).toBe(2 * 4 * 4 + 2 * (2 * 6 * 4));
});
