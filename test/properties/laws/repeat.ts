import { expect } from 'vitest';
import { parseMapping } from '../../../src/mapper/parse.ts';
import { printMapping } from '../../../src/mapper/print.ts';
import { evaluateMapping } from '../../../src/models/evaluate.ts';
import { bind } from '../../einsum/bind.ts';
import { placeAgain } from './change.ts';
import type { Law } from './law.ts';

/** Law 7: same inputs, same results, whatever ran before. */
export const lawsOfRepetition: readonly Law[] = [
  {
    name: 'law 7: read, bound, placed and evaluated again, from the printed mapping, nothing differs',
    holds: ({ cascade, mapping, machine, analytic, simulated }) => {
      const read = parseMapping({ name: 'again.map', text: printMapping(mapping) });
      if (!read.ok) throw new Error(read.diagnostics.map((d) => d.message).join('\n'));
      const again = placeAgain(read.value, bind(cascade.text, cascade.sizes), machine);
      // The other way round than usual, so that one model leaves nothing behind for the other.
      const [second, first] = [evaluateMapping(again, 'cycle'), evaluateMapping(again, 'analytic')];
      expect(first).toEqual(analytic());
      expect(second).toEqual(simulated());
    },
  },
];
