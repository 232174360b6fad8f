import { expect, test } from 'vitest';
import { evaluateCascade } from '../../src/einsum/evaluate.ts';
import { numericError } from '../../src/einsum/numeric-error.ts';
import { emulate } from '../../src/einsum/numerics.ts';
import { randomInputs } from '../../src/einsum/random-inputs.ts';
import { expectDocumented } from '../documented.ts';
import { bindShipped } from '../einsum/bind.ts';

/**
 * FlashAttention-3 (Shah et al., arXiv 2407.08608), the table of numerical errors: RMSE against float64, of inputs drawn
 * from N(0, 1) + N(0, 100) Bernoulli(0.001), which stand for the outliers of language models.
 */
const published = { standard_fp16: 3.2e-4, flash_fp16: 1.9e-4, standard_fp8: 2.4e-2 };

const sizes = { B: 1, H: 1, P: 64, M: 512, E: 64, F: 64 };

/** Each about normal; every 997th element, which is a prime, has an outlier on top. 1/sqrt(E) is folded into Q. */
function inputsWithOutliers(w: ReturnType<typeof bindShipped>): ReadonlyMap<string, Float64Array> {
  const [normal, outlier] = [randomInputs(w, 1), randomInputs(w, 2)];
  return new Map(
    [...normal].map(([name, values]) => {
      const others = outlier.get(name)!;
      const scale = name === 'Q' ? 1 / Math.sqrt(sizes.E) : 1;
      // Random inputs have a standard deviation of 1/2.
      return [name, values.map((v, i) => scale * (2 * v + (i % 997 === 500 ? 20 * others[i]! : 0)))];
    }),
  );
}

/** RMSE of a cascade whose tensors have a format each, and fp32 where none is said. */
function rmse(cascade: string, formats: Readonly<Record<string, string>> | string): number {
  const w = bindShipped(cascade, cascade === 'attention-1-pass' ? { ...sizes, M0: 128 } : sizes);
  const inputs = inputsWithOutliers(w);
  const exact = evaluateCascade(w, inputs);
  const formatOf = (name: string): string => (typeof formats === 'string' ? formats : (formats[name] ?? 'fp32'));
  const chosen = new Map(w.tensors.map((t) => [t.name, formatOf(t.name)]));
  const numerics = emulate(w, { formats: chosen, arithmetic: 'fp32', exponential: { kind: 'exact' } }, exact);
  return numericError(exact.get('AV')!, evaluateCascade(w, inputs, numerics).get('AV')!).rmse;
}

test('errors of attention with outliers are about those that FlashAttention-3 reports', () => {
  const rows = [
    {
      about: 'standard attention, all tensors in fp16',
      paper: published.standard_fp16,
      here: rmse('attention-3-pass', 'fp16'),
    },
    {
      about: 'FlashAttention-2, fp16 products, the rest in fp32',
      paper: published.flash_fp16,
      here: rmse('attention-1-pass', { Q: 'fp16', K: 'fp16', V: 'fp16', SLN: 'fp16', AV: 'fp16' }),
    },
    {
      about: 'standard attention, fp8 products, the rest in fp32',
      paper: published.standard_fp8,
      here: rmse('attention-3-pass', { Q: 'fp8_e4m3', K: 'fp8_e4m3', V: 'fp8_e4m3', A: 'fp8_e4m3', AV: 'fp16' }),
    },
  ];
  for (const { paper, here } of rows) {
    expect(here).toBeGreaterThan(paper / 2);
    expect(here).toBeLessThan(paper * 2);
  }
  expectDocumented('docs/numerics.md', 'published', [
    ['numbers', 'published RMSE', 'here'],
    ...rows.map((r) => [r.about, r.paper.toExponential(1), r.here.toExponential(1)]),
  ]);
});
