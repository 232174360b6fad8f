import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../src/arch/machine.ts';
import type { PlacedMapping } from '../../src/mapper/placed.ts';
import { underContention } from '../../src/models/contention.ts';
import { type Simulation, simulateCycles } from '../../src/models/cycle/simulate.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { machineResources } from '../../src/models/resources.ts';
import { atDataSheetRates, machineOf, shippedSource } from '../arch/shipped.ts';
import { must, place, workloadOf } from '../mapper/inputs.ts';
import { runs } from '../runs.ts';

describe('the fixed point', () => {
  /** Instances that each compute, and hold a port, for so long in turn. */
  const inTurn = (compute: number, port: number, instances: number) =>
    underContention(
      Float64Array.of(instances * port),
      Float64Array.of(0),
      instances,
      ([f]) => compute + f! * port,
      (time) => time,
    );

  test('leaves a port that is hardly used alone', () => {
    const { slowdown, time } = inTurn(1e6, 1, 100);
    expect(slowdown[0]).toBeCloseTo(1, 3);
    expect(time).toBeCloseTo(1e6 + 1, 1);
  });

  test('gives each instance its part of a port that all they do is use', () => {
    const { slowdown, time } = inTurn(0, 10, 100);
    expect(slowdown[0]).toBeCloseTo(100, 6);
    expect(time).toBeCloseTo(1000, 6);
  });

  test('is the processor sharing of a closed queue in between', () => {
    // f = 1 / (1 - U (N - 1) / N) with U = N port / (compute + f port).
    const [compute, port, n] = [30, 1, 20];
    const { slowdown, time } = inTurn(compute, port, n);
    const load = (n * port) / time;
    expect(slowdown[0]! * (1 - (load * (n - 1)) / n)).toBeCloseTo(1, 2);
    expect(time / (compute + slowdown[0]! * port)).toBeCloseTo(1, 3);
  });

  test('lets the last instance have its first tile when all have been served', () => {
    // Each of 20 loads for 1 and computes for 1000.
    const { time } = underContention(
      Float64Array.of(20),
      Float64Array.of(20),
      20,
      ([f]) => f! * 1 + 1000,
      (cycles) => cycles,
    );
    expect(time).toBeCloseTo(20 + 1000, 6);
  });

  test('is found where the run jumps', () => {
    // A schedule that takes 50 as long as the port is no slower than 8 times, and 90 from there on.
    const jumping = underContention(
      Float64Array.of(60),
      Float64Array.of(0),
      10,
      ([f]) => (f! < 8 ? 50 : 90),
      (time) => time,
    );
    // f = 8 goes with a load of (1 - 1/8) / (9/10).
    expect(jumping.time).toBeCloseTo((60 * 0.9) / (1 - 1 / 8), 0);
  });

  test('never lets a port do more than it can, whatever the run', () => {
    const positive = fc.double({ min: 0.01, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(positive, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 2, max: 200 }),
        fc.array(positive, { minLength: 1, maxLength: 20 }),
        (work, instances, times) => {
          // A run that is no function of anything: the worst that a schedule could do.
          let calls = 0;
          const { time, slowdown } = underContention(
            Float64Array.from(work),
            Float64Array.from(work, (w) => w / 2),
            instances,
            () => times[calls++ % times.length]!,
            (took) => took,
          );
          expect(time).toBeGreaterThanOrEqual(Math.max(...work) * (1 - 1e-12));
          for (const f of slowdown) {
            expect(f).toBeGreaterThanOrEqual(1);
            expect(f).toBeLessThanOrEqual(instances * (1 + 1e-9));
          }
          expect(calls).toBeLessThanOrEqual(12);
        },
      ),
      { numRuns: runs(300) },
    );
  });
});

/** What is tested here are its ports. */
const h100 = await machineOf(shippedSource('h100-sxm'), atDataSheetRates);

