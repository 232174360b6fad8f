import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Keep, PlacedMapping } from '../../src/mapper/placed.ts';
import { type ChroniclePart, chronicleOf } from '../../src/models/cycle/chronicle.ts';
import { simulateCycles } from '../../src/models/cycle/simulate.ts';
import { recordTimeline, type Timeline } from '../../src/models/cycle/timeline.ts';
import { machineResources } from '../../src/models/resources.ts';
import { type TraceInput, type TraceSummary, writeTrace } from '../../src/report/trace.ts';
import { anyTriple } from '../arbitraries/triple/triple.ts';
import { must, place, shippedMachine, workloadOf } from '../mapper/inputs.ts';
import { foldLoop, runLoop, type Step, timelineOf } from '../models/cycle/pipeline.ts';
import { endOnFailure, runs } from '../runs.ts';

const placed = must(
  place(
    `mapping tiles
  keep A, B, Z in DRAM
  for n by 128 pipeline 2
    keep B in GlobalBuffer stages 2
    compute Z on Array2D (rows m, columns n)
`,
    workloadOf('gemm', { M: 512, N: 512, K: 64 }),
    await shippedMachine('fusemax'),
  ),
);
const keep = placed.keeps.find((k) => k.parent !== undefined) as Keep;

const steps: readonly Step[] = [
  { kind: 'fill', resource: 0, hold: 40, latency: 7, waits: [], keep, bytes: 100 },
  { kind: 'drain', resource: 1, hold: 61, latency: 0, waits: [{ step: 0, back: 0 }], keep, bytes: 100 },
];
const operations = runLoop(steps, 100, 2);
const whole = timelineOf(operations);
const folded = foldLoop(operations, 2, 2)!;

type Event = {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid?: number;
  readonly ts: number;
  readonly dur: number;
  readonly cat?: string;
  readonly args: Readonly<Record<string, unknown>>;
};

const blockOf = (timeline: Timeline, label = ''): ChroniclePart => {
  const scene = { label, around: { placed, outside: new Set<Keep>(), above: [] }, timeline: () => timeline };
  return { kind: 'block', ticks: timeline.ticks, sum: [{ scene, times: 1 }] };
};

function trace(
  run: readonly (Timeline | ChroniclePart)[],
  options: Partial<Pick<TraceInput, 'window' | 'most' | 'clock_hz'>> = {},
): { readonly events: readonly Event[]; readonly summary: TraceSummary } {
  let text = '';
  const summary = writeTrace(
    {
      levels: placed.machine.levels.map((l) => l.name),
      resources: [
        { name: 'DRAM.read', level: 0 },
        { name: 'Array2D', level: keep.level },
      ],
      clock_hz: 1e9,
      ticksPerCycle: 4,
      nameOf: () => 'B',
      tensorOf: () => 'B',
      window: undefined,
      most: 1e6,
      ...options,
      chronicle: chronicleOf(run.map((part) => ('kind' in part ? part : blockOf(part)))),
    },
    (piece) => {
      text += piece;
    },
  );
  return { events: (JSON.parse(text) as { traceEvents: Event[] }).traceEvents, summary };
}

const trackOf = (e: Event): string => `${e.pid} ${e.tid}`;
/** As viewers read them. */
const nanoseconds = (us: number): number => Math.trunc(us * 1000);

function byTrack(events: readonly Event[], ph: string): ReadonlyMap<string, readonly Event[]> {
  const tracks = new Map<string, Event[]>();
  for (const e of events.filter((x) => x.ph === ph)) tracks.set(trackOf(e), [...(tracks.get(trackOf(e)) ?? []), e]);
  return tracks;
}

const namesOf = (events: readonly Event[], what: string): readonly unknown[] =>
  events.filter((e) => e.ph === 'M' && e.name === what).map((e) => e.args['name']);

