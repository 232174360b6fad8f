import { busyCycles, count, kindOf } from './kind.ts';

/** A row of which some of the largest elements are kept. */
type Selected = { readonly length: number; readonly kept: number; readonly comparators: number };

const sizes = ['length', 'kept', 'comparators'];

/** Passes of the top-k engine on rows of random values. Taking the rows in is not part of it: lanes enough do so within a cycle. */
export const topK = kindOf<Selected>({
  table: 'top_k',
  cascade: 'top-k',
  required: sizes,
  figures: [
    {
      name: 'top_k_cycles',
      title: 'top-k',
      unit: 'cycles',
      error: 'relative',
      tolerance: { analytic: 0.015, cycle: 0.015 },
      read: busyCycles('TopK'),
    },
  ],
  fields: Object.fromEntries(sizes.map((name) => [name, count(2 ** 16)])),
  plan: ({ length, kept, comparators }) => ({
    series: 'top-k',
    label: `${kept} of ${length}, ${comparators} comparators`,
    runs: [
      {
        cascade: 'top-k',
        hardware: 'spatten',
        mapping: 'top-k',
        workload: undefined,
        sizes: { P: 1, M: length, K: kept },
        parameters: {
          COMPARATORS: String(comparators),
          OVERLAP: '1',
          MULTIPLIERS: String(64 * length),
          TOP_K_ROW: String(Math.max(2048, length)),
        },
      },
    ],
  }),
});
