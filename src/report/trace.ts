import { blocksBetween, type Chronicle, type ShownBlock } from '../models/cycle/chronicle.ts';
import type { Operation } from '../models/cycle/observer.ts';
import { occupancy, type Profile, profileSteps } from '../models/cycle/occupancy.ts';
import { operationsBetween, type Timeline } from '../models/cycle/timeline.ts';
import { bytesText, engineering } from './quantity-text.ts';

/**
 * Traces in the Chrome trace-event format ("Trace Event Format", Google, 2016), which Perfetto and chrome://tracing
 * open: a process for each level of the machine, in it a thread for each unit and port, a slice for each time that an
 * operation holds one, and a counter of the bytes in use. What was folded is marked on a thread of its own. Times are
 * in microseconds, in whole nanoseconds, as the viewers keep no finer ones.
 */
export type TraceInput = {
  readonly levels: readonly string[];
  /** Units and ports, by position as operations hold them. */
  readonly resources: readonly { readonly name: string; readonly level: number }[];
  readonly clock_hz: number;
  readonly ticksPerCycle: number;
  /** Name of an operation's Einsum or tensor. */
  readonly nameOf: (operation: Operation) => string;
  readonly tensorOf: (touch: Operation['touches'][number]) => string;
  readonly chronicle: Chronicle;
  /** Only what runs in these ticks; what was folded is then shown in full. */
  readonly window: Window | undefined;
  /** Most events that are written, names and notes not counted. */
  readonly most: number;
};

type Window = { readonly from: number; readonly to: number };

/** What became of a trace. */
export type TraceSummary = {
  readonly events: number;
  /** Where nothing could be written from some time on: that time, and why. */
  readonly cut: { readonly at_s: number; readonly reason: string } | undefined;
};

type Event = { readonly [field: string]: unknown };
/** An event, or word that from here on operations were not kept. */
type Timed = { readonly at: number; readonly event: Event | undefined };
type Track = { readonly pid: number; readonly tid: number };

/** Process of the run as a whole; those of the levels come after it. */
const run = 1;
const steps: Track = { pid: run, tid: 1 };
const folds: Track = { pid: run, tid: 2 };

/** Writes a trace piece by piece. */
export function writeTrace(input: TraceInput, write: (text: string) => void): TraceSummary {
  const { window, levels, resources, chronicle } = input;
  let first = true;
  const emit = (event: Event): void => {
    write(`${first ? '' : ',\n'}${JSON.stringify(event)}`);
    first = false;
  };
  write('{"displayTimeUnit":"ns","traceEvents":[\n');
  nameProcess(emit, run, 'run', ['steps', 'folded']);
  const tracks: Track[] = [];
  levels.forEach((level, l) => {
    const threads: string[] = [];
    resources.forEach((r, i) => {
      if (r.level === l) tracks[i] = { pid: run + 1 + l, tid: threads.push(r.name) };
    });
    nameProcess(emit, run + 1 + l, level, threads);
  });
  if (window !== undefined) emit(note(input, window.from, 'window begins'));
  let events = 0;
  let cut: TraceSummary['cut'];
  for (const { at, event } of runEvents(input, tracks, window ?? { from: 0, to: chronicle.ticks })) {
    if (event === undefined || events === input.most) {
      const reason = event === undefined ? 'more operations came than were kept' : `it has ${events} events`;
      cut = { at_s: seconds(input, at), reason };
      emit(note(input, at, `the trace ends here: ${reason}`));
      break;
    }
    emit(event);
    events++;
  }
  if (cut === undefined && window !== undefined) emit(note(input, window.to, 'window ends'));
  write('\n]}\n');
  return { events, cut };
}

const seconds = ({ clock_hz, ticksPerCycle }: TraceInput, ticks: number): number => ticks / ticksPerCycle / clock_hz;

const nanoseconds = ({ clock_hz, ticksPerCycle }: TraceInput, ticks: number): number =>
  Math.floor((ticks * 1e9) / (ticksPerCycle * clock_hz));

/**
 * Viewers multiply by 1000 and cut off what is not whole: of 1.001 us they would make 1000 ns. A quarter of a
 * nanosecond more is right then.
 */
const microseconds = (ns: number): number => (Math.trunc((ns / 1000) * 1000) === ns ? ns / 1000 : (ns + 0.25) / 1000);

const note = (input: TraceInput, at: number, name: string): Event => ({
  ph: 'i',
  s: 'g',
  name,
  ...steps,
  ts: microseconds(nanoseconds(input, at)),
});

/** Names a process and its threads, which are numbered from 1; viewers list them in this order. */
function nameProcess(emit: (event: Event) => void, pid: number, process: string, threads: readonly string[]): void {
  const say = (name: string, tid: number, args: Event): void => emit({ ph: 'M', name, pid, tid, args });
  say('process_name', 0, { name: process });
  say('process_sort_index', 0, { sort_index: pid });
  threads.forEach((name, i) => {
    say('thread_name', i + 1, { name });
    say('thread_sort_index', i + 1, { sort_index: i + 1 });
  });
}

function slice(input: TraceInput, name: string, track: Track, at: number, ticks: number, more: Event): Timed {
  const from = nanoseconds(input, at);
  const dur = microseconds(nanoseconds(input, at + ticks) - from);
  return { at, event: { ph: 'X', name, ...track, ts: microseconds(from), dur, ...more } };
}

