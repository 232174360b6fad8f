import { describe, expect, test } from 'vitest';
import { renderDiagnostic } from '../../src/diagnostic.ts';
import type { Cascade } from '../../src/einsum/ast.ts';
import { parseCascade } from '../../src/einsum/parse.ts';
import { printEinsum } from '../../src/einsum/print.ts';

function parse(body: string): Cascade {
  const result = parseCascade({ name: 'test', text: `cascade c\n${body}` });
  if (!result.ok) throw new Error(result.diagnostics.map(renderDiagnostic).join('\n'));
  return result.value;
}
const mistakes = (text: string): readonly string[] => {
  const result = parseCascade({ name: 'test', text });
  return result.ok ? [] : result.diagnostics.map((d) => d.message);
};

test('ranks say who decides their size', () => {
  const { ranks } = parse('rank M, P\nrank M1 = ceil(M / M0) default M0 = 256, P0 = 64\nrank default W = 3');
  expect(ranks.map((r) => [r.name, r.size?.kind, r.overridable])).toEqual([
    ['M', undefined, false],
    ['P', undefined, false],
    ['M1', 'call', false],
    ['M0', 'number', true],
    ['P0', 'number', true],
    ['W', 'number', true],
  ]);
});

test('tensors have a role, ranks and the format of their statement', () => {
  const { tensors } = parse('input A[M, K], S[] : fp16\ntensor QK : fp8_e4m3\noutput Z');
  expect(tensors.map((t) => [t.name, t.role, t.ranks?.map((r) => r.name), t.format?.name])).toEqual([
    ['A', 'input', ['M', 'K'], 'fp16'],
    ['S', 'input', [], 'fp16'],
    ['QK', 'intermediate', undefined, 'fp8_e4m3'],
    ['Z', 'output', undefined, undefined],
  ]);
});

describe('an Einsum', () => {
  test.each([
    ['Z[m] = max(k) A[m,k] - B[k]', 'Z[m] = max(k) A[m, k] - B[k]'],
    ['Z[m] = max(A[m], B[m])', 'Z[m] = max(A[m], B[m])'],
    ['Z[m] = +(k, n) A[m,k,n]', 'Z[m] = sum(k, n) A[m, k, n]'],
    ['Z[m] = *(k) A[m,k]', 'Z[m] = prod(k) A[m, k]'],
    ['Z[m] = sum(k) max(A[m,k], B[k])', 'Z[m] = sum(k) max(A[m, k], B[k])'],
    ['Z[m] = div(A[m], add(B[m], 1))', 'Z[m] = A[m] / (B[m] + 1)'],
    ['Z[m] = A[m] - (B[m] - C[m])', 'Z[m] = A[m] - (B[m] - C[m])'],
    ['Z[m] = (A[m] - B[m]) - C[m]', 'Z[m] = A[m] - B[m] - C[m]'],
    ['Z[m] = -A[m] * -(B[m])', 'Z[m] = -A[m] * -B[m]'],
    ['Z[m] = -(A[m] * B[m])', 'Z[m] = -(A[m] * B[m])'],
    ['Z[m] = neg(3) + -3 - -inf', 'Z[m] = neg(3) + -3 - -inf'],
    ['Z[m] = max(inf, A[m])', 'Z[m] = max(inf, A[m])'],
    ['Z[] = 1.5e-7', 'Z[] = 1.5e-7'],
    ['Z[m] = A[m] where m < 3 or m > 4 and m != 7', 'Z[m] = A[m] where m < 3 or m > 4 and m != 7'],
    ['Z[m] = A[m] where (m < 3 or m > 4) and m != 7', 'Z[m] = A[m] where (m < 3 or m > 4) and m != 7'],
    ['Z[m] = A[m] where not (m < 3 and m > 1)', 'Z[m] = A[m] where not (m < 3 and m > 1)'],
    ['Z[m] = A[m] where not not m < 3', 'Z[m] = A[m] where not not m < 3'],
    ['Z[m] = A[m] where (m + 1) * 2 <= (W)', 'Z[m] = A[m] where (m + 1) * 2 <= W'],
    ['Z[m] =\n  A[m]\n\n', 'Z[m] = A[m]'],
  ])('%s', (text, printed) => expect(parse(text).einsums.map(printEinsum)).toEqual([printed]));

  test('knows the places of its parts', () => {
    const text = 'cascade c\nZ[m] = max(k) A[m, k] where m < 3';
    const result = parseCascade({ name: 'test', text });
    const einsum = result.ok ? result.value.einsums[0]! : undefined;
    const shown = [einsum?.span, einsum?.output.span, einsum?.reduce?.span, einsum?.body.span, einsum?.filter?.span];
    expect(shown.map((s) => s && text.slice(s.start, s.end))).toEqual([
      'Z[m] = max(k) A[m, k] where m < 3',
      'Z[m]',
      'max(k)',
      'A[m, k]',
      'm < 3',
    ]);
  });
});

describe('mistakes', () => {
  test('of several statements are found at once, each once', () => {
    expect(mistakes('cascade c\nrank M,, P\nZ[m] = A[m\nY[m] = 3 +* 4\nX[m] = A[m]')).toHaveLength(3);
  });

  test('end with the fiftieth', () => {
    expect(mistakes(`cascade c\n${'Z[m] = =\n'.repeat(100)}`)).toHaveLength(50);
  });

  test('of form leave no cascade', () => expect(parseCascade({ name: 'test', text: 'cascade' }).ok).toBe(false));

  test('nothing is so deep that it cannot be read or refused', () => {
    const brackets = (n: number): string => `cascade c\nZ[m] = ${'('.repeat(n)}A[m]${')'.repeat(n)}`;
    expect(mistakes(brackets(199))).toEqual([]);
    expect(mistakes(brackets(100_000))).toHaveLength(1);
    const chain = (n: number): string => `cascade c\nrank M = ${'1 + '.repeat(n)}1`;
    expect(mistakes(chain(199))).toEqual([]);
    expect(mistakes(chain(100_000))).toHaveLength(1);
    expect(mistakes(`cascade c\nZ[m] = A[m] where ${'not ('.repeat(50_000)}`)).toHaveLength(1);
  });
});
