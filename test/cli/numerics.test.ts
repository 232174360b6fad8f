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