const attention = `mapping m
  keep Q, K, V, BIAS, AV in HBM
  for b, h across SM
    cache K, V in L2
    for p by 128 across SM
      keep Q, BIAS, AV in Registers
      for m by 64 pipeline 2
        keep K, V in SharedMemory stages 2
        keep QK, A in Registers stages 2
        compute QK on TensorCore (m p, n m, k e)
        compute A on FP32 (lanes m), sigmoid on SFU (lanes m)
        compute AV on TensorCore (m p, n f, k m)
`;
const attentionOn = (machine: Machine, sizes: Readonly<Record<string, number>>): PlacedMapping =>
  must(place(attention, workloadOf('sigmoid-attention', { B: 1, E: 128, F: 128, ...sizes }), machine));

/** The H100 with so many SMs, and its ports so many times as wide. */
const changed = (sms: number, bandwidth = 1): Machine => ({
  ...h100,
  levels: h100.levels.map((l) => ({
    ...l,
    totalInstances: l.totalInstances === 1 ? 1 : sms,
    memory:
      l.memory === undefined || l.totalInstances > 1
        ? l.memory
        : {
            ...l.memory,
            read_bytes_per_cycle: l.memory.read_bytes_per_cycle * bandwidth,
            write_bytes_per_cycle: l.memory.write_bytes_per_cycle * bandwidth,
          },
  })),
});

const portOf = (
  p: PlacedMapping,
  s: Simulation,
  name: string,
): { readonly slowdown: number; readonly load: number } => {
  const r = machineResources(p.machine).names.indexOf(name);
  return { slowdown: s.slowdown[r]!, load: s.usage[r]!.busy / s.ticks };
};

describe('on a GPU', () => {
  const decode = { H: 264, P: 1, M: 8192 };
  const prefill = { H: 8, P: 4096, M: 4096 };

  test('decoding takes the bytes over the bandwidth', () => {
    const p = attentionOn(h100, decode);
    const { latency_cycles, traffic, busy_cycles } = evaluateMapping(p, 'cycle');
    const { read_bytes, write_bytes } = traffic.get('HBM')!;
    const atLeast = (read_bytes + write_bytes) / h100.levels[0]!.memory!.read_bytes_per_cycle;
    expect(latency_cycles / atLeast).toBeGreaterThanOrEqual(1);
    expect(latency_cycles / atLeast).toBeLessThan(1.01);
    expect(busy_cycles.get('HBM')!.slowdown).toBeGreaterThan(60);
  });

  test('a prefill takes its computing, however many instances share the ports', () => {
    // Work that is the same for each instance: 4 blocks of 128 queries.
    const cycles = [11, 22, 44, 132].map((sms) => {
      const p = attentionOn(changed(sms), { ...prefill, H: sms / 11, P: 128 * 44 });
      return evaluateMapping(p, 'cycle').latency_cycles;
    });
    for (const c of cycles) expect(c / cycles[0]!).toBeLessThan(1.02);
  });

  test('slowdowns are those that go with the loads', () => {
    for (const sizes of [decode, prefill, { H: 5, P: 300, M: 1000 }]) {
      const p = attentionOn(h100, sizes);
      const s = simulateCycles(p);
      const active = Math.min(132, sizes.H * Math.ceil(sizes.P / 128));
      for (const name of ['HBM', 'L2']) {
        const { slowdown, load } = portOf(p, s, name);
        expect(load).toBeLessThanOrEqual(1);
        // As the time of the grid does, the load agrees to a thousandth.
        expect(1 - 1 / slowdown).toBeCloseTo((load * (active - 1)) / active, 2);
      }
    }
  });

  test('an instance alone has the ports to itself', () => {
    const p = attentionOn(h100, { H: 1, P: 64, M: 4096 });
    const s = simulateCycles(p);
    expect([...s.slowdown].every((f) => f === 1)).toBe(true);
  });

  test('more bandwidth is never slower', () => {
    for (const sizes of [decode, prefill]) {
      const cycles = [0.25, 0.5, 1, 2, 8, 64].map(
        (wider) => evaluateMapping(attentionOn(changed(132, wider), sizes), 'cycle').latency_cycles,
      );
      cycles.slice(1).forEach((c, i) => {
        expect(c).toBeLessThanOrEqual(cycles[i]! * 1.001);
      });
    }
  });
});
