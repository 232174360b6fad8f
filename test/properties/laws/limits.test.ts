import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../src/arch/machine.ts';
import { compulsoryTraffic } from '../../../src/einsum/compulsory.ts';
import type { Workload } from '../../../src/einsum/workload.ts';
import type { Binding, KeepNode, Mapping, MappingNode } from '../../../src/mapper/mapping.ts';
import { placeMapping } from '../../../src/mapper/place.ts';
import type { PlacedMapping } from '../../../src/mapper/placed.ts';
import { evaluateMapping } from '../../../src/models/evaluate.ts';
import { countTraffic } from '../../../src/models/traffic.ts';
import { span } from '../../../src/source.ts';
import { anyTriple } from '../../arbitraries/triple/triple.ts';
import { runs } from '../../runs.ts';

const settings = (times: number): fc.Parameters<unknown> => ({
  numRuns: runs(times),
  endOnFailure: process.env['FC_SEED'] === undefined,
});

const nowhere = span({ name: 'nowhere', text: '' }, 0, 0);
const named = (name: string): { readonly name: string; readonly span: typeof nowhere } => ({ name, span: nowhere });
const one = { kind: 'number', value: 1, span: nowhere } as const;
const zero = { ...one, value: 0 };
const onUnit = (unit: string): readonly Binding[] => [{ operator: undefined, unit: named(unit), dimensions: [] }];

function place(mapping: Mapping, w: Workload, machine: Machine): PlacedMapping {
  const placed = placeMapping(mapping, w, machine);
  if (!placed.ok) throw new Error(placed.diagnostics.map((d) => d.message).join('\n'));
  return placed.value;
}

const rewrite = (nodes: readonly MappingNode[], change: (node: MappingNode) => MappingNode): readonly MappingNode[] =>
  nodes.map((node) => {
    const changed = change(node);
    return changed.kind === 'loop' ? { ...changed, body: rewrite(changed.body, change) } : changed;
  });

/** One instance of each level, ports without limit, no latencies, no ramps: only the units take time. */
const freePorts = (machine: Machine): Machine => ({
  ...machine,
  levels: machine.levels.map((l) => ({
    ...l,
    instances: 1,
    totalInstances: 1,
    memory: l.memory && {
      ...l.memory,
      read_bytes_per_cycle: Number.POSITIVE_INFINITY,
      write_bytes_per_cycle: Number.POSITIVE_INFINITY,
      latency_cycles: 0,
    },
  })),
  units: machine.units.map((u) => ({ ...u, ramp_up_cycles: 0, ramp_down_cycles: 0 })),
});

const withBandwidth = (machine: Machine, factor: number): Machine => ({
  ...machine,
  levels: machine.levels.map((l) => ({
    ...l,
    memory: l.memory && {
      ...l.memory,
      read_bytes_per_cycle: factor * l.memory.read_bytes_per_cycle,
      write_bytes_per_cycle: factor * l.memory.write_bytes_per_cycle,
    },
  })),
});

describe('law 4: where nothing contends', () => {
  test('one unit that never waits is busy all the time: simulation, analytic model and bound agree', () => {
    fc.assert(
      fc.property(anyTriple(), ({ placed, mapping, workload, machine }) => {
        fc.pre(placed.grids.length === 0);
        const unit = machine.units[0]!.name;
        const alone: Mapping = {
          ...mapping,
          nodes: rewrite(mapping.nodes, (n) => (n.kind === 'compute' ? { ...n, bindings: onUnit(unit) } : n)),
        };
        const p = place(alone, workload, freePorts(machine));
        const cycles = evaluateMapping(p, 'cycle');
        const cost = (e: Workload['einsums'][number], o: string): number =>
          p.computes.find((c) => c.einsum === e)!.bindings[0]!.operations.find((x) => x.operator === o)!.cycles;
        const metrics = evaluateMapping(p, 'analytic');
        let total = 0;
        for (const c of p.computes)
          for (const { operator } of c.einsum.operations)
            total += boxOf(p, c.einsum) * cost(c.einsum, operator) * perPoint(c.einsum, operator);
        // Tiles are computed whole, so only dense cascades take exactly their operations.
        if (isDense(workload)) expect(cycles.latency_cycles).toBeCloseTo(total, 6);
        expect(cycles.latency_cycles).toBeCloseTo(metrics.lower_bound_cycles, 6);
        expect(metrics.latency_cycles).toBeCloseTo(metrics.lower_bound_cycles, 6);
      }),
      settings(100),
    );
  });
});

