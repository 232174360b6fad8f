import type { Reported, Schedules } from './data.ts';
import type { Alike, Numbers } from './rows.ts';

/** A released workload of GPT-2, as it is and without what SpAtten does. */
export type Model = {
  readonly name: string;
  readonly dense: readonly Alike[];
  readonly pruned: readonly Alike[];
  /** With all heads. */
  readonly allHeads: readonly Alike[];
  /** In the released workload: keys of 6 + 4 bits where the high ones do not do, or of 8 + 4 always. */
  readonly released: Numbers;
};

/** What the released test bench does with numbers that are not quantized: keys of 8 + 4 bits, values of 8. */
export const asReleased: Numbers = { K0: 'int8', V: 'int8', low: 'all' };
/** Numbers of the baseline that the paper's reductions are over. */
export const unquantized: Numbers = { K0: 'fp32', V: 'fp32', low: 'none' };
export const progressive: Numbers = { K0: 'int6', V: 'int6', low: 'scheduled' };

export function modelsOf(schedules: Schedules, reported: Reported): readonly Model[] {
  const alikeOf = (name: string): readonly Alike[] => schedules[name]!.alike;
  const model = (name: string, dense: string, pruned: string): Model => {
    const unprunedRows = reported.rows_without_head_pruning[pruned] ?? {};
    const withAllHeads = (alike: Alike): Alike => ({ ...alike, rows: unprunedRows[alike.keys] ?? alike.rows });
    return {
      name,
      dense: alikeOf(dense),
      pruned: alikeOf(pruned),
      allHeads: alikeOf(pruned).map(withAllHeads),
      released: schedules[pruned]!.key_bits === 6 ? progressive : asReleased,
    };
  };
  // Dense contexts are the same for all texts.
  return [
    model('GPT-2-small', 'gpt2-small-wikitext2-dense', 'gpt2-small-wikitext2'),
    model('GPT-2-medium', 'gpt2-medium-ptb-dense', 'gpt2-medium-wikitext2'),
  ];
}

/** Every value of the keys that are left. */
export const allValues = (rows: readonly Alike[]): readonly Alike[] =>
  rows.map((row) => ({ ...row, values: row.keys }));

/** Rows of which a share needs the low bits. */
export const withLowBits = (rows: readonly Alike[], share: number): readonly Alike[] =>
  rows.map((row) => ({ ...row, low_rows: row.rows * share }));

/** Rows of 32-bit numbers do not fit the SRAM; where they are asked for, it is as large as they need. */
export const roomForUnquantized = { SRAM: '1048576 B' };
