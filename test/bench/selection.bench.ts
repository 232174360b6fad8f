import { bench, describe } from 'vitest';
import type { Selector } from '../../src/arch/machine.ts';
import { serviceCycles } from '../../src/models/select/expected-selection.ts';
import { selectRow } from '../../src/models/select/selection.ts';
import { uniformDraws } from '../../src/models/select/uniform.ts';
import { selectorWith } from '../models/select/selectors.ts';

const draw = uniformDraws(1);
const row = Float64Array.from({ length: 1024 }, draw);
/** Past the compilation of hot code. */
const many = { time: 1000, warmupTime: 500 };

describe.each(['quick-select', 'bitonic', 'heap'] as const)('%s, 16 comparators', (algorithm) => {
  const selector: Selector = selectorWith({ algorithm });

  bench(
    'select 204 of 1024 elements on values',
    () => {
      selectRow(selector, row, 204, draw);
    },
    many,
  );

  bench(
    'closed form, 204 of 1024',
    () => {
      serviceCycles(selector, 1024, 204);
    },
    many,
  );

  bench(
    'closed form, 2 million of 10 million',
    () => {
      serviceCycles(selector, 1e7, 2e6);
    },
    many,
  );
});
