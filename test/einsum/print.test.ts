import { expect, test } from 'vitest';
import { parseCascade } from '../../src/einsum/parse.ts';
import { printCascade } from '../../src/einsum/print.ts';

const text = `# A comment.
cascade attention-1-pass
  input Q[B,P,E], K[B,M,E] : fp16
  param CAUSAL = 0
  rank B
  rank P, M, E   # sizes
  param G = 1
  rank M1 = ceil(M/M0) default M0=256
  rank HK = 1, HV = 2
  rank default W = 2
  tensor QK : fp32, 
  tensor LM[B, M1, P]
  output RM

  QK[b,m1,m0,p] = Q[b,p,e]*K[b,m1*M0+m0,e]
     where CAUSAL==0 or m1*M0+m0<=p
  LM[b,m1,p]=max(m0) QK[b,m1,m0,p]; 
`;

test('a cascade has one canonical text', () => {
  const clean = text.replace(': fp32, ', ': fp32').replace('; ', '');
  const result = parseCascade({ name: 'test', text: clean });
  expect(result.ok && printCascade(result.value)).toBe(`cascade attention-1-pass
  rank B, P, M, E
  rank M1 = ceil(M / M0)  default M0 = 256
  rank HK = 1
  rank HV = 2  default W = 2
  param CAUSAL = 0, G = 1
  input Q[B, P, E], K[B, M, E] : fp16
  tensor QK : fp32
  tensor LM[B, M1, P]
  output RM

  QK[b, m1, m0, p] = Q[b, p, e] * K[b, m1 * M0 + m0, e] where CAUSAL == 0 or m1 * M0 + m0 <= p
  LM[b, m1, p] = max(m0) QK[b, m1, m0, p]
`);
  expect(parseCascade({ name: 'test', text }).ok).toBe(false);
});
