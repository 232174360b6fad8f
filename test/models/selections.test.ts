import { describe, expect, test } from 'vitest';
import { evaluateCascade } from '../../src/einsum/evaluate.ts';
import { measureDensities } from '../../src/einsum/measure-densities.ts';
import { countOperations } from '../../src/einsum/operations.ts';
import { randomInputs } from '../../src/einsum/random-inputs.ts';
import { executeMapping } from '../../src/models/cycle/functional.ts';
import { simulateCycles } from '../../src/models/cycle/simulate.ts';
import { serviceCycles } from '../../src/models/select/expected-selection.ts';
import { evaluatePlacement, type PlacementInputs, placeTexts } from '../../src/simulate.ts';
import { codesOf, must } from '../mapper/inputs.ts';

/** A row at a time: tokens that importance leaves, low bits where a gate asks for them, values that a selection leaves. */
const cascade = `cascade pruned-row
  rank H, P, M, E
  rank F = E
  param KEYS = 6, VALUES = 3
  input Q[H, P, E] : int12
  input K0[H, M, E] : int6
  input K1[H, M, E] : uint4
  input V[H, M, F], IT[M] : fp16
  output AV[H, P, F] : fp16

  TK[m] = top(m, KEYS) IT[m]
  S0[h, p, m] = Q[h, p, e] * K0[h, m, e] where TK[m]
  PM[h, p] = max(m) S0[h, p, m]
  G[h, p] = below(0.3) PM[h, p]
  KF[h, p, m, e] = 16 * K0[h, m, e] + K1[h, m, e] where TK[m] and G[h, p]
  S1[h, p, m] = Q[h, p, e] * KF[h, p, m, e]
  S[h, p, m] = first(S1[h, p, m], S0[h, p, m])
  VK[h, p, m] = top(m, VALUES) S[h, p, m]
  AV[h, p, f] = VK[h, p, m] * V[h, m, f]
`;

const machine = `name: rows
description: a memory, and a buffer with arrays and a top-k engine
sources: { test: made up }
clock: { value: 1 GHz, source: test }
levels:
  - name: DRAM
    memory: { source: test, bandwidth: 32 B/cycle, latency: 100 cycles }
  - name: Buffer
    parent: DRAM
    memory: { source: test, capacity: 64 KiB }
    units:
      - { name: Array, source: test, dimensions: { keys: 2, elements: 4 }, operators: { mac: {} } }
      - { name: Lanes, source: test, dimensions: { lanes: 2 }, operators: { max: {}, mul: {}, add: {}, below: {}, first: {} } }
      - name: TopK
        source: test
        dimensions: { lanes: 1 }
        operators: { top: {} }
        selector: { algorithm: quick-select, comparators: 2, pass: 3 cycles, fill: 2, overlap: 0, capacity: 64 }
`;

const mapping = (rows: number, valueTiles: number): string => `mapping rows
  keep Q, K0, K1, V, IT, AV in DRAM
  keep TK in Buffer
  compute TK on TopK
  for h, p pipeline ${rows}
    keep Q, AV in Buffer stages ${rows}
    keep S0, PM, G, S1, S, VK in Buffer stages ${rows}
    for m by 2 pipeline 2
      keep K0 in Buffer stages 2
      compute S0 on Array (keys m, elements e)
      compute PM on Lanes (lanes m)
    compute G on Lanes
    for m by 2 pipeline 2
      keep K0, K1, KF in Buffer stages 2
      compute KF on Lanes (lanes e)
      compute S1 on Array (keys m, elements e)
    for m by 2
      compute S on Lanes (lanes m)
    compute VK on TopK
    for m by 2 pipeline 2
      keep V in Buffer stages ${valueTiles}
      compute AV on Array (keys m, elements f)
`;

const sizes = new Map([
  ['H', 3],
  ['P', 2],
  ['M', 8],
  ['E', 4],
]);

const source = (name: string, text: string) => ({ name, text });

const inputs = (density: number, text = mapping(1, 1), more: Partial<PlacementInputs> = {}): PlacementInputs => ({
  cascade: source('pruned-row.einsum', cascade),
  machine: source('rows.yaml', machine),
  mapping: source('rows.map', text),
  sizes,
  densities: new Map([['G', { share: density, source: 'given' }]]),
  ...more,
});

const place = async (density: number, text?: string, more?: Partial<PlacementInputs>) =>
  must(await placeTexts(inputs(density, text, more)));

const metricsOf = async (density: number, model: 'analytic' | 'cycle', text?: string) =>
  must(evaluatePlacement(await place(density, text), model));

