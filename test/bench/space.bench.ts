import { bench, describe } from 'vitest';
import { space } from '../sweep/experiments.ts';

const axes = (count: object): object[] => [
  { name: 'PES', values: [64, 128, 256] },
  { name: 'BUFFER', from: '4 MiB', to: '64 MiB', factor: 2 },
  { name: 'BW', from: '100 GB/s', to: '1 TB/s', scale: 'log', ...count },
  { name: 'L', from: 1024, to: 1048576, factor: 4 },
  { name: 'X', from: 1, to: 9, step: 2 },
  {
    zip: [
      { name: 'CASCADE', values: ['attention-1-pass', 'attention-3-pass'] },
      { name: 'MAPPING', values: ['fusemax-binding', 'flat'] },
    ],
  },
];

const points = 9000;
const spaces = await Promise.all(
  (['grid', 'random', 'latin-hypercube', 'sobol'] as const).map(async (method) => ({
    method,
    space: await space({
      axes: axes(method === 'grid' ? { count: 10 } : {}),
      derived: { WORDS: 'PES * BUFFER / 2 B' },
      where: ['BUFFER >= 8 MiB or PES < 128', 'CASCADE == "attention-1-pass" or L < 100000'],
      cascade: { axis: 'CASCADE' },
      mapping: { axis: 'MAPPING' },
      set: { P: 'L', M: 'L' },
      param: { PE_DIM: 'PES', BANDWIDTH: 'BW', EXP_CYCLES: 'X' },
      ...(method === 'grid' ? {} : { sampling: { method, points, seed: 1 } }),
    }),
  })),
);

describe(`${points} points of 7 axes, a derived value and 2 conditions`, () => {
  for (const { method, space: s } of spaces) {
    const values = new Float64Array(s.axes.length + s.derived.size);
    bench(method, () => {
      for (let point = 0; point < s.points; point++) s.read(point, values);
    });
  }
});
