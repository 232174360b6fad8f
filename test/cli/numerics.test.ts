import { describe, expect, test } from 'vitest';
import { runCommand } from '../cases/command-errors.ts';
import { expectDocumented } from '../documented.ts';

const command =
  'execute attention-1-pass --json --set B=1 --set H=1 --set P=32 --set M=256 --set M0=64 --set E=64 --set F=64';
const flash = (format: string): string => `--format fp32 --format Q,K,V,SLN=${format}`;
const fusemax = '--format fp16 --arithmetic fp16 --exp taylor5';

const mapped = '--hardware fusemax --mapping fusemax-binding';

/** What a row is about, and the options that make it. */
const rows: readonly (readonly [string, string])[] = [
  ['fp32 everywhere', '--format fp32'],
  ['fp16 everywhere', '--format fp16'],
  ['the same as mapped: sums are stored after every 8 products', `--format fp16 ${mapped}`],
  ['bf16 everywhere', '--format bf16'],
  ['fp8 everywhere', '--format fp8_e4m3'],
  ['fp16 products, the rest in fp32', flash('fp16')],
  ['bf16 products, the rest in fp32', flash('bf16')],
  ['fp8 E4M3 products, the rest in fp32', flash('fp8_e4m3')],
  ['fp8 E5M2 products, the rest in fp32', flash('fp8_e5m2')],
  ['int8 products, the rest in fp32', flash('int8')],
  ['Taylor of degree 5, all else exact', '--exp taylor5'],
  ['Taylor of degree 3, all else exact', '--exp taylor3'],
  ["FlashAttention-4's polynomial, all else exact", '--exp minimax3'],
  ['the same with bf16 products', `${flash('bf16')} --exp minimax3`],
  ['fp16 with fp16 arithmetic', '--format fp16 --arithmetic fp16'],
  ['FuseMax: fp16 MACs, Taylor of degree 5', fusemax],
];

type Output = {
  readonly errors: { readonly AV: { readonly rmse: number; readonly max_absolute: number; readonly snr_db: number } };
};

const errors = new Map<string, Output['errors']['AV']>();
for (const [, options] of rows) {
  const { code, out, error } = await runCommand(`${command} ${options}`.split(' '));
  expect(code, error).toBe(0);
  errors.set(options, (JSON.parse(out) as Output).errors.AV);
}

const rmse = (options: string): number => errors.get(options)!.rmse;

describe('errors of one-pass attention', () => {
  test('the document has them', () => {
    const head = ['numbers', 'options', 'RMSE', 'largest difference', 'signal to noise'];
    const table = rows.map(([about, options]) => {
      const e = errors.get(options)!;
      return [
        about,
        `\`${options}\``,
        e.rmse.toExponential(1),
        e.max_absolute.toExponential(1),
        `${e.snr_db.toFixed(0)} dB`,
      ];
    });
    expectDocumented('docs/numerics.md', 'numerics', [head, ...table]);
  });

  test('the exponential of FuseMax costs nothing that its 16 bits do not cost', () => {
    expect(rmse('--exp taylor5')).toBeLessThan(rmse('--format fp16') / 1000);
    expect(rmse(fusemax)).toBeLessThan(1.1 * rmse('--format fp16 --arithmetic fp16'));
  });

  test('sums that are stored in 16 bits between the steps of a mapping cost a bit', () => {
    expect(rmse(`--format fp16 ${mapped}`)).toBeGreaterThan(1.2 * rmse('--format fp16'));
    expect(rmse(`--format fp16 ${mapped}`)).toBeLessThan(rmse('--format fp16 --arithmetic fp16'));
  });

  test('a polynomial of degree 3 is hidden by bf16, as FlashAttention-4 holds', () => {
    expect(rmse(`${flash('bf16')} --exp minimax3`)).toBeLessThan(1.02 * rmse(flash('bf16')));
  });

  test('keeping the softmax in fp32 is worth more than it costs in bits of the products', () => {
    for (const format of ['fp16', 'bf16', 'fp8_e4m3'])
      expect(rmse(flash(format))).toBeLessThan(rmse(`--format ${format}`));
  });
});

describe('what execute says of numbers', () => {
  const product = 'execute gemm --set M=2 --set N=2 --set K=3 --inputs test/cli/fixtures/tensors';
  /** The lines below the values. */
  const said = async (line: string): Promise<readonly string[]> =>
    (await runCommand(line.split(' '))).out.split('\n').filter((l) => /^[a-z]|against/.test(l));

  test('formats of some tensors, and the error', async () => {
    expect(await said(`${product} --format A,B=int4`)).toMatchInlineSnapshot(`
      [
        "reference in float64 compared with A B: largest difference 0.0e+0",
        "numbers: int4 for A, B; float64 for the others; arithmetic in fp32",
        "Z against the reference in float64: RMSE 0.226, largest difference 0.286, largest relative difference 0.0714, signal to noise 31.1 dB",
      ]
    `);
  });

  test('the mapping; small integers are exact in any format', async () => {
    expect(await said(`${product} --format declared --hardware fusemax`)).toMatchInlineSnapshot(`
      [
        "reference in float64 compared with A B: largest difference 0.0e+0",
        "run as mapped by gemm-systolic on fusemax",
        "numbers: fp16 for all tensors; arithmetic in fp32",
        "Z against the reference in float64: equal",
      ]
    `);
  });

  test('an overflow is no small error', async () => {
    const overflow = 'execute test/cli/fixtures/overflow.einsum --set M=50 --format bf16';
    expect(await said(overflow)).toMatchInlineSnapshot(`
      [
        "numbers: bf16 for all tensors; arithmetic in fp32",
        "Z against the reference in float64: RMSE 1360, largest difference 9350, largest relative difference 0.0338, signal to noise 43.2 dB",
      ]
    `);
    expect(await said(`${overflow} --format Z=fp16`)).toMatchInlineSnapshot(`
      [
        "numbers: bf16 for A; fp16 for Z; arithmetic in fp32",
        "Z against the reference in float64: RMSE 22.8, largest difference 114, largest relative difference 0.0361, signal to noise 42.8 dB, 2 elements not finite",
      ]
    `);
  });
});
