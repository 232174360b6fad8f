import { describe, expect, test } from 'vitest';
import { withCandidates } from '../../src/einsum/candidates.ts';
import { evaluateCascade, type TensorValue } from '../../src/einsum/evaluate.ts';
import { exponentials } from '../../src/einsum/exponential.ts';
import { numericError } from '../../src/einsum/numeric-error.ts';
import { emulate } from '../../src/einsum/numerics.ts';
import { randomInputs } from '../../src/einsum/random-inputs.ts';
import type { Workload } from '../../src/einsum/workload.ts';
import type { Mapping } from '../../src/mapper/mapping.ts';
import { parseMapping } from '../../src/mapper/parse.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import type { PlacedMapping } from '../../src/mapper/placed.ts';
import { executeMapping } from '../../src/models/cycle/functional.ts';
import { machineOf, shippedSource } from '../arch/shipped.ts';
import { must, ofEachForm, place, shipped, shippedNames, workloadOf } from '../mapper/inputs.ts';

type Sizes = Readonly<Record<string, number>>;

/** No size is a multiple of a tile; sizes that a cascade has not are passed over. */
const plain: Sizes = { B: 1, H: 2, P: 21, M: 27, M0: 10, E: 9, F: 10, K: 19, N: 21, D: 11, FF: 13 };
const variants: readonly (readonly [string, Sizes])[] = [
  ['plain', plain],
  ['causal, grouped queries, more keys than queries', { ...plain, H: 4, G: 2, CAUSAL: 1, P: 19 }],
];

/** Small arrays make several tiles of small tensors. */
const machines = await Promise.all(
  shippedNames('hardware-specs', '.yaml').map((name) => {
    const source = shippedSource(name);
    return machineOf(source, source.text.includes('PE_DIM:') ? { PE_DIM: '8' } : {});
  }),
);

/** So do an eighth of the tiles that a mapping has for large ones: parameters that are plain numbers from 16 on. */
const smallTiles = (mapping: Mapping): ReadonlyMap<string, number> =>
  new Map(
    mapping.parameters.flatMap(({ name, value }) =>
      value.kind === 'number' && value.value >= 16 ? [[name, Math.floor(value.value / 8)]] : [],
    ),
  );

function remembered<A, B>(of: (a: A) => B): (a: A) => B {
  const known = new Map<A, B>();
  return (a) => {
    const found = known.get(a) ?? of(a);
    known.set(a, found);
    return found;
  };
}

/** Every shipped mapping on every form of machine that it fits, for every cascade that it names. */
const placements = (sizes: Sizes): readonly { readonly name: string; readonly placed: PlacedMapping }[] => {
  // Values decide what is selected, so all that could be has to move.
  const workload = remembered((cascade: string) => withCandidates(workloadOf(cascade, sizes)));
  return shippedNames('mappings', '.map').flatMap((file) => {
    const mapping = must(parseMapping(shipped('mappings', `${file}.map`)));
    return mapping.cascades.flatMap(({ name: cascade }) => {
      const all = machines.flatMap((machine) => {
        const placed = placeMapping(mapping, workload(cascade), machine, smallTiles(mapping));
        return placed.ok ? [{ name: `${file} of ${cascade} on ${machine.name}`, placed: placed.value }] : [];
      });
      return ofEachForm(all, ({ placed }) => placed.machine);
    });
  });
};

/** In how many parts an Einsum sums at most, which are stored between: its compute reaches one step of the loops. */
const partsOfSums = ({ computes, workload }: PlacedMapping): number =>
  Math.max(
    ...computes.map(({ einsum, above }) =>
      above
        .filter((l) => einsum.reduced.includes(l.variable))
        .reduce((parts, l) => parts * Math.ceil(workload.variables[l.variable]!.size / l.tile), 1),
    ),
  );

/** What instances add up comes together in another order than the reference has, which rounds otherwise. */
const isInOrder = ({ keeps }: PlacedMapping): boolean => !keeps.some((k) => k.adds);