/** All events in the order of time. */
function* runEvents(input: TraceInput, tracks: readonly Track[], shown: Window): Generator<Timed, void> {
  const { chronicle, ticksPerCycle, window } = input;
  for (const entry of blocksBetween(chronicle, shown.from, shown.to, window !== undefined)) {
    if (entry.kind === 'block') {
      yield* blockEvents(input, entry, tracks, shown);
      continue;
    }
    const { start, ticks } = entry;
    const more = { cat: entry.kind, args: { cycles: ticks / ticksPerCycle } };
    if (entry.kind === 'ports') yield slice(input, 'shared ports are busy', steps, start, ticks, more);
    else if (entry.kind === 'launch') yield slice(input, 'launch', steps, start, ticks, more);
    else {
      const name = `folded: ${entry.times} times what is just before it, ${engineering(seconds(input, ticks), 's')}`;
      yield slice(input, name, folds, start, ticks, more);
    }
  }
}

function* blockEvents(
  input: TraceInput,
  block: ShownBlock,
  tracks: readonly Track[],
  shown: Window,
): Generator<Timed, void> {
  const timeline = block.scene.timeline();
  const within = { from: Math.max(0, shown.from - block.start), to: Math.min(block.ticks, shown.to - block.start) };
  const { label, around } = block.scene;
  yield slice(input, label === '' ? 'all' : label, steps, block.start, block.ticks, { cat: 'step' });
  yield* merge([
    foldEvents(input, block, timeline, within),
    operationEvents(input, block, timeline, tracks, within),
    ...occupancy(around, timeline).map((profile, l) => occupancyEvents(input, block, profile, run + 1 + l, within)),
    lostEvents(block, timeline, within),
  ]);
}

/** Says where operations were lost, if the window goes on after that. */
function* lostEvents(
  block: ShownBlock,
  { complete, operations, folds }: Timeline,
  within: Window,
): Generator<Timed, void> {
  const skipped = folds.reduce((sum, f) => sum + f.times * f.ticks, 0);
  const last = (operations.at(-1)?.start ?? 0) + skipped;
  if (!complete && last < within.to) yield { at: block.start + Math.max(last, within.from), event: undefined };
}

/** Several streams of events, each in the order of time, as one. */
function* merge(streams: readonly Generator<Timed, void>[]): Generator<Timed, void> {
  const heads = streams.map((s) => s.next());
  for (;;) {
    let first = -1;
    heads.forEach((head, i) => {
      if (head.done !== true && (first < 0 || head.value.at < (heads[first]!.value as Timed).at)) first = i;
    });
    if (first < 0) return;
    yield heads[first]!.value as Timed;
    heads[first] = streams[first]!.next();
  }
}

/** Marks where the operations of the period just before ran again and again. */
function* foldEvents(input: TraceInput, block: ShownBlock, timeline: Timeline, within: Window): Generator<Timed, void> {
  let skipped = 0;
  for (const { end, ticks, times, operations, loop } of timeline.folds) {
    const start = end + skipped;
    skipped += times * ticks;
    if (start >= within.to || start + times * ticks <= within.from) continue;
    const time = engineering(seconds(input, times * ticks), 's');
    const name = `folded: ${times} x ${operations} operations of loop ${loop}, ${time}`;
    const args = { loop, times, operations, period_cycles: ticks / input.ticksPerCycle };
    const shown = Math.min(times * ticks, block.ticks - start);
    yield slice(input, name, folds, block.start + start, shown, { cat: 'fold', args });
  }
}

function* operationEvents(
  input: TraceInput,
  block: ShownBlock,
  timeline: Timeline,
  tracks: readonly Track[],
  within: Window,
): Generator<Timed, void> {
  const { operations, positions } = timeline;
  const nameOf = (o: Operation): string => (o.kind === 'compute' ? input.nameOf(o) : `${o.kind} ${input.nameOf(o)}`);
  const unfold = input.window !== undefined;
  for (const { operation: o, later, repeated } of operationsBetween(timeline, within.from, within.to, unfold)) {
    const start = o.start + later;
    const before = o.after < 0 ? undefined : operations[positions[o.after]!];
    const args = {
      start_cycle: (block.start + start) / input.ticksPerCycle,
      result_cycle: (block.start + o.finish + later) / input.ticksPerCycle,
      ...(before === undefined ? {} : { waited_for: nameOf(before), because_of: o.cause }),
      tiles: o.touches.map((t) => `${t.writes ? 'writes' : 'reads'} ${input.tensorOf(t)}, ${bytesText(t.bytes)}`),
    };
    const cat = repeated ? `${o.kind},folded` : o.kind;
    for (let i = 0; i < o.resources.length; i++) {
      const held = Math.min(o.holds[i]!, block.ticks - start);
      yield slice(input, nameOf(o), tracks[o.resources[i]!]!, block.start + start, held, { cat, args });
    }
  }
}

function* occupancyEvents(
  input: TraceInput,
  block: ShownBlock,
  profile: Profile,
  pid: number,
  within: Window,
): Generator<Timed, void> {
  if (profile.peak === 0) return;
  for (const step of profileSteps(profile, within.from, within.to, input.window !== undefined)) {
    const at = block.start + step.at;
    const ts = microseconds(nanoseconds(input, at));
    yield { at, event: { ph: 'C', name: 'bytes in use', pid, ts, args: { bytes: step.bytes } } };
  }
}
