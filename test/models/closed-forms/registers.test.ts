import { describe, expect, test } from 'vitest';
import { evaluateMapping } from '../../../src/models/evaluate.ts';
import { machineOf } from '../../arch/shipped.ts';
import { must, place, workloadOf } from '../../mapper/inputs.ts';

/** Registers of 8 lanes; a read of a word of 2 bytes costs 1 pJ and a write 100 pJ. */
const machine = `name: tiny
sources: { hand: "made up, so that counts can be worked out by hand" }
clock: { value: 1 GHz, source: hand }
accountings:
  lenient: { source: hand, one_lane: true, free_drains: true, free_operators: [exp] }
  drains: { source: hand, free_drains: true }
levels:
  - name: DRAM
    memory: { read_energy: 0 pJ/B, source: hand }
  - name: Registers
    parent: DRAM
    memory: { per_lane: true, access: 2 B, read_energy: 1 pJ / 2 B, write_energy: 100 pJ / 2 B, source: hand }
    units:
      - name: Array
        source: hand
        dimensions: { rows: 4, columns: 2 }
        operators: { mac: { energy: 7 pJ }, sub: { energy: 2 pJ }, exp: { energy: 3 pJ } }
`;

/** 48 points of 8 results: the first point of a result begins its sum, the 40 others read it. */
const product = `cascade product
  rank M, N, K
  input A[M, K], B[K, N] : fp16
  output Z[M, N]
  Z[m, n] = A[m, k] * B[k, n]
`;
const sizes = { M: 4, N: 2, K: 6 };

const compute = 'compute Z on Array (rows m, columns n)';

async function accesses(mapping: string, accounting = 'physical') {
  const tiny = await machineOf({ name: 'tiny.yaml', text: machine });
  const placed = must(place(`mapping test\n${mapping}\n`, workloadOf(product, sizes), tiny));
  const { actions, energy_pj } = evaluateMapping(placed, 'analytic', { accounting });
  const count = (action: string): number => actions.get(`Registers ${action}`)!.count;
  expect(energy_pj.get('Registers read')).toBe(count('read'));
  expect(energy_pj.get('Registers write')).toBe(100 * count('write'));
  return { read: count('read'), write: count('write') };
}

describe('accesses of registers, a word each, by what a lane keeps', () => {
  test('nothing: both operands come in, the sum stays, the result leaves', async () => {
    const counts = await accesses(`  keep A, B, Z in DRAM\n  ${compute}`);
    expect(counts).toEqual({ read: 2 * 48 + 40 + 8, write: 2 * 48 + 48 });
  });

  test('A: its 24 elements come in once, and B at every point', async () => {
    const counts = await accesses(`  keep A, B, Z in DRAM\n  for n by 2\n    keep A in Registers\n    ${compute}`);
    expect(counts).toEqual({ read: 2 * 48 + 40 + 8, write: 24 + 48 + 48 });
  });

  test('the sums leave and come back between the halves of the reduction', async () => {
    const counts = await accesses(`  keep A, B, Z in DRAM\n  for k by 3\n    ${compute}`);
    expect(counts).toEqual({ read: 2 * 48 + 40 + 2 * 8, write: 2 * 48 + 48 + 8 });
  });

  test('the sums: they leave once, at the end', async () => {
    const counts = await accesses(
      `  keep A, B, Z in DRAM\n  for m by 4\n    keep Z in Registers\n    for k by 3\n      ${compute}`,
    );
    expect(counts).toEqual({ read: 2 * 48 + 40 + 8, write: 2 * 48 + 48 });
  });
});

describe('memories of which every lane has one for itself', () => {
  const own = machine.replace('per_lane: true', 'private: true, capacity: 8 * 6 * 2 B');
  const counts = async (mapping: string, accounting = 'physical') => {
    const placed = must(
      place(`mapping test\n${mapping}\n`, workloadOf(product, sizes), await machineOf({ name: 'own.yaml', text: own })),
    );
    const { actions, traffic } = evaluateMapping(placed, 'analytic', { accounting });
    const of = (action: string): number => actions.get(`Registers ${action}`)?.count ?? 0;
    return { read: of('read'), write: of('write'), dram: traffic.get('DRAM')!.read_bytes / 2 };
  };

  test('A, 24 words, comes to 2 columns of lanes, and passes the port once; B and Z pass by', async () => {
    const mapping = `  keep A, B, Z in DRAM
  for k
    keep A in Registers
    compute Z on Array (rows m, columns n)`;
    // B, 12 words, once; sums of 8 words come back 5 times.
    expect(await counts(mapping)).toEqual({ read: 48, write: 2 * 24, dram: 24 + 12 + 5 * 8 });
  });

  test('sums of 3 lanes along k each begin once, and leave each', async () => {
    const mapping = `  keep A, B, Z in DRAM
  for m by 2
    keep Z in Registers
    for n, k by 3
      compute Z on Array (rows k by 3, columns m)`;
    // 48 points; each of the 8 sums begins in 3 lanes, and leaves 3.
    expect(await counts(mapping)).toEqual({ read: 48 - 24 + 24, write: 48, dram: 48 / 1 + 48 / 2 });
    expect((await counts(mapping, 'drains')).read).toBe(48 - 24);
  });
});

describe('accountings', () => {
  const mapping = `  keep A, B, Z in DRAM\n  ${compute}`;

  test('what leaves is free', async () => {
    expect(await accesses(mapping, 'drains')).toEqual({ read: 2 * 48 + 40, write: 3 * 48 });
  });

  test('one lane of 8 is charged, on average', async () => {
    expect(await accesses(mapping, 'lenient')).toEqual({ read: (2 * 48 + 40) / 8, write: (3 * 48) / 8 });
  });

  test('of the operations of a point only the free ones cost nothing, and all of them read once', async () => {
    const cascade = 'cascade c\n  rank N\n  input X[N], G[N] : fp16\n  output Y[N]\n  Y[n] = exp(X[n] - G[n])\n';
    const text = 'mapping test\n  keep X, G, Y in DRAM\n  compute Y on Array (rows n)\n';
    const placed = must(
      place(text, workloadOf(cascade, { N: 10 }), await machineOf({ name: 'tiny.yaml', text: machine })),
    );
    const physical = evaluateMapping(placed, 'analytic');
    expect(Object.fromEntries(physical.energy_pj)).toEqual({
      'Registers read': 2 * 10 + 10,
      'Registers write': 100 * 3 * 10,
      'Array sub': 2 * 10,
      'Array exp': 3 * 10,
    });
    const lenient = evaluateMapping(placed, 'analytic', { accounting: 'lenient' });
    expect([...lenient.energy_pj.keys()]).toEqual(['Registers read', 'Registers write', 'Array sub']);
    expect(lenient.latency_cycles).toBe(physical.latency_cycles);
    expect(lenient.traffic).toEqual(physical.traffic);
  });
});
