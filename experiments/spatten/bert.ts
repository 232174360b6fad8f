import type { Job } from '../job.ts';
import { head_size } from './rows.ts';

/** A layer of BERT, keys and values of the next head fetched meanwhile. */
export const bertJob = (layer: {
  readonly length: number;
  readonly heads?: number;
  readonly format?: string;
  readonly hardware?: string;
  readonly parameters?: Readonly<Record<string, string>>;
}): Job => {
  const { length, heads = 12, format = 'int8', hardware = 'spatten', parameters = {} } = layer;
  return {
    run: {
      cascade: 'attention-2-pass-unshifted',
      hardware,
      mapping: 'spatten-bert',
      workload: undefined,
      sizes: { B: 1, H: heads, P: length, M: length, E: head_size, F: head_size },
      formats: { K: format, V: format },
      parameters,
    },
    model: 'analytic',
  };
};