describe.each([
  ['whole', [whole]],
  ['folded', [folded]],
  ['several', [whole, folded, whole]],
] as const)('a trace, %s', (_, timelines) => {
  const { events, summary } = trace(timelines);

  test('names a process for each level and a thread for each unit and port, once', () => {
    expect(namesOf(events, 'process_name')).toEqual(['run', ...placed.machine.levels.map((l) => l.name)]);
    expect(namesOf(events, 'thread_name')).toEqual(['steps', 'folded', 'DRAM.read', 'Array2D']);
    const named = new Set(events.filter((e) => e.name === 'thread_name').map(trackOf));
    for (const e of events) if (e.ph === 'X' || e.ph === 'i') expect(named).toContain(trackOf(e));
    const processed = new Set(events.filter((e) => e.name === 'process_name').map((e) => e.pid));
    for (const e of events) expect(processed).toContain(e.pid);
  });

  test('slices of a track come in order and never overlap', () => {
    const tracks = byTrack(events, 'X');
    expect(tracks.size).toBeGreaterThan(1);
    for (const slices of tracks.values()) {
      let end = 0;
      for (const { ts, dur } of slices) {
        expect(nanoseconds(ts)).toBeGreaterThanOrEqual(end);
        end = nanoseconds(ts) + nanoseconds(dur);
      }
    }
  });

  test('counters come in order', () => {
    for (const values of byTrack(events, 'C').values()) {
      expect(values.map((v) => v.ts)).toEqual(values.map((v) => v.ts).sort((a, b) => a - b));
    }
  });

  test('nothing is cut', () => {
    expect(summary).toEqual({ events: events.filter((e) => e.ph === 'X' || e.ph === 'C').length, cut_s: undefined });
  });
});

describe('what is in a trace', () => {
  test('a slice for each time that a resource is held, with its cause', () => {
    const slices = trace([whole]).events.filter((e) => e.ph === 'X' && e.cat !== 'step');
    expect(slices).toHaveLength(200);
    // Work takes 61 of 4 ticks a cycle of 1 ns; the first begins when the first load has come.
    expect(slices[2]).toMatchObject({
      name: 'drain B',
      cat: 'drain',
      args: { start_cycle: 47 / 4, result_cycle: 108 / 4, waited_for: 'fill B', because_of: 'transfer' },
    });
    expect(slices.filter((e) => e.name === 'drain B').every((e) => [15, 16].includes(nanoseconds(e.dur)))).toBe(true);
  });

  test('what is folded is marked, and not shown', () => {
    const { events } = trace([folded]);
    const marks = events.filter((e) => e.cat === 'fold');
    expect(marks).toHaveLength(1);
    const { times } = folded.folds[0]!;
    expect(marks[0]!.name).toMatch(new RegExp(`^folded: ${times} x 2 operations of loop m, \\d+\\.?\\d* µs$`));
    expect(marks[0]!.dur).toBeCloseTo((times * 61) / 4 / 1000, 3);
    expect(events.filter((e) => e.ph === 'X')).toHaveLength(2 + 200 - 2 * times);
  });

  test('a window shows what runs in it, also of what is folded, and only that', () => {
    const window = { from: 3000, to: 3500 };
    const shown = (t: Timeline) =>
      trace([t], { window })
        .events.filter((e) => e.ph === 'X' && e.cat !== 'fold' && e.cat !== 'step')
        .map((e) => [e.name, e.ts, e.dur]);
    expect(shown(folded)).toEqual(shown(whole));
    const ran = operations.filter((o) => o.start < window.to && o.finish > window.from);
    expect(shown(whole)).toHaveLength(ran.length);
    const { events } = trace([whole, whole], { window });
    expect(events.filter((e) => e.cat === 'step')).toHaveLength(1);
    expect(events.filter((e) => e.ph === 'i').map((e) => [e.name, nanoseconds(e.ts)])).toEqual([
      ['window begins', 750],
      ['window ends', 875],
    ]);
  });

  test('what comes several times is shown once, and in a window where it falls', () => {
    const repeat: ChroniclePart = { kind: 'repeat', times: 10, chronicle: chronicleOf([blockOf(whole, 'h=0')]) };
    const { events } = trace([repeat, { kind: 'ports', ticks: 8 }]);
    const of = (cat: string) => events.filter((e) => e.cat === cat).map((e) => [e.name, nanoseconds(e.ts)]);
    const each = whole.ticks / 4;
    expect(of('step')).toEqual([['h=0', 0]]);
    expect(of('repeated')).toEqual([
      [expect.stringMatching(/^folded: 9 times what is just before it, /), Math.floor(each)],
    ]);
    expect(of('ports')).toEqual([['shared ports are busy', Math.floor(10 * each)]]);
    const window = { from: 7 * whole.ticks + 3000, to: 7 * whole.ticks + 3500 };
    const shown = (run: readonly (Timeline | ChroniclePart)[], w: typeof window) =>
      trace(run, { window: w })
        .events.filter((e) => e.ph === 'X' && e.cat !== 'step')
        .map((e) => e.name);
    expect(shown([repeat], window)).toEqual(shown([whole], { from: 3000, to: 3500 }));
  });

  test('a full trace says where it was cut', () => {
    const { events, summary } = trace([whole, folded], { most: 20 });
    expect(events.filter((e) => e.ph === 'X' || e.ph === 'C')).toHaveLength(20);
    const last = events.at(-1)!;
    expect(last).toMatchObject({ ph: 'i', name: 'the trace ends here: it has 20 events' });
    expect(summary.events).toBe(20);
    expect(nanoseconds(last.ts)).toBe(Math.floor(summary.cut!.at_s * 1e9));
    for (const e of events) if (e.ph === 'X' || e.ph === 'C') expect(e.ts).toBeLessThanOrEqual(last.ts);
  });

  test('operations that were not kept are missed where the window goes on after them', () => {
    const { observer, finish } = recordTimeline(30);
    for (const o of operations) observer.onOperation!(o);
    observer.onEnd!(whole.ticks);
    const kept = finish();
    expect(kept).toMatchObject({ complete: false, ticks: whole.ticks });
    const { events, summary } = trace([kept]);
    expect(summary.cut!.reason).toBe('more operations came than were kept');
    expect(events.at(-1)).toMatchObject({ ph: 'i', name: 'the trace ends here: more operations came than were kept' });
    const early = { from: 0, to: operations[20]!.start };
    expect(trace([kept], { window: early })).toEqual(trace([whole], { window: early }));
  });

  test('times are exact to the nanosecond for viewers that cut off the rest', () => {
    // A clock of 4 GHz with 4 ticks a cycle would make ticks of 1/16 ns; with one of 250 MHz a tick is a nanosecond.
    const slices = trace([whole], { clock_hz: 250e6 }).events.filter((e) => e.ph === 'X' && e.cat !== 'step');
    const starts = operations.map((o) => o.start);
    expect(slices.map((e) => nanoseconds(e.ts))).toEqual(starts);
    expect(slices.map((e) => nanoseconds(e.dur))).toEqual(operations.map((o) => o.holds[0]));
  });
});