const formatsOf = (w: Workload, inputs: string, others: string): ReadonlyMap<string, string> =>
  new Map(w.tensors.map((t) => [t.name, t.producer === undefined ? inputs : others]));

/** What a workload computes in any mapping: random inputs, their exact values, and those in other numbers. */
const exactOf = remembered((w: Workload) => {
  const inputs = randomInputs(w, 3);
  return { inputs, exact: evaluateCascade(w, inputs) };
});

const emulatedOf = (w: Workload, formats: ReadonlyMap<string, string>, exp: string) => {
  const { inputs, exact } = exactOf(w);
  const numerics = emulate(w, { formats, arithmetic: 'fp32', exponential: exponentials.get(exp)! }, exact);
  return { numerics, values: evaluateCascade(w, inputs, numerics) };
};
const narrowOf = remembered((w: Workload) => emulatedOf(w, formatsOf(w, 'fp8_e4m3', 'fp32'), 'taylor5'));
const halfOf = remembered((w: Workload) => emulatedOf(w, formatsOf(w, 'fp16', 'fp16'), 'exact'));

const outputs = (w: Workload, values: ReadonlyMap<string, TensorValue>): ReadonlyMap<string, TensorValue> =>
  new Map([...values].filter(([name]) => w.tensors.some((t) => t.name === name && t.role === 'output')));

describe.each(variants)('%s', (_, sizes) => {
  const all = placements(sizes);

  test('every mapping is there', () => {
    const names = new Set(all.map(({ placed }) => placed.name));
    expect(shippedNames('mappings', '.map').filter((n) => !names.has(n))).toEqual([]);
  });

  describe.each(all)('$name', ({ placed }) => {
    const w = placed.workload;
    const { inputs, exact } = exactOf(w);

    const inOrder = isInOrder(placed);
    const expectSame = (found: ReadonlyMap<string, TensorValue>, meant: typeof found, bits: number): void => {
      if (inOrder) expect(found).toEqual(meant);
      else
        for (const [name, value] of meant)
          expect(numericError(value, found.get(name)!).snr_db, name).toBeGreaterThan(6 * (bits - 8));
    };

    test('computes what the reference executor computes, bit for bit, unless instances add up', () => {
      expectSame(executeMapping(placed, inputs), outputs(w, exact), 53);
    });

    // Masks leave out points and round none, so one variant does for what rounding does.
    if (sizes === plain)
      test('so it does in any inputs, with tensors and accumulators in fp32: sums go on in the same order', () => {
        const { numerics, values } = narrowOf(w);
        expectSame(executeMapping(placed, inputs, numerics), outputs(w, values), 24);
      });
  });
});

describe('in 16 bits', () => {
  test.each(placements(plain))(
    '$name computes the same, unless parts of a sum are stored, which rounds them',
    ({ placed }) => {
      const w = placed.workload;
      const { inputs, exact } = exactOf(w);
      const { numerics, values: meant } = halfOf(w);
      const found = executeMapping(placed, inputs, numerics);
      const parts = partsOfSums(placed);
      if (parts === 1 && isInOrder(placed)) expect(found).toEqual(outputs(w, meant));
      for (const [name, value] of found) {
        const [mapped, reference] = [value, meant.get(name)!].map((v) => numericError(exact.get(name)!, v));
        expect(mapped!.not_finite).toBe(0);
        // A sum that is rounded otherwise may change which elements are selected, and then everything behind.
        if (w.einsums.some((e) => e.selection !== undefined)) continue;
        // Fp16 has 11 bits, 66 dB; sums in parts, each of which is rounded, and the steps of an algorithm cost some of them, not most.
        expect(mapped!.snr_db).toBeGreaterThan(50);
        expect(mapped!.snr_db).toBeGreaterThan(reference!.snr_db - Math.max(10, 10 * Math.log10(parts)));
      }
    },
  );
});

