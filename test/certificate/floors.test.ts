import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Machine } from '../../src/arch/machine.ts';
import { requiredBytes } from '../../src/mapper/capacity.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import { printMapping } from '../../src/mapper/print.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { writePlan } from '../../src/search/write-plan.ts';
import { endOnFailure, runs } from '../runs.ts';
import { anyNest, type RandomNest } from '../search/random-nest.ts';
import { type Costs, floorsOf } from './floors.ts';
import type { Loop } from './loops.ts';

const axes = ['latency_cycles', 'energy_pj', 'home_bytes'] as const;

const withRoom = (machine: Machine, roomOf: (level: number) => number): Machine => ({
  ...machine,
  levels: machine.levels.map((level, l) =>
    level.memory === undefined ? level : { ...level, memory: { ...level.memory, capacity_bytes: roomOf(l) } },
  ),
});

/** A nest on its machine with just the room that it needs there, and what it costs; undefined: it is not legal. */
function inItsRoom({
  workload,
  machine,
  nest,
}: RandomNest): { readonly machine: Machine; readonly costs: Costs; readonly text: string } | undefined {
  const mapping = writePlan({ workload, machine }, { nests: [nest] }, 'random');
  const roomy = placeMapping(
    mapping,
    workload,
    withRoom(machine, () => Number.POSITIVE_INFINITY),
  );
  if (!roomy.ok) return undefined;
  const needed = requiredBytes(roomy.value);
  const home = machine.levels.findIndex((l) => l.memory !== undefined);
  const tight = withRoom(machine, (l) => (l === home ? Number.POSITIVE_INFINITY : needed[l]!));
  const placed = placeMapping(mapping, workload, tight);
  if (!placed.ok) return undefined;
  const { latency_cycles, energy_pj, traffic } = evaluateMapping(placed.value, 'analytic');
  const moved = traffic.get(machine.levels[home]!.name);
  const energy = [...energy_pj.values()].reduce((a, b) => a + b, 0);
  const bytes = moved === undefined ? 0 : moved.read_bytes + moved.write_bytes;
  return { machine: tight, costs: [latency_cycles, energy, bytes], text: printMapping(mapping) };
}

test('no nest costs less than the floors of its loops, and of those that are outermost, in just the room that it needs', () => {
  let legal = 0;
  let exact = 0;
  fc.assert(
    fc.property(anyNest, (random) => {
      const found = inItsRoom(random);
      fc.pre(found !== undefined);
      const { costs, text } = found!;
      const { workload, nest } = random;
      const { machine } = found!;
      const problem = { workload, machine };
      const stages = nest.keeps.map((k) => k.stages);
      const limits = {
        loops_each: 2,
        tiles: {},
        in_flight: [nest.inFlight],
        stages: [Math.min(2, ...stages)],
        constraints: [],
      };
      const loops = nest.loops.map(({ variable, tile, across }): Loop => {
        const { name } = workload.variables[variable]!;
        return across === undefined ? [name, tile] : [name, tile, machine.levels[across]!.name];
      });
      const floors = floorsOf(problem, { axes: [...axes], energy_accounting: 'physical' });
      const isAbove = (floor: Costs): boolean => floor.every((x, i) => x <= costs[i]! * (1 + 1e-9));
      const check = (some: readonly Loop[], inside: boolean): void => {
        const own = floors.ofNests(limits, nest.einsums, some, inside, () => false);
        expect(own.some(isAbove), `${text}${JSON.stringify({ some, inside, own, costs })}`).toBe(true);
        if (!inside && own.some((f) => f[0]! > costs[0]! * (1 - 1e-9))) exact++;
      };
      for (let n = 0; n <= loops.length; n++) check(loops.slice(0, n), true);
      check(loops, false);
      const outside = workload.tensors.flatMap((t) => (t.role === 'intermediate' ? [] : [t.name]));
      expect(floors.ofAll(outside).some(isAbove), text).toBe(true);
      legal++;
    }),
    { numRuns: runs(150), maxSkipsPerRun: 1000, endOnFailure },
  );
  expect(legal).toBe(runs(150));
  // They are no mere formality.
  expect(exact).toBeGreaterThan(runs(10));
});
