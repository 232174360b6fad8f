import { describe, expect, test } from 'vitest';
import { components } from '../../src/einsum/components.ts';
import { executionSteps } from '../../src/einsum/iteration.ts';
import type { BoundIndex } from '../../src/einsum/workload.ts';
import { bind, bindShipped } from './bind.ts';

describe('order of execution', () => {
  const sizes = { B: 1, H: 1, P: 4, M: 8, E: 2, F: 2, M0: 2 };

  test('only Einsums that need the version before advance together', () => {
    const w = bindShipped('attention-1-pass', sizes);
    const steps = executionSteps(w);
    if ('reader' in steps) throw new Error('no order');
    const shown = steps.map((s) =>
      s.kind === 'whole' ? w.einsums[s.einsum]!.name : s.einsums.map((i) => w.einsums[i]!.name).join(' and '),
    );
    expect(shown).toEqual(['QK', 'LM', 'RM', 'PRM', 'SLN', 'SLD', 'SLNV', 'SPD and RD', 'SPNV and RNV', 'AV']);
  });

  test('a read of what a later step makes is a conflict', () => {
    const text = `cascade c
      rank T
      input A[T]
      output Z[T]
      S[0] = 0
      D[t] = S[t] + A[t]
      S[t+1] = D[t] * A[t]
      Z[t] = S[t+1] + A[t]`;
    const w = bind(text, { T: 4 });
    const at = (offset: number): readonly BoundIndex[] => [
      { terms: [{ variable: 0, coefficient: 1 }], offset, divisor: 1 },
    ];
    const readingS = (indices: readonly BoundIndex[]): unknown =>
      executionSteps({
        ...w,
        einsums: w.einsums.map((e) => ({
          ...e,
          operands: e.operands.map((o) =>
            e.name === 'D' && w.tensors[o.tensor]!.name === 'S' ? { ...o, indices } : o,
          ),
        })),
      });
    const conflict = { reader: 0, producer: 1, variable: 0 };
    expect(readingS(at(0))).toHaveLength(2);
    expect(readingS(at(-1))).toHaveLength(2);
    expect(readingS(at(1))).toEqual(conflict);
    // All versions at once, from inside the loop that makes them.
    expect(readingS([{ terms: [], offset: 4, divisor: 1 }])).toEqual(conflict);
    // The initial version is there from the start, so nothing has to advance with S.
    expect(readingS([{ terms: [], offset: 0, divisor: 1 }])).toHaveLength(3);
  });
});

describe('components', () => {
  test('come after what they need, cycles as one', () => {
    expect(components([[1], [2], [0, 3], [], [4]])).toEqual([[3], [0, 1, 2], [4]]);
  });

  test('a chain of a hundred thousand does not exhaust the stack', () => {
    const chain = Array.from({ length: 100_000 }, (_, i) => (i + 1 < 100_000 ? [i + 1] : []));
    expect(components(chain)).toHaveLength(100_000);
  });
});