const boxOf = (p: PlacedMapping, e: Workload['einsums'][number]): number =>
  e.variables.reduce((n, v) => n * p.workload.variables[v]!.size, 1);

const perPoint = (e: Workload['einsums'][number], operator: string): number =>
  e.operations.find((o) => o.operator === operator)!.perPoint;

/** Every Einsum computes at every point, and every index takes all values between its least and its greatest. */
const isDense = (w: Workload): boolean =>
  w.einsums.every(
    (e) =>
      e.domain.length === 1 &&
      e.domain[0]!.length === 0 &&
      e.operands.every((o) => o.indices.every((i) => i.terms.every((t) => Math.abs(t.coefficient) <= 1))),
  );

describe('law 5: bandwidth and buffers', () => {
  test('a buffer that holds everything brings the bytes down to the compulsory ones', () => {
    fc.assert(
      fc.property(anyTriple(), ({ workload, machine }) => {
        fc.pre(isDense(workload));
        const keep = (level: string, roles: readonly string[]): KeepNode => ({
          kind: 'keep',
          tensors: workload.tensors.filter((t) => roles.includes(t.role)).map((t) => named(t.name)),
          level: named(level),
          stages: one,
          span: nowhere,
        });
        const computes = workload.einsums.map(
          (e): MappingNode => ({
            kind: 'compute',
            einsum: named(e.name),
            bindings: onUnit(machine.units[0]!.name),
            ramp: zero,
            trailing: false,
            span: nowhere,
          }),
        );
        const [outer, inner] = machine.levels;
        const roomy = {
          ...machine,
          levels: machine.levels.map((l) => ({
            ...l,
            memory: l.memory && { ...l.memory, capacity_bytes: Number.POSITIVE_INFINITY },
          })),
        };
        const whole: Mapping = {
          name: 'whole',
          nameSpan: nowhere,
          cascades: [],
          parameters: [],
          schedule: { kind: 'sequence' },
          nodes: [
            keep(outer!.name, ['input', 'output']),
            keep(inner!.name, ['input', 'output', 'intermediate']),
            ...computes,
          ],
        };
        // Versions of a carried tensor share one place.
        fc.pre(workload.einsums.every((e) => e.carried === undefined));
        const traffic = countTraffic(place(whole, workload, roomy)).levels.get(outer!.name)!;
        expect(traffic.read_bytes + traffic.write_bytes).toBe(compulsoryTraffic(workload).bytes);
      }),
      settings(60),
    );
  });

  test('a sequence does not become slower when every port is twice as wide', () => {
    fc.assert(
      fc.property(anyTriple(), ({ mapping, workload, machine }) => {
        const strict = (n: MappingNode): MappingNode => {
          if (n.kind === 'keep') return { ...n, stages: one };
          return n.kind === 'loop'
            ? { ...n, schedule: { kind: 'sequence' }, trailing: false }
            : { ...n, trailing: false };
        };
        const sequence: Mapping = { ...mapping, schedule: { kind: 'sequence' }, nodes: rewrite(mapping.nodes, strict) };
        const narrow = evaluateMapping(place(sequence, workload, machine), 'cycle').latency_cycles;
        const wide = evaluateMapping(place(sequence, workload, withBandwidth(machine, 2)), 'cycle').latency_cycles;
        expect(wide).toBeLessThanOrEqual(narrow * (1 + 1e-9) + 1e-6);
      }),
      settings(150),
    );
  });
});
