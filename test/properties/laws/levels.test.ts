import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../src/arch/machine.ts';
import { countOperations } from '../../../src/einsum/operations.ts';
import { parseMapping } from '../../../src/mapper/parse.ts';
import { placeMapping } from '../../../src/mapper/place.ts';
import type { Keep, PlacedMapping } from '../../../src/mapper/placed.ts';
import { countTraffic } from '../../../src/models/traffic.ts';
import { anyTriple } from '../../arbitraries/triple/triple.ts';
import { bindShipped } from '../../einsum/bind.ts';
import { countAccesses, pointsOf } from '../../oracles/access-counter.ts';
import { runs } from '../../runs.ts';

/** "L1 reads K": bytes, for every level and tensor that anything moves for, as the access counter sees it. */
function walkedBytes(p: PlacedMapping): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>();
  const add = (keep: Keep, does: 'reads' | 'writes', amount: number): void => {
    const name = `${p.machine.levels[keep.level]!.name} ${does} ${p.workload.tensors[keep.tensor]!.name}`;
    if (amount > 0) bytes.set(name, (bytes.get(name) ?? 0) + amount);
  };
  const { filled, served, drained, reads, updates, writes } = countAccesses(p);
  for (const keep of p.keeps) {
    if (keep.parent === undefined) continue;
    add(keep, 'writes', filled[keep.id]!);
    add(keep.parent, 'reads', served[keep.id]!);
    add(keep, 'reads', drained[keep.id]!);
    add(keep.parent, 'writes', drained[keep.id]!);
  }
  for (const c of p.computes) {
    c.operands.forEach((keep, i) => {
      add(keep, 'reads', reads[c.id]![i]!);
    });
    add(c.output, 'reads', updates[c.id]!);
    add(c.output, 'writes', writes[c.id]!);
  }
  return bytes;
}

function countedBytes(p: PlacedMapping): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>();
  for (const [level, { by_tensor, ...total }] of countTraffic(p).levels) {
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

const sorted = (m: ReadonlyMap<string, number>): readonly (readonly [string, number])[] => [...m].sort();

describe('law 3: counts at each level', () => {
  test.each(['small', 'long'] as const)('bytes by level and tensor are those of a walk, %s', (sizes) => {
    fc.assert(
      fc.property(anyTriple(sizes), ({ placed }) => {
        expect(sorted(countedBytes(placed))).toEqual(sorted(walkedBytes(placed)));
      }),
      { numRuns: runs(sizes === 'small' ? 200 : 50), endOnFailure: process.env['FC_SEED'] === undefined },
    );
  });

  test('operations are those at the points that are computed', () => {
    fc.assert(
      fc.property(anyTriple(), ({ placed }) => {
        const counts = countOperations(placed.workload);
        for (const einsum of placed.workload.einsums) {
          const points = pointsOf(placed, einsum);
          for (const { operator, perPoint } of einsum.operations)
            expect(counts.get(einsum.name)!.get(operator)).toBe(points * perPoint);
        }
      }),
      { numRuns: runs(100), endOnFailure: process.env['FC_SEED'] === undefined },
    );
  });
});

const memory = {
  capacity_bytes: Number.POSITIVE_INFINITY,
  read_bytes_per_cycle: Number.POSITIVE_INFINITY,
  write_bytes_per_cycle: Number.POSITIVE_INFINITY,
  sharedPort: false,
  access_bytes: 1,
  read_pj_per_byte: 0,
  write_pj_per_byte: 0,
  latency_cycles: 0,
};

/** A memory over three cores. */
const threeCores = (multicast: boolean): Machine => ({
  name: 'three-cores',
  description: '',
  clock_hz: 1e9,
  parameters: new Map(),
  levels: [
    { name: 'DRAM', parent: undefined, instances: 1, totalInstances: 1, memory, multicast, area_mm2: 0 },
    { name: 'Core', parent: 0, instances: 3, totalInstances: 3, memory, multicast: false, area_mm2: 0 },
  ],
  units: [
    {
      name: 'MAC',
      level: 1,
      dimensions: [],
      operators: new Map([['mac', { cycles: 1, energy_pj: 1 }]]),
      ramp_up_cycles: 0,
      ramp_down_cycles: 0,
      area_mm2: 0,
    },
  ],
  sources: [],
});

const rowsAcrossCores = `mapping rows
  keep A, B, Z in DRAM
  for m across Core
    keep A, B, Z in Core
    compute Z on MAC
`;

/** Times that DRAM is read for all of B (4 x 5, fp16) when `M` rows are spread over three cores. */
function readsOfB(M: number, multicast: boolean): number {
  const mapping = parseMapping({ name: 'rows.map', text: rowsAcrossCores });
  if (!mapping.ok) throw new Error('the mapping has a mistake');
  const placed = placeMapping(mapping.value, bindShipped('gemm', { M, N: 5, K: 4 }), threeCores(multicast));
  if (!placed.ok) throw new Error('the mapping is not legal');
  return countTraffic(placed.value).levels.get('DRAM')!.by_tensor.get('B')!.read_bytes / 40;
}

describe('multicast', () => {
  test.each([
    { M: 1, waves: 1 },
    { M: 3, waves: 1 },
    { M: 4, waves: 2 },
    { M: 9, waves: 3 },
  ])('$M rows on three cores read B $waves times, and each for itself without it', ({ M, waves }) => {
    expect(readsOfB(M, true)).toBe(waves);
    expect(readsOfB(M, false)).toBe(M);
  });
});
