import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dispatches } from '../../src/mapper/mapping.ts';
import { type Duration, dispatchSteps, type Steps } from '../../src/models/dispatch.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { must, place, shipped, shippedMachine, workloadOf } from '../mapper/inputs.ts';
import { runs } from '../runs.ts';

type Dispatch = (typeof dispatches)[number];

const alone: Duration<number> = ({ step, length }) => length * step;
const each = (lengths: readonly number[]): Steps<number> => lengths.map((step) => ({ step, times: 1 }));
const ends = (steps: Steps<number>, instances: number, dispatch: Dispatch): readonly number[] => [
  ...dispatchSteps(steps, instances, dispatch, alone).ends,
];
const makespan = (steps: Steps<number>, instances: number, dispatch: Dispatch): number =>
  Math.max(...ends(steps, instances, dispatch));

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

describe('small grids', () => {
  const lengths = each([5, 1, 1, 1, 4, 2]);
  test.each<[Dispatch, readonly number[]]>([
    ['dynamic', [7, 7]], // 5 2 | 1 1 1 4
    ['static', [10, 4]], // 5 1 4 | 1 1 2
    ['longest', [7, 7]], // 5 1 1 | 4 2 1
    ['contiguous', [7, 7]], // 5 1 1 | 1 4 2
  ])('%s', (dispatch, expected) => {
    expect(ends(lengths, 2, dispatch)).toEqual(expected);
  });

  test('the first shares are a step longer where steps do not come out even', () => {
    expect(ends([{ step: 1, times: 11 }], 4, 'contiguous')).toEqual([3, 3, 3, 2]);
    expect(ends([{ step: 1, times: 2 }], 4, 'contiguous')).toEqual([1, 1, 0, 0]);
  });

  test('the rows that instances run', () => {
    const steps: Steps<string> = [
      { step: 'a', times: 3 },
      { step: 'b', times: 2 },
    ];
    // a a b | a b
    expect(dispatchSteps(steps, 2, 'static', ({ length }) => length).rows).toEqual([
      { before: undefined, step: 'a', length: 2, times: 1 },
      { before: undefined, step: 'a', length: 1, times: 1 },
      { before: 'a', step: 'b', length: 1, times: 2 },
    ]);
  });

  test('what a step takes may depend on the one before, and so who gets the next', () => {
    // A step takes 4, or 1 less directly after an equal one, or 2 more after another.
    const duration: Duration<string> = ({ before, length }) => 4 + 3 * (length - 1) + (before === undefined ? 0 : 2);
    const steps = ['a', 'b', 'a', 'a', 'b'].map((step) => ({ step, times: 1 }));
    // a a b: 4 + 3 + 6 | b a: 4 + 6
    expect([...dispatchSteps(steps, 2, 'dynamic', duration).ends]).toEqual([13, 10]);
  });
});

describe('closed forms', () => {
  test.each(dispatches)('equal steps take ceil(steps / instances) times one, %s', (dispatch) => {
    for (const instances of [1, 2, 3, 108, 132])
      for (const times of [1, 2, 131, 132, 133, 264, 1000, 32_768])
        expect(makespan([{ step: 7, times }], instances, dispatch)).toBe(7 * Math.ceil(times / instances));
  });

  test('causal triangles: the shortest first leaves the longest alone at the end, the longest first fills up', () => {
    // A head of 64 tiles of queries, tile i with i + 1 tiles of keys; 16 heads.
    const head = Array.from({ length: 64 }, (_, i) => i + 1);
    const steps = each(Array.from({ length: 16 }, () => head).flat());
    const total = 16 * ((64 * 65) / 2);
    expect(makespan(steps, 64, 'longest')).toBe(total / 64);
    // Column i of the waves has tile i of each head.
    expect(makespan(steps, 64, 'static')).toBe(16 * 64);
    expect(makespan(steps, 64, 'dynamic')).toBeGreaterThan(total / 64);
    expect(makespan(steps, 64, 'dynamic')).toBeLessThanOrEqual(total / 64 + 63);
  });

  test('a billion steps of one kind are given out', () => {
    for (const dispatch of dispatches)
      expect(makespan([{ step: 3, times: 2 ** 30 }], 132, dispatch)).toBe(3 * Math.ceil(2 ** 30 / 132));
  });
});

/** Any grid: runs of steps, long and short. */
const anySteps = fc.array(
  fc.record({ step: fc.integer({ min: 1, max: 20 }), times: fc.integer({ min: 1, max: 40 }) }),
  {
    minLength: 1,
    maxLength: 8,
  },
);
const anyInstances = fc.integer({ min: 1, max: 9 });
const singly = (steps: Steps<number>): readonly number[] =>
  steps.flatMap(({ step, times }) => new Array<number>(times).fill(step));

const law = (name: string, holds: (steps: Steps<number>, instances: number) => void): void => {
  test(name, () => fc.assert(fc.property(anySteps, anyInstances, holds), { numRuns: runs(300) }));
};

/** Plain list scheduling, a step at a time. */
function firstFree(lengths: readonly number[], instances: number): readonly number[] {
  const busy = new Array<number>(instances).fill(0);
  for (const length of lengths) busy[busy.indexOf(Math.min(...busy))]! += length;
  return busy;
}

