import type { Accounting } from '../../arch/machine.ts';
import { type LaneUse, laneUse, laneUses } from '../../mapper/lanes.ts';
import type { Compute } from '../../mapper/placed.ts';
import { type Access, accessesOfCompute, accessesOfMovement } from '../accesses.ts';
import { type LevelCharge, laneCharges, type PointCounts, privateAccesses, trafficCharges } from '../energy.ts';
import { machineResources } from '../resources.ts';
import type { ComputeTraffic } from '../traffic.ts';
import { type Factors, productOf, reachIn, type Sum, scaled, sumOf, times } from './factors.ts';
import type { Value } from './graph.ts';
import type { TrafficSums } from './traffic.ts';

/** Bytes by level, busy cycles by resource, summed over its instances, and energy in pJ. */
export type Counts = {
  readonly reads: readonly Value[];
  readonly writes: readonly Value[];
  readonly busy: readonly Value[];
  readonly energy: Value;
  /** Bytes of a keep's tiles that others read and write, by its id. */
  readonly accessed: readonly { readonly read: Value; readonly written: Value }[];
};

/**
 * Counts of a mapping from those of its parts. All are in proportion to what moves, so that a single byte of each
 * part says where it counts, and how much.
 */
export function countParts(f: Factors, { movements, computes }: TrafficSums, accounting: Accounting): Counts {
  const { p, graph: g } = f;
  const { ofRead, ofWrite, ofUnit, names } = machineResources(p.machine);
  const reads = p.machine.levels.map((): Sum[number][] => []);
  const writes = p.machine.levels.map((): Sum[number][] => []);
  const units = names.map((): Sum[number][] => []);
  const accessed = p.keeps.map(() => ({ read: [] as Sum[number][], written: [] as Sum[number][] }));
  const energy: Sum[number][] = [...fixedEnergy(f, accounting)];
  const add = (bytes: Sum, accesses: readonly Access[], traffic: readonly ComputeTraffic[]): void => {
    for (const { keep, level, moves, read_bytes, write_bytes } of accesses) {
      if (level === keep.level && moves === undefined) {
        accessed[keep.id]!.read.push(...times(bytes, read_bytes));
        accessed[keep.id]!.written.push(...times(bytes, write_bytes));
      }
      if (read_bytes > 0) reads[level]!.push(...times(bytes, read_bytes));
      if (write_bytes > 0) writes[level]!.push(...times(bytes, write_bytes));
    }
    energy.push(...charged(f, bytes, trafficCharges(p, { accesses: [], computes: traffic }, accounting)));
    for (const access of accesses) {
      const charges = trafficCharges(p, { accesses: [access], computes: [] }, accounting);
      energy.push(...copied(f, access, charged(f, bytes, charges)));
    }
  };
  for (const { keep, fill, drain } of movements) {
    const none = { keep, fill_bytes: 0, parent_read_bytes: 0, drain_bytes: 0 };
    add(fill, accessesOfMovement({ ...none, fill_bytes: 1, parent_read_bytes: 1 }), []);
    add(drain, accessesOfMovement({ ...none, drain_bytes: 1 }), []);
  }
  for (const { compute, reads: operands, updateReads, writes: results, points } of computes) {
    const none = { compute, read_bytes: operands.map(() => 0), update_read_bytes: 0, write_bytes: 0 };
    const addPart = (bytes: Sum, part: ComputeTraffic): void => add(bytes, accessesOfCompute(part), [part]);
    operands.forEach((bytes, i) => {
      addPart(bytes, { ...none, read_bytes: operands.map((_, o) => (o === i ? 1 : 0)) });
    });
    addPart(updateReads, { ...none, update_read_bytes: 1 });
    addPart(results, { ...none, write_bytes: 1 });
    energy.push(...sumsRead(f, compute));
    compute.bindings.forEach(({ unit }, b) => {
      units[ofUnit(unit)]!.push(...scaled(g, points[b]!, f.machine.bindings[compute.id]![b]!.cyclesPerPoint));
    });
  }
  const readBytes = reads.map((sum) => sumOf(g, sum));
  const writeBytes = writes.map((sum) => sumOf(g, sum));
  const busy = units.map((sum) => sumOf(g, sum));
  /** A port works for the bytes that are read from its level, or written to it. */
  const work = (port: number | undefined, bytes: Value): void => {
    if (port !== undefined) busy[port] = g.add(busy[port]!, g.multiply(f.machine.byteCycles[port]!, bytes));
  };
  p.machine.levels.forEach((_, level) => {
    work(ofRead(level), readBytes[level]!);
    work(ofWrite(level), writeBytes[level]!);
  });
  return {
    reads: readBytes,
    writes: writeBytes,
    busy,
    energy: sumOf(g, energy),
    accessed: accessed.map(({ read, written }) => ({ read: sumOf(g, read), written: sumOf(g, written) })),
  };
}

