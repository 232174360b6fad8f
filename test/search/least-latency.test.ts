import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Machine } from '../../src/arch/machine.ts';
import { physical } from '../../src/arch/machine.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import { printMapping } from '../../src/mapper/print.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { runSchedule, scheduleOf } from '../../src/search/compute-schedule.ts';
import { formsOf, tileLengths, tileTimer } from '../../src/search/count-binding.ts';
import { frameOf } from '../../src/search/frame.ts';
import { gridDepth, gridSteps, isOwnLevel, wavesOf } from '../../src/search/grid.ts';
import { product } from '../../src/search/mapspace.ts';
import { writePlan } from '../../src/search/write-plan.ts';
import { endOnFailure, runs } from '../runs.ts';
import { anyNest } from './random-nest.ts';

/** With room for all, and, if asked for, transfers and launches that take no time, and all overlap that there is. */
const relaxed = (machine: Machine, instant: boolean): Machine => ({
  ...machine,
  ...(instant && { overlap: 1 }),
  levels: machine.levels.map((level) => ({
    ...level,
    ...(instant && { launch_cycles: 0, step_cycles: 0 }),
    memory: {
      ...level.memory!,
      capacity_bytes: Number.POSITIVE_INFINITY,
      ...(instant && {
        read_bytes_per_cycle: Number.POSITIVE_INFINITY,
        write_bytes_per_cycle: Number.POSITIVE_INFINITY,
        latency_cycles: 0,
      }),
    },
  })),
});

test('without transfers a nest takes what the closed form says where transfers take no time; with them, no less', () => {
  let legal = 0;
  fc.assert(
    fc.property(anyNest, ({ workload, machine, nest }) => {
      const problem = { workload, machine };
      const frame = frameOf(problem, nest.einsums, nest.loops);
      const tiles = nest.einsums.map((e) => [...product(tileLengths(frame, e))]);
      const tileOf = (e: number, extents: readonly number[]): number =>
        tiles[e]!.findIndex((tile) => workload.einsums[e]!.variables.every((v, i) => tile[i] === extents[v]));
      const times = nest.einsums.map((e) =>
        tiles[e]!.flatMap((tile) =>
          tileTimer(frame, e)(formsOf(frame.problem, e, physical, [nest.bindings.get(e)!])[0]!, tile),
        ),
      );
      const step_cycles = runSchedule(scheduleOf(frame, tileOf, nest.inFlight), times, nest.inFlight);
      const cycles = wavesOf(problem, nest.loops) * step_cycles;
      const { steps, full } = gridSteps(workload, nest.loops);
      // Steps that are cut off, and units that instances share, come on top.
      const grid = gridDepth(nest.loops) > 0;
      const isAll = !grid || (steps === full && machine.units.every((u) => isOwnLevel(machine, nest.loops, u.level)));
      const mapping = writePlan(problem, { nests: [nest] }, 'random');
      for (const instant of [true, false]) {
        const placed = placeMapping(mapping, workload, relaxed(machine, instant));
        if (!placed.ok) return;
        legal++;
        const { latency_cycles } = evaluateMapping(placed.value, 'analytic');
        const text = printMapping(mapping);
        if (instant && isAll) expect(cycles, text).toBeCloseTo(latency_cycles, 6);
        else expect(cycles, text).toBeLessThanOrEqual(latency_cycles * (1 + 1e-12));
      }
    }),
    { numRuns: runs(300), endOnFailure },
  );
  expect(legal).toBeGreaterThan(runs(300) / 2);
});