describe('random mappings', () => {
  /** The trace of a placed mapping, in a window of it or whole. */
  const traceOf = (p: PlacedMapping, part: { readonly from: number; readonly to: number } | undefined) => {
    const { chronicle, ticks, ticksPerCycle } = simulateCycles(p);
    const { names, levels } = machineResources(p.machine);
    const tensorOf = (tensor: number): string => p.workload.tensors[tensor]!.name;
    let text = '';
    writeTrace(
      {
        levels: p.machine.levels.map((l) => l.name),
        resources: names.map((name, r) => ({ name, level: levels[r]! })),
        clock_hz: 1e9,
        ticksPerCycle,
        nameOf: (o) => o.compute?.einsum.name ?? tensorOf(o.keep!.tensor),
        tensorOf: (t) => tensorOf(t.keep.tensor),
        chronicle,
        window: part === undefined ? undefined : { from: part.from * ticks, to: part.to * ticks },
        most: 20_000,
      },
      (piece) => {
        text += piece;
      },
    );
    return (JSON.parse(text) as { traceEvents: Event[] }).traceEvents;
  };

  test.each([
    ['whole', undefined],
    ['a window', { from: 0.3, to: 0.6 }],
  ])('slices of a track follow each other, and so do the steps of a counter: %s', (_, part) => {
    fc.assert(
      fc.property(anyTriple('long'), ({ placed }) => {
        const events = traceOf(placed, part);
        for (const slices of byTrack(events, 'X').values()) {
          let end = 0;
          for (const { ts, dur } of slices) {
            expect(nanoseconds(ts)).toBeGreaterThanOrEqual(end);
            end = nanoseconds(ts) + nanoseconds(dur);
          }
        }
        for (const steps of byTrack(events, 'C').values())
          expect(steps.map((s) => s.ts)).toEqual(steps.map((s) => s.ts).sort((a, b) => a - b));
      }),
      { numRuns: runs(60), endOnFailure },
    );
  });
});
