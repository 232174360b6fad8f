import type { BarChart } from 'attnsim';
import { lengthText } from '../text.ts';
import { lengths, type VariantKey, variants, workloads } from './rows.ts';

/** Of a variant, a workload and a length. */
export type Lookup = (variant: VariantKey, workload: string, seqlen: number) => number;

export const each = workloads.flatMap((workload) => lengths.map((seqlen) => ({ workload, seqlen })));
const fused = variants.slice(1);

/** A bar a variant: its ratio to the unfused baseline, which is the first of them. */
export const variantBars = (title: string, axis: string, ratio: Lookup, runs = 'batch 64'): BarChart => ({
  kind: 'bars',
  title,
  source: `attnsim, analytic model, ${runs}`,
  y: { title: axis, scale: 'linear' },
  series: fused.map((v) => v.name),
  groups: each.map(({ workload, seqlen }) => ({
    section: workload,
    label: lengthText(seqlen),
    values: fused.map((v) => ratio(v.key, workload, seqlen)),
  })),
  references: [{ label: 'unfused', value: 1 }],
});