describe('bytes of what is selected', () => {
  const [rows, keys, values] = [3 * 2, 6, 3];

  test.each([0, 0.25, 1])('are those of positions, and of the share %d that a gate lets through', async (density) => {
    for (const model of ['analytic', 'cycle'] as const) {
      const dram = (await metricsOf(density, model)).traffic.get('DRAM')!.by_tensor;
      // High bits come for each row, and again where the low ones do.
      expect(dram.get('K0')?.read_bytes).toBeCloseTo(rows * keys * 4 * (6 / 8) * (1 + density), 9);
      expect(dram.get('K1')?.read_bytes ?? 0).toBeCloseTo(rows * keys * 4 * (4 / 8) * density, 9);
      expect(dram.get('V')?.read_bytes).toBe(rows * values * 4 * 2);
    }
  });

  test.each([1, 3, 4, 8])('do not depend on steps of %d positions', async (step) => {
    const text = mapping(1, 1).replaceAll('for m by 2', `for m by ${step}`);
    for (const model of ['analytic', 'cycle'] as const) {
      const metrics = await metricsOf(1, model, text);
      const dram = metrics.traffic.get('DRAM')!.by_tensor;
      expect(dram.get('V')?.read_bytes).toBe(rows * values * 4 * 2);
      // A tile of all positions stays for the rows of a head, whose gates are all open; others go by anew.
      const times = step < 8 ? rows : 3;
      expect(dram.get('K1')?.read_bytes).toBe(times * keys * 4 * (4 / 8));
      // What is selected is written: six keys in 12 bits, and three values of each row.
      const written = metrics.traffic.get('Buffer')!.by_tensor;
      expect(written.get('TK')?.write_bytes).toBe(6 * (12 / 8));
      expect(written.get('VK')?.write_bytes).toBe(rows * values * (12 / 8));
      // The array takes two keys at a time, and begins anew in each step.
      let passes = 0;
      for (let at = 0; at < keys; at += step) passes += Math.ceil(Math.min(step, keys - at) / 2);
      expect(metrics.busy_by_einsum.get('Array')?.get('S0')).toBe(rows * passes);
    }
  });

  test('are linear in the density', async () => {
    const [none, some, all] = await Promise.all([0, 0.3, 1].map((d) => metricsOf(d, 'analytic')));
    const read = (m: typeof none): number => m!.traffic.get('DRAM')!.read_bytes;
    expect(read(some)).toBeCloseTo(read(none) + 0.3 * (read(all) - read(none)), 9);
  });
});

test('measured densities give the operations that are executed', async () => {
  const { placed } = await place(1);
  const w = placed.workload;
  const values = evaluateCascade(w, randomInputs(w, 5));
  const densities = measureDensities(w, values, 'measured');
  const existing = (name: string): number => values.get(name)!.exists.reduce((sum, e) => sum + e, 0);
  expect(densities.get('G')?.share).toBe(existing('G') / (3 * 2));
  expect(existing('G')).toBeGreaterThan(0);
  expect(existing('G')).toBeLessThan(6);
  const measured = (await place(densities.get('G')!.share)).placed.workload;
  const counts = countOperations(measured);
  expect(counts.get('S1')?.get('mac')).toBeCloseTo(existing('S1') * 4, 9);
  expect(counts.get('S0')?.get('mac')).toBe(existing('S0') * 4);
  expect(counts.get('AV')?.get('mac')).toBe(existing('VK') * 4);
});

test('a mapped execution gives what the reference executor gives', async () => {
  const { placed } = await place(1, mapping(3, 6), { executed: true });
  const given = randomInputs(placed.workload, 7);
  const expected = evaluateCascade(placed.workload, given).get('AV')!;
  const found = executeMapping(placed, given).get('AV')!;
  expect(found.exists).toEqual(expected.exists);
  expect(found.values).toEqual(expected.values);
});

test('an engine is held for the service of each row', async () => {
  const { placed } = await place(0.5);
  const { selector } = placed.machine.units.find((u) => u.name === 'TopK')!;
  const rows = serviceCycles(selector!, 8, 6) + 6 * serviceCycles(selector!, 6, 3);
  const { busy_by_einsum } = await metricsOf(0.5, 'analytic');
  expect([...busy_by_einsum.get('TopK')!.values()].reduce((a, b) => a + b, 0)).toBeCloseTo(rows, 9);
});