/** What moves at a level, in as many copies as lanes of it hold the tile. */
function copied(f: Factors, { keep, level, compute }: Access, bytes: Sum): Sum {
  const uses = compute === undefined && level === keep.level ? laneUses(f.p, keep) : [];
  if (uses.length === 0) return bytes;
  const copies = uses.map((use) => copiesIn(f, use)).reduce((a, b) => f.graph.max(a, b), 1);
  return bytes.map(({ coefficient, value }) => ({ coefficient, value: f.graph.multiply(value, copies) }));
}

/** Energy of the reads of what lanes add to in memories of their own. */
function sumsRead(f: Factors, compute: Compute): Sum {
  const copies = copiesIn(f, laneUse(compute, compute.einsum.output));
  const { graph: g } = f;
  const { variables, reduced } = compute.einsum;
  const all = countOver(f, variables);
  const elements = countOver(
    f,
    variables.filter((v) => !reduced.includes(v)),
  );
  return privateAccesses(f.p, compute, { points: 1, elements: 1 }).flatMap(({ level, points, begun }) => {
    if (begun === undefined) return [];
    const read = g.subtract(g.multiply(points, all), g.multiply(g.multiply(begun, elements), copies));
    return scaled(g, [{ coefficient: 1, value: read }], f.machine.readPrice[level]!);
  });
}

const copiesIn = (f: Factors, { compute, copying }: LaneUse): Value =>
  productOf(
    f.graph,
    copying.map(({ variable, size }) => f.graph.min(size, reachIn(f, compute.above, variable))),
  );

/** Energy of bytes of which so many are charged for at each level. */
const charged = ({ graph: g, machine }: Factors, bytes: Sum, charges: readonly LevelCharge[]): Sum =>
  charges.flatMap(({ level, read_bytes, write_bytes }) => [
    ...scaled(g, times(bytes, read_bytes), machine.readPrice[level]!),
    ...scaled(g, times(bytes, write_bytes), machine.writePrice[level]!),
  ]);

/** Energy of what does not depend on what moves: operations, and what lanes do at the points that they compute. */
function fixedEnergy(f: Factors, accounting: Accounting): Sum {
  const { p, graph: g, machine } = f;
  return p.computes.flatMap((compute) => {
    const { id, einsum, bindings } = compute;
    const points = countOver(f, einsum.variables);
    const operations = bindings.flatMap((binding, b) =>
      binding.operations.flatMap(({ operator, perPoint }, o) => {
        const each = accounting.freeOperators.has(operator) ? 0 : perPoint;
        return scaled(g, [{ coefficient: each, value: points }], machine.bindings[id]![b]!.energies[o]!);
      }),
    );
    const elements = countOver(
      f,
      einsum.variables.filter((v) => !einsum.reduced.includes(v)),
    );
    const inLanes = (value: Value, counts: PointCounts): Sum =>
      charged(f, [{ coefficient: 1, value }], laneCharges(p, compute, counts, accounting));
    return [
      ...operations,
      ...inLanes(points, { points: 1, elements: 0 }),
      ...inLanes(elements, { points: 0, elements: 1 }),
    ];
  });
}

/** All values of some variables together. */
const countOver = (f: Factors, variables: readonly number[]): Value =>
  productOf(
    f.graph,
    variables.map((v) => f.sizes[v]!),
  );
