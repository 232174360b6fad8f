import { expect } from 'vitest';
import { compulsoryTraffic } from '../../../src/einsum/compulsory.ts';
import type { Workload } from '../../../src/einsum/workload.ts';
import type { KeepNode, Mapping, MappingNode } from '../../../src/mapper/mapping.ts';
import { evaluateMapping } from '../../../src/models/evaluate.ts';
import { countTraffic } from '../../../src/models/traffic.ts';
import { named, none, nowhere, one, onUnit, placeAgain, withBandwidth, withNodes } from './change.ts';
import { type Law, slack } from './law.ts';

/** Law 5: compulsory bytes <= bytes, and bytes -> compulsory as the buffer grows. More bandwidth is never slower. */
export const lawsOfLimits: readonly Law[] = [
  {
    name: 'law 5: no mapping moves less than the compulsory bytes',
    holds: ({ placed: p, traffic }) => {
      const homes = new Set(p.keeps.filter((k) => k.parent === undefined).map((k) => p.machine.levels[k.level]!.name));
      const { levels } = traffic();
      // A carried output may keep its initial value, which nothing writes.
      const carried = new Set(p.workload.tensors.filter((t) => t.initial !== undefined).map((t) => t.name));
      for (const [name, { bytes }] of compulsoryTraffic(p.workload).tensors) {
        if (carried.has(name)) continue;
        let moved = 0;
        for (const home of homes) {
          const tensor = levels.get(home)?.by_tensor.get(name);
          moved += (tensor?.read_bytes ?? 0) + (tensor?.write_bytes ?? 0);
        }
        expect(moved, name).toBeGreaterThanOrEqual(bytes);
      }
    },
  },
  {
    name: 'law 5: a buffer that holds everything brings the bytes down to the compulsory ones',
    // Tiles are boxes, so what is read must be one. Versions of a carried tensor share one place.
    applies: ({ workload }) => isTouchedWhole(workload) && workload.einsums.every((e) => e.carried === undefined),
    holds: ({ workload, machine }) => {
      const [outer, inner] = machine.levels;
      const roomy = {
        ...machine,
        levels: machine.levels.map((l) => ({
          ...l,
          memory: l.memory && { ...l.memory, capacity_bytes: Number.POSITIVE_INFINITY, private: false },
        })),
      };
      const whole = wholeIn(workload, outer!.name, inner!.name, machine.units[0]!.name);
      const traffic = countTraffic(placeAgain(whole, workload, roomy)).levels.get(outer!.name)!;
      expect(traffic.read_bytes + traffic.write_bytes).toBe(compulsoryTraffic(workload).bytes);
    },
  },
  {
    name: 'law 5: more bandwidth raises no lower bound',
    holds: ({ mapping, workload, machine, analytic }) => {
      const wider = evaluateMapping(placeAgain(mapping, workload, withBandwidth(machine, 2)), 'analytic');
      const before = analytic().lower_bound_cycles;
      expect(wider.lower_bound_cycles).toBeLessThanOrEqual(before + slack(before));
    },
  },
  {
    name: 'law 5: a sequence does not become slower when every port is twice as wide',
    holds: ({ mapping, workload, machine }) => {
      const strict = (n: MappingNode): MappingNode => {
        if (n.kind === 'keep') return { ...n, stages: one };
        return n.kind === 'loop'
          ? { ...n, schedule: { kind: 'sequence' }, lag: none, trailing: false }
          : { ...n, trailing: false, lag: none };
      };
      const sequence: Mapping = { ...withNodes(mapping, strict), schedule: { kind: 'sequence' } };
      const narrow = evaluateMapping(placeAgain(sequence, workload, machine), 'cycle').latency_cycles;
      const wide = evaluateMapping(placeAgain(sequence, workload, withBandwidth(machine, 2)), 'cycle').latency_cycles;
      expect(wide).toBeLessThanOrEqual(narrow + slack(narrow));
    },
  },
];

/** Every element of the inputs is read, and every one of the outputs written. */
function isTouchedWhole(workload: Workload): boolean {
  const { tensors } = compulsoryTraffic(workload);
  return workload.tensors.every(
    (t) => !tensors.has(t.name) || tensors.get(t.name)!.elements === t.dimensions.reduce((n, d) => n * d.size, 1),
  );
}

/** All of every tensor in an inner buffer, without a loop. */
function wholeIn(workload: Workload, outer: string, inner: string, unit: string): Mapping {
  const keep = (level: string, roles: readonly string[]): KeepNode => ({
    kind: 'keep',
    cache: false,
    tensors: workload.tensors.filter((t) => roles.includes(t.role)).map((t) => named(t.name)),
    level: named(level),
    stages: one,
    demand: false,
    over: undefined,
    spill: undefined,
    condition: one,
    span: nowhere,
  });
  const computes = workload.einsums.map(
    (e): MappingNode => ({
      kind: 'compute',
      einsum: named(e.name),
      bindings: onUnit(unit),
      lag: { ...one, value: 0 },
      ramp: { ...one, value: 0 },
      trailing: false,
      span: nowhere,
    }),
  );
  return {
    name: 'whole',
    nameSpan: nowhere,
    cascades: [],
    parameters: [],
    schedule: { kind: 'sequence' },
    ordered: [],
    nodes: [keep(outer, ['input', 'output']), keep(inner, ['input', 'output', 'intermediate']), ...computes],
  };
}