test('values are asked for when it is known which, however much room there is', async () => {
  const { placed } = await place(0.5, mapping(3, 6));
  const [part] = simulateCycles(placed).chronicle.parts;
  const operations = part?.kind === 'block' ? part.sum.flatMap(({ scene }) => scene.timeline().operations) : [];
  const { tensors } = placed.workload;
  const selected = operations.filter((o) => o.compute?.einsum.name === 'VK');
  const fetched = operations.filter((o) => o.kind === 'fill' && tensors[o.keep!.tensor]!.name === 'V');
  expect(fetched).toHaveLength(2 * 6);
  selected.forEach((selection, row) => {
    for (const fill of fetched.slice(2 * row, 2 * row + 2)) expect(fill.start).toBeGreaterThanOrEqual(selection.finish);
  });
});

test('a tile is not shared by rows that select different elements', async () => {
  const text = `cascade rows
  rank P, M, F
  input S[P, M], V[M, F]
  output AV[P, F]

  VK[p, m] = top(m, 2) S[p, m]
  AV[p, f] = VK[p, m] * V[m, f]
`;
  const rows = (where: string): string => `mapping shared
  keep S, V, AV in DRAM
${where === 'outside' ? '  keep V in Buffer\n' : ''}  for p
    keep VK${where === 'inside' ? ', V' : ''} in Buffer
    compute VK on TopK
    compute AV on Array (keys m, elements f)
`;
  const placed = (where: string) =>
    placeTexts({
      ...inputs(1, rows(where)),
      cascade: source('rows.einsum', text),
      sizes: new Map([...'PMF'].map((rank) => [rank, 4])),
      densities: new Map(),
    });
  expect(codesOf(await placed('outside'))).toEqual(['shared-selection']);
  expect(codesOf(await placed('inside'))).toEqual([]);
});

