import fc from 'fast-check';
import { expect, test } from 'vitest';
import { physical } from '../../src/arch/machine.ts';
import { requiredBytes } from '../../src/mapper/capacity.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import { printMapping } from '../../src/mapper/print.ts';
import { busyCycles } from '../../src/models/analytic/evaluate.ts';
import { countTraffic } from '../../src/models/traffic.ts';
import { bindingCounter, formsOf } from '../../src/search/count-binding.ts';
import { keepCounter } from '../../src/search/count-keeps.ts';
import { frameOf } from '../../src/search/frame.ts';
import { gridDepth } from '../../src/search/grid.ts';
import { tensorsOf } from '../../src/search/mapspace.ts';
import { homeOf, isAtHomeOf } from '../../src/search/plan.ts';
import { writePlan } from '../../src/search/write-plan.ts';
import { endOnFailure, runs } from '../runs.ts';
import { anyNest } from './random-nest.ts';

test('what the choices of a nest cost adds up to what the closed form counts', () => {
  let legal = 0;
  fc.assert(
    fc.property(anyNest, ({ workload, machine, nest }) => {
      const problem = { workload, machine };
      const mapping = writePlan(problem, { nests: [nest] }, 'random');
      const roomy = {
        ...machine,
        levels: machine.levels.map((l) => ({
          ...l,
          memory: { ...l.memory!, capacity_bytes: Number.POSITIVE_INFINITY },
        })),
      };
      const placed = placeMapping(mapping, workload, roomy);
      const frame = frameOf(problem, nest.einsums, nest.loops);
      const tensors = tensorsOf(workload, nest.einsums);
      const kept = tensors.map((t) =>
        keepCounter(frame, t, isAtHomeOf(problem, [nest], t) ? homeOf(machine) : undefined, (e) => [
          { form: { choice: nest.bindings.get(e)! } },
        ])(nest.keeps.filter((k) => k.tensor === t)),
      );
      if (!placed.ok) return;
      legal++;
      expect(kept.includes(undefined), printMapping(mapping)).toBe(false);
      const read = new Float64Array(machine.levels.length);
      const write = new Float64Array(machine.levels.length);
      const held = new Float64Array(machine.levels.length);
      for (const k of kept)
        for (let l = 0; l < read.length; l++) {
          read[l]! += k!.read_bytes[l]!;
          write[l]! += k!.write_bytes[l]!;
        }
      for (const k of kept) for (const h of k!.held) held[h.level]! += h.bytes;
      const cycles = new Float64Array(machine.units.length);
      for (const [e, choices] of nest.bindings) {
        const counts = bindingCounter(frame, e)(formsOf(problem, e, physical, [choices])[0]!);
        const { operands, output } = workload.einsums[e]!;
        const at = (tensor: number): number => kept[tensors.indexOf(tensor)]!.innermost.get(e)!.level;
        operands.forEach((o, i) => {
          read[at(o.tensor)]! += counts.read_bytes[i]!;
        });
        read[at(output.tensor)]! += counts.update_bytes;
        write[at(output.tensor)]! += counts.write_bytes;
        counts.unit_cycles.forEach((x, u) => {
          cycles[u]! += x;
        });
      }
      const traffic = countTraffic(placed.value);
      const busy = busyCycles(placed.value, traffic);
      const text = printMapping(mapping);
      machine.levels.forEach(({ name, multicast }, l) => {
        const counted = traffic.levels.get(name);
        const bytes = (counted?.read_bytes ?? 0) + (counted?.write_bytes ?? 0);
        // What steps that go on side by side read together is counted as little as it can be.
        if (multicast && gridDepth(nest.loops) > 0)
          expect(read[l]! + write[l]!, text).toBeLessThanOrEqual(bytes + 1e-6);
        else expect(read[l]! + write[l]!, `${name} ${text}`).toBeCloseTo(bytes, 6);
      });
      cycles.forEach((x, u) => {
        expect(x).toBeCloseTo(busy.cycles[u]!, 6);
      });
      // Loops at the root take turns: together they need no more than this.
      requiredBytes(placed.value).forEach((x, l) => {
        if (l !== homeOf(machine) && nest.inFlight > 1) expect(held[l]!, text).toBeGreaterThanOrEqual(x - 1e-6);
      });
    }),
    { numRuns: runs(300), endOnFailure },
  );
  expect(legal).toBeGreaterThan(runs(300) / 2);
});
