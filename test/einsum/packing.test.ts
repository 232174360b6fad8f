import { describe, expect, test } from 'vitest';
import { diagnosticsOf } from './bind.ts';

describe('what would tell positions from coordinates', () => {
  const start = `cascade c
    rank H, P, M, O
    rank M1 = ceil(M / 2), M0 = 2
    input X[M], Y[M], W[H, M], Q[P, M]
    output Z[O]
    T[m] = top(m, 2) X[m]
    U[m] = top(m, 3) Y[m]
    R[h, m] = top(m, 2) W[h, m]
    D[h, m] = top(m, choose(h, 3, 1)) W[h, m]
    BH[h] = top(h, 2) W[h, 0]
    BP[p] = top(p, 2) Q[p, 0]
    S[p, m] = Q[p, m] where m <= p
    V[p, m] = top(m, 2) S[p, m]
  `;
  const sizes = { H: 3, P: 4, M: 5, O: 1 };
  const codes = (body: string): readonly string[] =>
    diagnosticsOf(`${start}${body}`, sizes)
      .filter((d) => d.severity === 'error')
      .map((d) => d.code);
  /** Takes an Einsum of any shape to the output, so that only it decides. */
  const of = (output: string, right: string): string => {
    const indices = /\[(.*)\]/.exec(output)![1]!;
    return `${output} = ${right}\n Z[o] = sum(${indices}) ${output}`;
  };

  test.each([
    ['two selections from different values', 'N[m]', 'T[m] * U[m]'],
    ['either of two selections', 'N[m]', 'X[m] where T[m] or U[m]'],
    ['the first of two selections', 'N[m]', 'first(T[m], U[m])'],
    ['one selection at two places', 'N[h, m]', 'R[h, m] * R[0, m]'],
    ['a condition on coordinates', 'N[m]', 'T[m] where m >= 2'],
    ['a condition that part of a negation is', 'N[m]', 'X[m] where not (T[m] and m < 3)'],
    ['a condition that an alternative is', 'N[m]', 'X[m] where T[m] or m < 1'],
    ['an operand with a mask', 'N[p, m]', 'T[m] * S[p, m]'],
    ['a selection from a mask, at rows that were selected as well', 'N[p, m]', 'V[p, m] where BP[p]'],
    ['other numbers at rows that were selected as well', 'N[h, m]', 'D[h, m] where BH[h]'],
    ['the border of an operand', 'N[m]', 'T[m] * X[m + 1]'],
    ['a neighbour', 'N[m]', 'X[m] where T[m + 1]'],
    ['a part of a partition', 'N[m1, m0]', 'T[m1*M0 + m0]'],
    ['a constant coordinate', 'N[h]', 'W[h, 1] * T[1]'],
    ['a fibre across what was selected', 'N[h, m]', 'top(h, 1) R[h, m]'],
    [
      'as many as a coordinate says, of coordinates that were selected',
      'N[m, h]',
      'top(h, choose(m, 1, 2)) W[h, m] where T[m]',
    ],
  ])('is refused: %s', (_, output, right) => {
    expect(codes(of(output, right))).toContain('not-countable');
  });

  test.each([
    ['one selection twice', 'N[m]', 'T[m] * X[m] where T[m]'],
    ['what was not selected', 'N[m]', 'X[m] where not T[m]'],
    ['all but what an alternative has', 'N[m]', 'first(T[m], Y[m])'],
    ['two selections along two variables', 'N[h, m]', 'R[h, m] where BH[h]'],
    ['a selection at all rows of a mask', 'N[p, m]', 'T[m] * Q[p, m] where p > 0'],
    ['a selection from a mask', 'N[p, m]', '2 * V[p, m]'],
    ['a selection from a selection', 'N[m]', 'top(m, 1) T[m]'],
    ['a fibre beside what was selected', 'N[h, m]', 'top(h, 1) W[h, m] where T[m]'],
  ])('is none: %s', (_, output, right) => {
    expect(codes(of(output, right))).toEqual([]);
  });

  test('is refused where a sum of what each point selected is read, and not where it is the end', () => {
    const sum = 'N[m] = sum(h) R[h, m]\n';
    expect(codes(`${sum} Z[o] = sum(m) N[m]`)).toEqual(['not-countable']);
    expect(codes('N[h] = sum(m) R[h, m]\n Z[o] = sum(h) N[h]')).toEqual([]);
  });
});
