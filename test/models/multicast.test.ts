import { describe, expect, test } from 'vitest';
import { type Machine, physical, unlimitedPower } from '../../src/arch/machine.ts';
import { countTraffic } from '../../src/models/traffic.ts';
import { bindShipped } from '../einsum/bind.ts';
import { must, place } from '../mapper/inputs.ts';

const memory = {
  capacity_bytes: Number.POSITIVE_INFINITY,
  read_bytes_per_cycle: Number.POSITIVE_INFINITY,
  write_bytes_per_cycle: Number.POSITIVE_INFINITY,
  sharedPort: false,
  access_bytes: 1,
  perLane: false,
  private: false,
  adds: false,
  read_pj_per_byte: 0,
  write_pj_per_byte: 0,
  latency_cycles: 0,
};

const plain = { launch_cycles: 0, step_cycles: 0, area_mm2: 0 };

/** A memory over three cores. */
const threeCores = (multicast: boolean): Machine => ({
  name: 'three-cores',
  description: '',
  clock_hz: 1e9,
  parameters: new Map(),
  overlap: 1,
  power: unlimitedPower,
  levels: [
    { name: 'DRAM', parent: undefined, instances: 1, totalInstances: 1, memory, multicast, ...plain },
    { name: 'Core', parent: 0, instances: 3, totalInstances: 3, memory, multicast: false, ...plain },
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
      operand_bits: undefined,
      least_operand_bits: 1,
      selector: undefined,
    },
  ],
  accountings: new Map([['physical', physical]]),
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
  const placed = must(place(rowsAcrossCores, bindShipped('gemm', { M, N: 5, K: 4 }), threeCores(multicast)));
  return countTraffic(placed).levels.get('DRAM')!.by_tensor.get('B')!.read_bytes / 40;
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
