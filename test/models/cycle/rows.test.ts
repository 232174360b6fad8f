import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PlacedMapping } from '../../../src/mapper/placed.ts';
import { type Course, followCourse } from '../../../src/models/course.ts';
import { counterLayout } from '../../../src/models/cycle/counters.ts';
import { recordBlock } from '../../../src/models/cycle/record.ts';
import { sumOfRow } from '../../../src/models/cycle/rows.ts';
import { type BlockRun, runTape } from '../../../src/models/cycle/run.ts';
import { dispatchSteps, type Row } from '../../../src/models/dispatch.ts';
import { machineResources } from '../../../src/models/resources.ts';
import { countTraffic } from '../../../src/models/traffic.ts';
import { anyTriple } from '../../arbitraries/triple/triple.ts';
import { atDataSheetRates, machineOf, shippedSource } from '../../arch/shipped.ts';
import { must, place, shipped, workloadOf } from '../../mapper/inputs.ts';

type Grid = Course<BlockRun> & { kind: 'grid' };

/** The grids of a mapping whose instances are persistent. */
function gridsOf(p: PlacedMapping): readonly Grid[] {
  const resources = machineResources(p.machine);
  const layout = counterLayout(p, resources);
  const factors = new Float64Array(resources.names.length).fill(1);
  const course = followCourse<BlockRun>(p, countTraffic(p), (costs, block, starts) =>
    runTape(recordBlock(costs, block, starts), { ticksPerCycle: 1024, layout, folding: true, factors, resources }),
  );
  const collect = (c: Course<BlockRun>): readonly Grid[] => {
    if (c.kind === 'sequence') return c.parts.flatMap((part) => collect(part.course));
    return c.kind === 'grid' && c.inRow !== undefined ? [c] : [];
  };
  return collect(course);
}

const ticksOf = (row: Row<BlockRun>, grid: Grid): number =>
  sumOfRow(row, grid, (run) => run.ticks).reduce((ticks, { step, times }) => ticks + times * step.ticks, 0);

// The machines and mappings are always the same: a step with much latency and little else may take its time to settle.
// A lag may need more steps in flight than there can be in rows that are longer than those of the mapping.
const grids = fc
  .sample(anyTriple(), { numRuns: 600, seed: 3 })
  .flatMap(({ placed }) => (placed.computes.some((c) => c.lag > 0) ? [] : gridsOf(placed)));

/** Time as put together over time of all in one run, of each case. */
const ratios = (cases: (grid: Grid) => readonly (readonly [number, number])[]): readonly number[] =>
  grids.flatMap((grid) => cases(grid).map(([together, whole]) => together / whole));
const shareOfExact = (all: readonly number[]): number => all.filter((ratio) => ratio === 1).length / all.length;

test('long rows of equal steps take as long as when they are simulated as a whole', () => {
  const rows = ratios((grid) =>
    grid.steps.slice(0, 2).flatMap(({ step }) =>
      [3 * grid.inFlight + 1, 4 * grid.inFlight, 6 * grid.inFlight - 1].map((length) => {
        const whole = grid.inRow!(new Array<BlockRun>(length).fill(step)).ticks;
        return [ticksOf({ before: undefined, step, length }, grid), whole] as const;
      }),
    ),
  );
  expect(rows.length).toBeGreaterThan(100);
  expect(shareOfExact(rows)).toBeGreaterThan(0.97);
});

test.each(['flash-attention-2', 'flash-attention-3'])(
  'the causal tiles of %s, put together from pairs, take as long as all in one run',
  async (mapping) => {
    const { text } = shipped('mappings', `${mapping}.map`);
    const line = 'for p by ROWS across SM';
    const workload = workloadOf('attention-1-pass', { B: 1, H: 1, P: 2048, M: 2048, M0: 128, E: 64, F: 64, CAUSAL: 1 });
    const h100 = await machineOf(shippedSource('h100-sxm'), atDataSheetRates);
    const [grid] = gridsOf(must(place(text.replace(line, `${line} persistent pipeline 2`), workload, h100)));
    const { ends } = dispatchSteps(grid!.steps, 1, 'dynamic', (row) => ticksOf(row, grid!));
    const whole = grid!.inRow!(grid!.steps.map(({ step }) => step)).ticks;
    const apart = grid!.steps.reduce((ticks, { step }) => ticks + step.ticks, 0);
    expect(grid!.steps).toHaveLength(16);
    expect(whole).toBeLessThan(apart);
    expect(Math.abs(ends[0]! / whole - 1)).toBeLessThan(1e-4);
  },
);
