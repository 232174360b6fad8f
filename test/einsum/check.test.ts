import { describe, expect, test } from 'vitest';
import { checkCascade } from '../../src/einsum/check.ts';
import { parseCascade } from '../../src/einsum/parse.ts';

function codes(body: string): readonly string[] {
  const parsed = parseCascade({ name: 'test', text: `cascade c\nrank M, P, K\n${body}` });
  if (!parsed.ok) throw new Error(parsed.diagnostics.map((d) => d.message).join('; '));
  const result = checkCascade(parsed.value);
  return (result.ok ? result.warnings : result.diagnostics).map((d) => d.code);
}

const io = 'input A[M, P, K]\noutput Z\n';

describe('what makes sense', () => {
  test.each([
    ['a broadcast', `${io}Z[m, p, k] = A[m, p, k]\nW[m] = 1\noutput W`],
    ['a constant element', `${io}Z[p, k] = A[0, p, k] + A[M - 1, p, k]`],
    ['a rank of the same size by definition', `rank S = M\n${io}Z[s, p, k] = A[s, p, k]`],
    [
      'the previous version, before the next is made',
      `${io}C[m, p] = A[m, p, k] * R[m, p]\nR[0, p] = 1\nR[m+1, p] = R[m, p] + C[m, p]\nZ[p] = R[M, p]`,
    ],
    [
      'this version, after it is made',
      `${io}R[0, p] = 0\nR[m+1, p] = R[m, p] + A[m, p, k]\nZ[m, p] = R[m+1, p] - R[m, p]`,
    ],
    [
      'a sum of versions, after the loop',
      `${io}R[0, p] = 0\nR[m+1, p] = R[m, p] + A[m, p, k]\nS[p] = R[m, p]\nZ[p] = S[p] + R[M, p]`,
    ],
    [
      'an earlier iteration of what is made on the way',
      `${io}C[m, p] = R[m, p] + A[m, p, k]\nR[0, p] = 0\nR[m+1, p] = C[m, p] + C[m-1, p]\nZ[p] = R[M, p]`,
    ],
    [
      'two tensors carried together',
      `${io}R[0, p] = 0\nS[0, p] = 0\nR[m+1, p] = S[m, p] + A[m, p, k]\nS[m+1, p] = R[m, p] + R[m+1, p]\nZ[p] = S[M, p]`,
    ],
    [
      'an affine filter with parameters',
      `param W = 3, CAUSAL = 1\n${io}Z[m] = A[m, p, k] where CAUSAL == 0 or m * W <= 2 * (p - W) + W * W`,
    ],
  ])('%s', (_, body) => expect(codes(body)).toEqual([]));
});

describe('one mistake is reported once', () => {
  test.each([
    [
      'a rank that is not declared',
      'input A[M, N]\noutput Z\nY[m, n] = A[m, n]\nZ[n] = max(m) Y[m, n]\n',
      ['unknown-rank'],
    ],
    ['a variable that no rank has', `${io}Y[m] = A[m, p, x]\nZ[m] = A[m, p, x] + Y[m]`, ['unknown-variable']],
    ['a tensor that is not there', `${io}Y[m] = B[m]\nZ[m] = B[m] + Y[m]`, ['unknown-tensor']],
    ['a wrong arity, whose reduction is wrong too', `${io}Z[m] = max(p) A[m, p]`, ['rank-arity']],
    ['an output with two names', 'input A[M]\noutput AV\nAW[m] = A[m]', ['output-never-produced']],
  ])('%s', (_, body, expected) => expect(codes(body)).toEqual(expected));
});

describe('mistakes on the way from one version to the next', () => {
  test.each([
    [
      'all versions at once',
      `${io}C[m, p] = A[m, p, k] * R[m, p]\nS[p] = C[m, p]\nR[0, p] = 0\nR[m+1, p] = R[m, p] + S[p]\nZ[p] = R[M, p]`,
      ['dependency-cycle'],
    ],
    [
      'the last version',
      `${io}R[0, p] = 0\nS[0, p] = 0\nR[m+1, p] = S[m, p] + A[m, p, k]\nS[m+1, p] = R[M, p]\nZ[p] = S[M, p]`,
      ['dependency-cycle'],
    ],
    [
      'a later iteration',
      `${io}C[m, p] = A[m, p, k] * R[m, p]\nR[0, p] = 0\nR[m+1, p] = C[m+1, p]\nZ[p] = R[M, p]`,
      ['dependency-cycle'],
    ],
    [
      'a version that comes later in the text',
      `${io}R[0, p] = 0\nS[0, p] = 0\nR[m+1, p] = S[m+1, p] + A[m, p, k]\nS[m+1, p] = R[m, p]\nZ[p] = R[M, p] + S[M, p]`,
      ['read-before-produced'],
    ],
    ['itself', `${io}R[0, p] = 0\nR[m+1, p] = R[m+1, p] + A[m, p, k]\nZ[p] = R[M, p]`, ['read-before-produced']],
  ])('needs %s', (_, body, expected) => expect(codes(body)).toEqual(expected));
});

test('at most fifty mistakes are reported', () => {
  const body = Array.from({ length: 100 }, (_, i) => `T${i}[m] = U${i}[m]`).join('\n');
  expect(codes(`${io}${body}`)).toHaveLength(50);
});

test('mistakes come in the order of the text, and warnings only without errors', () => {
  expect(codes(`${io}Y[m] = A[m, p, x]\nZ[m] = B[m]`)).toEqual(['unknown-variable', 'unknown-tensor']);
  expect(codes(`input A[M], B[P]\nparam W = 1\noutput Z\nY[m] = A[m]\nZ[m] = A[m]`)).toEqual([
    'unused-rank',
    'unused-tensor',
    'unused-parameter',
    'unused-tensor',
  ]);
});
