import { expect } from 'vitest';
import { countOperations, flops } from '../../../src/einsum/operations.ts';
import type { Keep, PlacedMapping } from '../../../src/mapper/placed.ts';
import { type Simulation, simulateCycles } from '../../../src/models/cycle/simulate.ts';
import { machineResources } from '../../../src/models/resources.ts';
import { countTraffic, type Traffic } from '../../../src/models/traffic.ts';
import { type Accesses, movedPart, placesOf, pointsOf } from '../../oracles/access-counter.ts';
import { placeAgain, withNodes } from './change.ts';
import type { Law } from './law.ts';

/**
 * Law 3: operation counts do not depend on the mapping, and bytes moved at each level are the same by the closed form,
 * by simulation and by brute force.
 */
export const lawsOfCounts: readonly Law[] = [
  {
    name: 'law 3: the closed form counts the bytes that a walk over every iteration counts',
    holds: ({ traffic, accesses }) => expect(countedByFormula(traffic())).toEqual(counted(accesses())),
  },
  {
    name: 'law 3: the simulator counts the same bytes',
    holds: ({ placed, folded, accesses }) =>
      expect(withoutShared(placed, countedBySimulation(placed, folded()))).toEqual(
        withoutShared(placed, counted(accesses())),
      ),
  },
  {
    name: 'law 3: bytes by level and tensor are those of the walk, and add up',
    holds: ({ placed, traffic, accesses }) =>
      expect(inOrder(bytesByLevel(traffic()))).toEqual(inOrder(walkedByLevel(placed, accesses()))),
  },
  {
    name: 'law 3: operations are those at the points that are computed, whatever the mapping',
    holds: ({ workload, placed, analytic }) => {
      const counts = countOperations(workload);
      const total = new Map<string, number>();
      for (const einsum of workload.einsums) {
        const points = pointsOf(placed, einsum);
        for (const { operator, perPoint } of einsum.operations) {
          expect(counts.get(einsum.name)!.get(operator)).toBe(points * perPoint);
          total.set(operator, (total.get(operator) ?? 0) + points * perPoint);
        }
      }
      expect(new Map(analytic().operations)).toEqual(total);
      expect(analytic().flops).toBe(flops(workload));
    },
  },
  {
    name: 'law 3: who gets a step of a grid, and whether instances go on without a break, changes no byte and no work',
    applies: ({ placed }) => placed.grids.some((g) => g.at(-1)!.dispatch !== 'dynamic' || g.at(-1)!.persistent),
    holds: ({ mapping, workload, machine, traffic, folded }) => {
      const inTurn = withNodes(mapping, (n) =>
        n.kind === 'loop' && n.across !== undefined
          ? { ...n, across: { level: n.across.level, dispatch: undefined, persistent: false, adding: n.across.adding } }
          : n,
      );
      const p = placeAgain(inTurn, workload, machine);
      const plain = simulateCycles(p);
      expect(countTraffic(p).levels).toEqual(traffic().levels);
      machineResources(machine).names.forEach((name, r) => {
        // What instances share is counted in whole ticks of the machine.
        expect(Math.abs(folded().usage[r]!.busy - plain.usage[r]!.busy), name).toBeLessThanOrEqual(1);
      });
    },
  },
];

/** What a model counts, by keep and compute, in the oracle's form. */
type Counted = Omit<Accesses, 'served'>;

const counted = ({ filled, drained, reads, updates, writes }: Accesses): Counted => ({
  filled,
  drained,
  reads,
  updates,
  writes,
});

const countedByFormula = ({ movements, computes }: Traffic): Counted => ({
  filled: movements.map((m) => m.fill_bytes),
  drained: movements.map((m) => m.drain_bytes),
  reads: computes.map((c) => c.read_bytes),
  updates: computes.map((c) => c.update_read_bytes),
  writes: computes.map((c) => c.write_bytes),
});

const countedBySimulation = (p: PlacedMapping, { totals, layout }: Simulation): Counted => ({
  filled: p.keeps.map((k) => totals[layout.fill(k.id)]!),
  drained: p.keeps.map((k) => totals[layout.drain(k.id)]!),
  reads: p.computes.map((c) => c.operands.map((_, i) => totals[layout.read(c.id, i)]!)),
  updates: p.computes.map((c) => totals[layout.read(c.id, c.operands.length)]!),
  writes: p.computes.map((c) => totals[layout.write(c.id)]!),
});

/** Keeps around a grid are shared: the simulator charges their bytes to those inside, in proportion. */
function withoutShared(p: PlacedMapping, c: Counted): Counted {
  const around = new Set(p.grids.flatMap((g) => g.at(-1)!.above));
  const simulated = (k: Keep): boolean => p.grids.length === 0 || !k.above.every((l) => around.has(l));
  const own = (bytes: readonly number[]): readonly number[] => bytes.filter((_, i) => simulated(p.keeps[i]!));
  return { ...c, filled: own(c.filled), drained: own(c.drained) };
}

/** "L1 reads K": bytes, for every level and tensor that anything moves for. */
type ByLevel = ReadonlyMap<string, number>;

/** Shares of bytes are summed up in different orders. */
const inOrder = (bytes: ByLevel): readonly (readonly [string, number])[] =>
  [...bytes].map(([name, n]) => [name, Number(n.toPrecision(12))] as const).sort();

function walkedByLevel(p: PlacedMapping, a: Accesses): ByLevel {
  const bytes = new Map<string, number>();
  const add = (level: number, keep: Keep, does: 'reads' | 'writes', amount: number): void => {
    const name = `${p.machine.levels[level]!.name} ${does} ${p.workload.tensors[keep.tensor]!.name}`;
    if (amount > 0) bytes.set(name, (bytes.get(name) ?? 0) + amount);
  };
  const access = (keep: Keep, does: 'reads' | 'writes', amount: number): void => {
    for (const { level, times } of placesOf(keep)) add(level, keep, does, times * amount);
  };
  for (const keep of p.keeps) {
    if (keep.parent === undefined) continue;
    const part = movedPart(keep);
    add(keep.level, keep, 'writes', part * a.filled[keep.id]!);
    access(keep.parent, 'reads', part * a.served[keep.id]!);
    add(keep.level, keep, 'reads', part * a.drained[keep.id]!);
    if (keep.rereads) access(keep.parent, 'reads', part * a.drained[keep.id]!);
    access(keep.parent, 'writes', part * a.drained[keep.id]!);
  }
  for (const c of p.computes) {
    c.operands.forEach((keep, i) => {
      access(keep, 'reads', a.reads[c.id]![i]!);
    });
    access(c.output, 'reads', a.updates[c.id]!);
    access(c.output, 'writes', a.writes[c.id]!);
  }
  return bytes;
}

function bytesByLevel({ levels }: Traffic): ByLevel {
  const bytes = new Map<string, number>();
  for (const [level, { by_tensor, ...total }] of levels) {
    let [read, written] = [0, 0];
    for (const [tensor, { read_bytes, write_bytes }] of by_tensor) {
      if (read_bytes > 0) bytes.set(`${level} reads ${tensor}`, read_bytes);
      if (write_bytes > 0) bytes.set(`${level} writes ${tensor}`, write_bytes);
      read += read_bytes;
      written += write_bytes;
    }
    expect([read, written], level).toEqual([total.read_bytes, total.write_bytes]);
  }
  return bytes;
}
