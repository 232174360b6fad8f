import { success } from '../../src/diagnostic.ts';
import type { Executor } from '../../src/sweep/executor.ts';
import { evaluateTimed } from '../../src/sweep/executor.ts';
import type { Sink } from '../../src/sweep/run-sweep.ts';
import type { SweepTexts } from '../../src/sweep/sweep-texts.ts';
import type { Cells, Range, Rows } from '../../src/sweep/table.ts';
import { type Made, type MadeSweep, openSweep } from './made-sweep.js';

export const madeTexts = (made: Made): SweepTexts => ({
  experiment: { name: 'made', text: JSON.stringify(made) },
  files: {},
});

export async function openMade(made: Made): Promise<MadeSweep> {
  const sweep = await openSweep(madeTexts(made));
  if (!sweep.ok) throw new Error('made-up sweeps open');
  return sweep.value;
}

/** Evaluates in this thread, so many ranges at a time. */
export const inThisThread = (sweep: MadeSweep, parallelism = 1, underWay: readonly Range[] = []): Executor => ({
  parallelism: () => parallelism,
  underWay,
  evaluate: async (range) => success(await evaluateTimed(sweep, range)),
  stop: async () => {},
});

/** Rows as lines, by point. */
export type Table = ReadonlyMap<number, string>;

const cell = (cells: Cells, row: number): number | string | undefined =>
  'codes' in cells ? cells.texts[cells.codes[row]!] : cells[row];

const linesOf = ({ points, columns }: Rows): readonly (readonly [number, string])[] =>
  [...points].map((point, row) => [point, columns.map((cells) => cell(cells, row)).join(' ')]);

export const allLines = async (sweep: MadeSweep): Promise<Table> =>
  new Map(linesOf(await sweep.evaluate({ first: 0, count: sweep.points })));

/** A store in memory, which wants every row once. */
export function openMemory(): Sink & { readonly ranges: Range[]; readonly table: Map<number, string> } {
  const ranges: Range[] = [];
  const table = new Map<number, string>();
  let busy = false;
  return {
    ranges,
    table,
    append: async (rows) => {
      if (busy) throw new Error('two appends at a time');
      busy = true;
      await new Promise((resolve) => setImmediate(resolve));
      for (const [point, line] of linesOf(rows)) {
        if (table.has(point)) throw new Error(`point ${point} came twice`);
        table.set(point, line);
      }
      ranges.push(rows.range);
      busy = false;
      return success(undefined);
    },
  };
}
