import { describe, expect, test } from 'vitest';
import { parseMapping } from '../../src/mapper/parse.ts';
import { placeMapping } from '../../src/mapper/place.ts';
import type { PlacedMapping } from '../../src/mapper/placed.ts';
import type { ChronicleBlock } from '../../src/models/cycle/chronicle.ts';
import { criticalPath } from '../../src/models/cycle/critical-path.ts';
import { occupancy, sampleProfile } from '../../src/models/cycle/occupancy.ts';
import { simulateCycles } from '../../src/models/cycle/simulate.ts';
import type { Timeline } from '../../src/models/cycle/timeline.ts';
import { countTraffic } from '../../src/models/traffic.ts';
import { must, shipped, shippedMachine, workloadOf } from '../mapper/inputs.ts';

const fusemax = await shippedMachine('fusemax');

function place(name: string): PlacedMapping {
  const sizes = { B: 2, H: 2, E: 16, F: 16, P: 2048, M: 4096 };
  return must(
    placeMapping(
      must(parseMapping(shipped('mappings', `${name}.map`))),
      workloadOf('attention-1-pass', sizes),
      fusemax,
    ),
  );
}

function timelineOf(p: PlacedMapping, folding: boolean): Timeline {
  const { ticks, chronicle } = simulateCycles(p, countTraffic(p), { folding });
  const [block] = chronicle.parts as readonly [ChronicleBlock];
  const timeline = block.sum[0]!.scene.timeline();
  expect(timeline.ticks).toBe(ticks);
  return timeline;
}

describe.each(['fusemax-binding', 'fusemax-architecture'])('%s', (name) => {
  const placed = place(name);
  const folded = timelineOf(placed, true);
  const walked = timelineOf(placed, false);

  test('folds stand for operations that are not walked', () => {
    expect(walked.folds).toEqual([]);
    expect(folded.folds.length).toBeGreaterThan(0);
    expect(folded.operations.length).toBeLessThan(walked.operations.length);
  });

  test('the critical path is the same, and as long as the run', () => {
    const path = criticalPath(folded);
    expect(path.reduce((sum, part) => sum + part.ticks, 0)).toBe(folded.ticks);
    expect(path).toEqual(criticalPath(walked));
  });

  test('buffers are as full, at most and over time', () => {
    const seen = (t: Timeline): readonly unknown[] =>
      occupancy({ placed, outside: new Set(), above: [] }, t).map((p) => [p.peak, sampleProfile(p, 64)]);
    expect(seen(folded)).toEqual(seen(walked));
  });
});
