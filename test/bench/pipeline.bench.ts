import { bench, describe } from 'vitest';
import { checkCascade } from '../../src/einsum/check.ts';
import { parseCascade } from '../../src/einsum/parse.ts';
import { parseMapping } from '../../src/mapper/parse.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import type { PlacedMapping } from '../../src/mapper/placed.ts';
import { evaluateMapping } from '../../src/models/evaluate.ts';
import { must, shipped, shippedMachine, shippedNames, workloadOf } from '../mapper/inputs.ts';

const fusemax = await shippedMachine('fusemax');
const mapping = must(parseMapping(shipped('mappings', 'fusemax-binding.map')));
const workload = (sizes: Readonly<Record<string, number>>) =>
  workloadOf('attention-1-pass', { B: 64, H: 12, E: 64, F: 64, ...sizes });
const placed = (sizes: Readonly<Record<string, number>>): PlacedMapping =>
  must(placeMapping(mapping, workload(sizes), fusemax));

const cascades = shippedNames('cascades', '.einsum').map((name) => shipped('cascades', `${name}.einsum`));
const at64K = placed({ P: 2 ** 16, M: 2 ** 16 });
const at1M = placed({ P: 2 ** 20, M: 2 ** 20 });

/** Past the compilation of hot code. */
const many = { time: 2000, warmupTime: 1500 };
/** For what takes a good part of a second. */
const few = { time: 0, iterations: 5, warmupTime: 0, warmupIterations: 1 };

describe('reading', () => {
  bench(
    `parse and check all ${cascades.length} shipped cascades`,
    () => {
      for (const source of cascades) must(checkCascade(must(parseCascade(source))));
    },
    many,
  );

  bench(
    'bind and place fusemax-binding, BERT at 64K',
    () => {
      placed({ P: 2 ** 16, M: 2 ** 16 });
    },
    many,
  );
});

describe('analytic model', () => {
  bench(
    'evaluate fusemax-binding, BERT at 64K',
    () => {
      evaluateMapping(at64K, 'analytic');
    },
    many,
  );
});

describe('cycle simulator', () => {
  bench(
    'fusemax-binding, BERT at 64K, folded',
    () => {
      evaluateMapping(at64K, 'cycle');
    },
    few,
  );

  bench(
    'fusemax-binding, BERT at 1M, folded',
    () => {
      evaluateMapping(at1M, 'cycle');
    },
    few,
  );
});