test('a running state that waits for slices of a product, in arrays of 2 x 2', async () => {
  const machine = await machineOf(shippedSource('fusemax'), { PE_DIM: '2' });
  const w = workloadOf('attention-1-pass', { B: 2, H: 2, P: 15, M: 19, E: 5, F: 6, M0: 7, CAUSAL: 1 });
  const mapping = shipped('mappings', 'fusemax-architecture.map').text;
  const inputs = randomInputs(w, 1);
  for (const SLICE of [1, 2, 5]) {
    const placed = must(place(mapping, w, machine, { SLICE }));
    expect(executeMapping(placed, inputs)).toEqual(outputs(w, evaluateCascade(w, inputs)));
  }
});

test.each([
  ['unfused', 1024, 0],
  ['unfused', 608, 0.24],
  ['flat-weight-stationary', 1024, 0],
  ['flat-weight-stationary', 608, 0.44],
])('%s with a row of scores of 800 bytes and a buffer of %i', async (name, bytes, spilled) => {
  const machine = await machineOf(shippedSource('flat'), { PE_DIM: '8', GLOBAL_BUFFER: `${bytes} B` });
  const w = workloadOf('attention-3-pass', { B: 1, H: 2, P: 5, M: 400, E: 4, F: 4 });
  const placed = must(place(shipped('mappings', `${name}.map`).text, w, machine));
  expect(placed.parameters.get('SPILL')).toBeCloseTo(spilled);
  const inputs = randomInputs(w, 1);
  expect(executeMapping(placed, inputs)).toEqual(outputs(w, evaluateCascade(w, inputs)));
});

describe('a convolution', () => {
  const cascade = 'cascade c\n rank X, R\n input I[X], W[R]\n output O[X]\n O[x] = I[x + r - 1] * W[r]';
  const machine = machines.find((m) => m.name === 'fusemax')!;
  const kept = (where: 'x' | 'r', stages: number, steps: number): string => {
    const keep = `keep I in GlobalBuffer stages ${stages}`;
    return `mapping t
      cascade c
      keep I, W, O in DRAM
      for x by 5 pipeline ${steps}
        ${where === 'x' ? keep : ''}
        for r pipeline ${steps}
          ${where === 'r' ? keep : ''}
          compute O on Array1D (lanes x)`.replaceAll(/\n\s*\n/g, '\n');
  };

  // Neighbouring tiles share a halo, which is there for both while several tiles are in flight.
  test.each([
    ['x', 1, 1],
    ['x', 2, 2],
    ['r', 1, 2],
    ['r', 2, 2],
    ['r', 3, 3],
  ] as const)('with I kept inside %s in %i stages, %i steps in flight', (where, stages, steps) => {
    const w = workloadOf(cascade, { X: 13, R: 3 });
    const placed = must(place(kept(where, stages, steps), w, machine));
    const inputs = randomInputs(w, 1);
    expect(executeMapping(placed, inputs)).toEqual(outputs(w, evaluateCascade(w, inputs)));
  });

  // The last tile of rows is part of the one before it, of which pieces come after the next has been begun.
  test('whose tiles come in pieces, on the heels of those before', () => {
    const levels = machine.levels.map((l) =>
      l.name === 'DRAM' ? { ...l, memory: { ...l.memory!, latency_cycles: 40 } } : l,
    );
    const cascade = `cascade c
      rank H, Y, X, R
      input I[H, Y, X], W[R]
      output O[H, Y, X]
      O[h, y, x] = I[h, y + r - 1, x] * W[r]`;
    const mapping = `mapping t
      cascade c
      keep I, W, O in DRAM
      for h pipeline 2
        for y pipeline 4
          keep I in GlobalBuffer stages 4
          for x pipeline 16
            compute O on Array1D (lanes x)`;
    const w = workloadOf(cascade, { H: 3, Y: 3, X: 4, R: 3 });
    const placed = must(place(mapping, w, { ...machine, levels }));
    const inputs = randomInputs(w, 1);
    expect(executeMapping(placed, inputs)).toEqual(outputs(w, evaluateCascade(w, inputs)));
  });
});
