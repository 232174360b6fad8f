import type { Operation } from '../models/cycle/observer.ts';
import { type Profile, profileSteps } from '../models/cycle/occupancy.ts';
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
  readonly blocks: readonly TraceBlock[];
  /** Only what runs in these ticks; folded periods are then shown in full. */
  readonly window: { readonly from: number; readonly to: number } | undefined;
  /** Most events that are written. */
  readonly most: number;
};

/** Something that was simulated once, on one instance, and may stand for many. */
export type TraceBlock = {
  /** Completes the names of its processes; empty if it is all there is. */
  readonly label: string;
  /** When it begins, and how long it takes. */
  readonly start: number;
  readonly ticks: number;
  /** Its operations, with the bytes in use of each level; seen only when they are needed. */
  readonly observe: () => { readonly timeline: Timeline; readonly occupancy: readonly Profile[] };
};

/** What became of a trace: `cut_s` is the time from which on nothing could be written. */
export type TraceSummary = { readonly events: number; readonly cut_s: number | undefined };

type Event = { readonly [field: string]: unknown };
type Timed = { readonly at: number; readonly event: Event };
type Track = { readonly pid: number; readonly tid: number };

/** Process for remarks on the trace itself. */
const notes = 1;

/** Writes a trace piece by piece. */
export function writeTrace(input: TraceInput, write: (text: string) => void): TraceSummary {
  const { window, levels, blocks } = input;
  let written = 0;
  const emit = (event: Event): void => {
    write(`${written === 0 ? '' : ',\n'}${JSON.stringify(event)}`);
    written++;
  };
  write('{"displayTimeUnit":"ns","traceEvents":[\n');
  nameProcess(emit, notes, 'notes', ['notes']);
  if (window !== undefined) emit(note(input, window.from, 'window begins'));
  let events = 0;
  let cut: number | undefined;
  blocks.forEach((block, b) => {
    if (cut !== undefined || !isShown(input, block.start, block.ticks)) return;
    for (const { at, event } of traceBlock(input, block, notes + 1 + b * (levels.length + 1), emit)) {
      if (events === input.most) {
        cut = at;
        break;
      }
      emit(event);
      events++;
    }
  });
  if (cut !== undefined) emit(note(input, cut, `cut here: a trace has at most ${input.most} events`));
  else if (window !== undefined && Number.isFinite(window.to)) emit(note(input, window.to, 'window ends'));
  write('\n]}\n');
  return { events, cut_s: cut === undefined ? undefined : seconds(input, cut) };
}

const isShown = ({ window }: TraceInput, start: number, ticks: number): boolean =>
  window === undefined || (start < window.to && start + ticks > window.from);

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
  pid: notes,
  tid: 1,
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

/** Events of a block in the order of time; its processes are numbered from `pid`. */
function* traceBlock(
  input: TraceInput,
  block: TraceBlock,
  pid: number,
  emit: (event: Event) => void,
): Generator<Timed, void> {
  const { timeline, occupancy } = block.observe();
  const named = (name: string): string => (block.label === '' ? name : `${name}, ${block.label}`);
  if (timeline.folds.length > 0) nameProcess(emit, pid, named('folded iterations'), ['folded']);
  const tracks: Track[] = [];
  input.levels.forEach((level, l) => {
    const threads: string[] = [];
    input.resources.forEach((r, i) => {
      if (r.level === l) tracks[i] = { pid: pid + 1 + l, tid: threads.push(r.name) };
    });
    if (threads.length > 0 || occupancy[l]!.peak > 0) nameProcess(emit, pid + 1 + l, named(level), threads);
  });
  yield* merge([
    foldEvents(input, block, timeline, { pid, tid: 1 }),
    operationEvents(input, block, timeline, tracks),
    ...occupancy.map((profile, l) => occupancyEvents(input, block, profile, pid + 1 + l)),
  ]);
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

function slice(input: TraceInput, name: string, track: Track, at: number, ticks: number, more: Event): Timed {
  const from = nanoseconds(input, at);
  const dur = microseconds(nanoseconds(input, at + ticks) - from);
  return { at, event: { ph: 'X', name, ...track, ts: microseconds(from), dur, ...more } };
}

/** Marks where the operations of the period just before ran again and again. */
function* foldEvents(input: TraceInput, block: TraceBlock, timeline: Timeline, track: Track): Generator<Timed, void> {
  let skipped = 0;
  for (const { end, ticks, times, operations, loop } of timeline.folds) {
    const at = block.start + end + skipped;
    skipped += times * ticks;
    if (!isShown(input, at, times * ticks)) continue;
    const time = engineering(seconds(input, times * ticks), 's');
    const name = `folded: ${times} x ${operations} operations of ${loop}, ${time}`;
    const args = { loop, times, operations, period_cycles: ticks / input.ticksPerCycle };
    yield slice(input, name, track, at, times * ticks, { cat: 'fold', args });
  }
}

/** Ticks of the block that are shown. */
function shownTicks({ window }: TraceInput, block: TraceBlock): { readonly from: number; readonly to: number } {
  if (window === undefined) return { from: 0, to: block.ticks };
  return { from: Math.max(0, window.from - block.start), to: Math.min(block.ticks, window.to - block.start) };
}

function* operationEvents(
  input: TraceInput,
  block: TraceBlock,
  timeline: Timeline,
  tracks: readonly Track[],
): Generator<Timed, void> {
  const { operations, positions } = timeline;
  const { from, to } = shownTicks(input, block);
  const nameOf = (o: Operation): string => (o.kind === 'compute' ? input.nameOf(o) : `${o.kind} ${input.nameOf(o)}`);
  for (const { operation: o, later, repeated } of operationsBetween(timeline, from, to, input.window !== undefined)) {
    const start = block.start + o.start + later;
    const before = o.after < 0 ? undefined : operations[positions[o.after]!];
    const args = {
      start_cycle: start / input.ticksPerCycle,
      result_cycle: (block.start + o.finish + later) / input.ticksPerCycle,
      ...(before === undefined ? {} : { waited_for: nameOf(before), because_of: o.cause }),
      tiles: o.touches.map((t) => `${t.writes ? 'writes' : 'reads'} ${input.tensorOf(t)}, ${bytesText(t.bytes)}`),
    };
    const cat = repeated ? `${o.kind},folded` : o.kind;
    for (let i = 0; i < o.resources.length; i++)
      yield slice(input, nameOf(o), tracks[o.resources[i]!]!, start, o.holds[i]!, { cat, args });
  }
}

function* occupancyEvents(input: TraceInput, block: TraceBlock, profile: Profile, pid: number): Generator<Timed, void> {
  if (profile.peak === 0) return;
  const { from, to } = shownTicks(input, block);
  const counter = (ticks: number, bytes: number): Timed => {
    const at = block.start + ticks;
    const ts = microseconds(nanoseconds(input, at));
    return { at, event: { ph: 'C', name: 'bytes in use', pid, ts, args: { bytes } } };
  };
  for (const { at, bytes } of profileSteps(profile, from, to, input.window !== undefined)) yield counter(at, bytes);
  if (to === block.ticks) yield counter(to, 0);
}