describe('any grid', () => {
  law('all work is done, by instances that are no earlier than the longest step and the average', (steps, n) => {
    for (const dispatch of dispatches) {
      const done = ends(steps, n, dispatch);
      expect(sum(done)).toBe(sum(singly(steps)));
      expect(Math.max(...done)).toBeGreaterThanOrEqual(Math.max(...singly(steps), sum(done) / n));
    }
  });

  law('neighbours given out together end as those given out one by one', (steps, n) => {
    for (const dispatch of dispatches)
      expect(ends(steps, n, dispatch).toSorted()).toEqual(ends(each(singly(steps)), n, dispatch).toSorted());
  });

  law('dynamic is list scheduling, longest that of the sorted steps', (steps, n) => {
    const lengths = singly(steps);
    expect(ends(steps, n, 'dynamic').toSorted()).toEqual(firstFree(lengths, n).toSorted());
    expect(ends(steps, n, 'longest').toSorted()).toEqual(
      firstFree(
        lengths.toSorted((a, b) => b - a),
        n,
      ).toSorted(),
    );
  });

  law('static is the largest column, contiguous the largest share', (steps, n) => {
    const lengths = singly(steps);
    const columns = Array.from({ length: n }, (_, c) => sum(lengths.filter((_l, i) => i % n === c)));
    expect(ends(steps, n, 'static')).toEqual(columns);
    const longer = lengths.length % n;
    const share = Math.floor(lengths.length / n);
    const from = (i: number): number => i * share + Math.min(i, longer);
    expect(ends(steps, n, 'contiguous')).toEqual(columns.map((_, i) => sum(lengths.slice(from(i), from(i + 1)))));
  });

  law('rows have all steps, and one of each instance is its first', (steps, n) => {
    for (const dispatch of dispatches) {
      const { rows } = dispatchSteps(steps, n, dispatch, alone);
      expect(sum(rows.map(({ length, times }) => length * times))).toBe(singly(steps).length);
      const firsts = rows.filter(({ before }) => before === undefined);
      expect(sum(firsts.map(({ times }) => times))).toBe(Math.min(n, singly(steps).length));
    }
  });
});

/** The shortest time there is, by trying every way to give the steps out. */
function optimum(lengths: readonly number[], instances: number): number {
  const busy = new Array<number>(instances).fill(0);
  const tryFrom = (i: number): number => {
    if (i === lengths.length) return Math.max(...busy);
    let best = Number.POSITIVE_INFINITY;
    for (let n = 0; n < instances; n++) {
      busy[n]! += lengths[i]!;
      best = Math.min(best, tryFrom(i + 1));
      busy[n]! -= lengths[i]!;
    }
    return best;
  };
  return tryFrom(0);
}

test('longest first is within 4/3 - 1/3n of the shortest time (Graham 1969), first free within 2 - 1/n', () => {
  const few = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(few, fc.integer({ min: 1, max: 3 }), (lengths, n) => {
      const best = optimum(lengths, n);
      expect(3 * n * makespan(each(lengths), n, 'longest')).toBeLessThanOrEqual((4 * n - 1) * best);
      expect(n * makespan(each(lengths), n, 'dynamic')).toBeLessThanOrEqual((2 * n - 1) * best);
    }),
    { numRuns: runs(100) },
  );
});

describe('causal FlashAttention-2, 512 tiles over 132 SMs', async () => {
  const h100 = await shippedMachine('h100-sxm');
  const workload = workloadOf('attention-1-pass', { B: 1, H: 16, P: 4096, M: 4096, M0: 128, E: 64, F: 64, CAUSAL: 1 });
  const { text } = shipped('mappings', 'flash-attention-2.map');
  const line = 'for p by ROWS across SM';
  const placed = (dispatch: Dispatch) => must(place(text.replace(line, `${line} ${dispatch}`), workload, h100));
  const by = (model: 'analytic' | 'cycle') =>
    Object.fromEntries(dispatches.map((d) => [d, evaluateMapping(placed(d), model)]));

  test.each(['analytic', 'cycle'] as const)('only time depends on who gets a step, %s', (model) => {
    const { dynamic, ...others } = by(model);
    for (const other of Object.values(others)) {
      expect(other.traffic).toEqual(dynamic!.traffic);
      expect(other.energy_pj).toEqual(dynamic!.energy_pj);
      for (const [name, { cycles }] of other.busy_cycles)
        expect(cycles, name).toBeCloseTo(dynamic!.busy_cycles.get(name)!.cycles, 6);
    }
  });

  test.each(['analytic', 'cycle'] as const)(
    'the longest first is the fastest, waves and shares are uneven, %s',
    (model) => {
      const { dynamic, static: waves, longest, contiguous } = by(model);
      expect(longest!.latency_cycles).toBeLessThan(dynamic!.latency_cycles);
      expect(dynamic!.latency_cycles).toBeLessThan(waves!.latency_cycles);
      expect(dynamic!.latency_cycles).toBeLessThan(contiguous!.latency_cycles);
    },
  );
});