describe('where what is selected differs', () => {
  const run = async (
    text: string,
    map: string,
    sizes: Readonly<Record<string, number>>,
    more: Partial<PlacementInputs> = {},
  ) =>
    placeTexts({
      ...inputs(1, map),
      cascade: source('test.einsum', text),
      sizes: new Map(Object.entries(sizes)),
      densities: new Map(),
      ...more,
    });
  const dram = async (
    text: string,
    map: string,
    sizes: Readonly<Record<string, number>>,
    more?: Partial<PlacementInputs>,
  ) => {
    const placement = must(await run(text, map, sizes, more));
    const [analytic, cycle] = (['analytic', 'cycle'] as const).map((m) => must(evaluatePlacement(placement, m)));
    expect(cycle!.traffic).toEqual(analytic!.traffic);
    expect(cycle!.latency_cycles).toBeGreaterThanOrEqual(cycle!.lower_bound_cycles - 1e-6);
    return { by_tensor: analytic!.traffic.get('DRAM')!.by_tensor, cycles: cycle!.latency_cycles };
  };

  test('a count that a loop goes along is that of each step, whichever comes first', async () => {
    const text = (counts: string): string => `cascade varied
  rank H, M
  input I[H, M] : fp16
  output T[H, M]

  T[h, m] = top(m, choose(h, ${counts})) I[h, m]
`;
    const map = 'mapping rows\n  keep I, T in DRAM\n  for h\n    compute T on TopK\n';
    const rising = await dram(text('2, 40'), map, { H: 2, M: 60 });
    const falling = await dram(text('40, 2'), map, { H: 2, M: 60 });
    expect(rising.by_tensor.get('T')?.write_bytes).toBe((2 + 40) * 2);
    expect(falling).toEqual(rising);
  });

  const two = (where: string): string => `cascade two
  rank M, E
  input Q[E], I[M], J[M], K[M, E] : fp16
  output S[M], U[M]

  T[m] = top(m, 4) I[m]
  W[m] = top(m, 6) ${where}
  S[m] = Q[e] * K[m, e] where T[m]
  U[m] = Q[e] * K[m, e] where W[m]
`;
  const together = (loop: string): string => `mapping together
  keep Q, I, J, K, S, U in DRAM
  keep T, W in Buffer
  compute T on TopK
  compute W on TopK
  ${loop}
    keep K in Buffer
    compute S on Array (keys m, elements e)
    compute U on Array (keys m, elements e)
`;
  const apart = `mapping apart
  keep Q, I, J, K, S, U in DRAM
  keep T, W in Buffer
  compute T on TopK
  compute W on TopK
  for m by 2
    keep K in Buffer
    compute S on Array (keys m, elements e)
  for m by 2
    keep K in Buffer
    compute U on Array (keys m, elements e)
`;

  test('one tile serves one selection, or one that selects from the other', async () => {
    const shape = { M: 8, E: 4 };
    expect(codesOf(await run(two('J[m]'), together('for m by 2'), shape))).toEqual(['shared-selection']);
    expect(codesOf(await run(two('J[m]'), together('for m by 8'), shape))).toEqual(['shared-selection']);
    const { by_tensor } = await dram(two('J[m]'), apart, shape);
    expect(by_tensor.get('K')?.read_bytes).toBe((4 + 6) * 4 * 2);
  });

  test('what is selected is read when all that it could be is there', async () => {
    const text = `cascade late
  rank M, E
  input I[M], K[M, E] : fp16
  output S[M]

  N[m] = sum(e) K[m, e]
  T[m] = top(m, 3) I[m]
  S[m] = 2 * N[m] where T[m]
`;
    const map = (between: string): string => `mapping late
  keep I, K, S in DRAM
  keep T, N in Buffer
  compute T on TopK
  for m by 2
    keep K in Buffer
    compute N on Lanes (lanes m)
${between}    compute S on Lanes (lanes m)
`;
    const shape = { M: 8, E: 4 };
    expect(codesOf(await run(text, map(''), shape))).toEqual(['incomplete-operand']);
    expect(codesOf(await run(text, map('  for m by 2\n'), shape))).toEqual([]);
  });

  test('what is not selected is the rest', async () => {
    const text = `cascade rest
  rank M, E
  input Q[E], I[M], K[M, E] : fp16
  output S[M]

  T[m] = top(m, 3) I[m]
  S[m] = Q[e] * K[m, e] where not T[m]
`;
    for (const step of [2, 3, 8]) {
      const map = `mapping rest
  keep Q, I, K, S in DRAM
  keep T in Buffer
  compute T on TopK
  for m by ${step}
    keep K in Buffer
    compute S on Array (keys m, elements e)
`;
      const { by_tensor } = await dram(text, map, { M: 8, E: 4 });
      expect(by_tensor.get('K')?.read_bytes).toBe(5 * 4 * 2);
      expect(by_tensor.get('S')?.write_bytes).toBe(5 * 2);
    }
  });

  test('a gate that is asked twice is asked once, and never lets through what it must and must not', async () => {
    const text = (where: string): string => `cascade asked
  rank P, E
  input X[P], Q[P, E], K[P, E] : fp16
  output S[P]

  G[p] = above(0) X[p]
  S[p] = Q[p, e] * K[p, e] where ${where}
`;
    const map = `mapping asked
  keep X, Q, K, S in DRAM
  keep G in Buffer
  compute G on Lanes
  for p
    keep K in Buffer
    compute S on Array (elements e)
`;
    const half = { densities: new Map([['G', { share: 0.5, source: 'given' }]]) };
    const read = async (where: string): Promise<number> => {
      const spec = machine.replace('below: {}', 'below: {}, above: {}');
      const placed = await dram(text(where), map, { P: 8, E: 4 }, { ...half, machine: source('rows.yaml', spec) });
      return placed.by_tensor.get('K')?.read_bytes ?? 0;
    };
    expect(await read('G[p]')).toBe((8 * 4 * 2) / 2);
    expect(await read('G[p] and G[p]')).toBe((8 * 4 * 2) / 2);
    expect(await read('not not G[p]')).toBe((8 * 4 * 2) / 2);
    expect(await read('G[p] and not G[p]')).toBe(0);
  });

  test('instances that select different elements share no reads', async () => {
    const text = `cascade heads
  rank H, M, E
  input Q[E], I[H, M], K[M, E] : fp16
  output S[H, M]

  T[h, m] = top(m, 2) I[h, m]
  S[h, m] = Q[e] * K[m, e] where T[h, m]
`;
    const map = `mapping heads
  keep Q, I, T, K, S in DRAM
  for h across Core
    keep T, K in Core
    compute T on TopK
    compute S on Array (keys m, elements e)
`;
    const spec = machine
      .replace(
        '  - name: Buffer\n    parent: DRAM',
        '  - name: Core\n    parent: DRAM\n    instances: { value: 4, source: test }',
      )
      .replace('  - name: DRAM\n', '  - name: DRAM\n    multicast: true\n');
    const { by_tensor } = await dram(text, map, { H: 4, M: 8, E: 4 }, { machine: source('rows.yaml', spec) });
    expect(by_tensor.get('K')?.read_bytes).toBe(4 * 2 * 4 * 2);
  });
});
