import { blocksBetween, type Chronicle, type Scene } from '../models/cycle/chronicle.ts';
import type { Operation } from '../models/cycle/observer.ts';
import { operationsBetween, type Timeline } from '../models/cycle/timeline.ts';
import { causeText } from '../report/stall-text.ts';
import { joinSlices } from './join-slices.ts';
import { steadyWindow, type TimelineWindow } from './timeline-window.ts';

/** What a run did, as the simulator keeps it. */
export type RecordedRun = {
  /** Units and ports, by position as operations hold them. */
  readonly resources: readonly { readonly name: string; readonly level: string }[];
  /** What grids go across; of its instances the chronicle follows one. Absent without grids. */
  readonly across?: { readonly level: string; readonly instances: number };
  readonly clock_hz: number;
  readonly ticksPerCycle: number;
  /** Name of an operation's Einsum or tensor. */
  readonly nameOf: (operation: Operation) => string;
  readonly chronicle: Chronicle;
};

/** What units and ports of one instance do in a part of a run. Plain data, so that a page can have it in itself. */
export type TimelineData = {
  /** What there are several of: one is shown, and of ports that all share only what it moves. Absent without grids. */
  readonly across?: { readonly level: string; readonly instances: number };
  readonly clock_hz: number;
  readonly run_cycles: number;
  readonly from_cycles: number;
  readonly to_cycles: number;
  /** The loop whose iterations are alike; absent where the window was given, or nothing repeats. */
  readonly period?: { readonly loop: string; readonly cycles: number; readonly times: number };
  /** Einsums and tensors, from those that hold units and ports longest. */
  readonly subjects: readonly string[];
  /** Of units and ports that do anything in the window. */
  readonly rows: readonly TimelineRow[];
};

export type TimelineRow = {
  readonly name: string;
  readonly level: string;
  /** Share of the window. */
  readonly busy_share: number;
  /** In the order of time; none lies over another. */
  readonly slices: readonly TimelineSlice[];
};

/** What an operation does, or what a grid waits for as a whole. */
type SliceKind = Operation['kind'] | 'grid';

export type TimelineSlice = {
  readonly from_cycles: number;
  readonly to_cycles: number;
  /** Less than from beginning to end where several are joined with gaps between them. */
  readonly busy_cycles: number;
  /** Position in `subjects`: of several, the one that is busy longest. */
  readonly subject: number;
  readonly kind: SliceKind;
  /** Operations that are joined, being too short to be seen. */
  readonly count: number;
  /** Some of them are others than the one that is named. */
  readonly mixed?: boolean;
  /** What it had to wait for. */
  readonly waited?: string;
};

/** A slice in ticks, before subjects have their order. */
export type RawSlice = {
  readonly from: number;
  readonly to: number;
  readonly busy: number;
  readonly subject: string;
  readonly kind: SliceKind;
  readonly count: number;
  readonly mixed?: boolean;
  readonly waited?: string;
};

/** More would make a page slow, and cannot be seen. */
const mostSlices = 2000;

/** Why it could not start earlier, and whom that came from; undefined: nothing held it up. */
function waitText({ nameOf }: RecordedRun, o: Operation, { operations, positions }: Timeline): string | undefined {
  const before = o.after < 0 ? undefined : operations[positions[o.after]!];
  if (before === undefined) return undefined;
  return `${causeText[o.cause]} (${operationText(before.kind, nameOf(before))})`;
}

/** `QK`, `fill K` */
export const operationText = (kind: SliceKind, subject: string): string =>
  kind === 'fill' || kind === 'drain' ? `${kind} ${subject}` : subject;

/** A row of its own: launches, and the last transfers of a grid. */
const grid = { name: 'grid', level: '' };

/** The slices of each resource in a window, and of grids; undefined where operations were not kept. */
function slicesOf(
  run: RecordedRun,
  { from, to }: TimelineWindow,
  timelineOf: (scene: Scene) => Timeline,
): readonly (readonly RawSlice[])[] | undefined {
  const rows: RawSlice[][] = [...run.resources, grid].map(() => []);
  for (const block of blocksBetween(run.chronicle, from, to, true)) {
    if (block.kind === 'launch' || block.kind === 'ports') {
      const [begin, end] = [Math.max(from, block.start), Math.min(to, block.start + block.ticks)];
      const subject = block.kind === 'launch' ? 'launch' : 'shared ports';
      rows.at(-1)!.push({ from: begin, to: end, busy: end - begin, subject, kind: 'grid', count: 1 });
    }
    if (block.kind !== 'block') continue;
    const timeline = timelineOf(block.scene);
    const within = { from: Math.max(0, from - block.start), to: Math.min(block.ticks, to - block.start) };
    if (!timeline.complete && lastStart(timeline) < within.to) return undefined;
    for (const { operation: o, later } of operationsBetween(timeline, within.from, within.to, true)) {
      const waited = waitText(run, o, timeline);
      o.resources.forEach((resource, i) => {
        const begin = Math.max(within.from, o.start + later);
        const end = Math.min(within.to, o.start + later + o.holds[i]!);
        if (end <= begin) return;
        rows[resource]!.push({
          from: block.start + begin,
          to: block.start + end,
          busy: end - begin,
          subject: run.nameOf(o),
          kind: o.kind,
          count: 1,
          ...(waited === undefined ? {} : { waited }),
        });
      });
    }
  }
  return rows.map((row) => row.toSorted((a, b) => a.from - b.from));
}

/** Of what is kept, folded periods counted in. */
const lastStart = ({ operations, folds }: Timeline): number =>
  (operations.at(-1)?.start ?? 0) + folds.reduce((sum, f) => sum + f.times * f.ticks, 0);

/** Names from the one that is busy longest. */
function subjectsOf(rows: readonly (readonly RawSlice[])[]): readonly string[] {
  const busy = new Map<string, number>();
  for (const slice of rows.flat()) busy.set(slice.subject, (busy.get(slice.subject) ?? 0) + slice.busy);
  return [...busy].toSorted(([, a], [, b]) => b - a).map(([name]) => name);
}

/**
 * The timeline of a window, or of some periods of the steady state if none is given. Undefined: nothing runs there, or more
 * operations came before it than were kept.
 */
export function timelineData(
  run: RecordedRun,
  given?: { readonly from: number; readonly to: number },
): TimelineData | undefined {
  const known = new Map<Scene, Timeline>();
  const timelineOf = (scene: Scene): Timeline => {
    const timeline = known.get(scene) ?? scene.timeline();
    known.set(scene, timeline);
    return timeline;
  };
  const window = given === undefined ? steadyWindow(run.chronicle, timelineOf) : { ...given, period: undefined };
  const rows = window && slicesOf(run, window, timelineOf);
  if (window === undefined || rows === undefined) return undefined;
  const subjects = subjectsOf(rows);
  const cycles = (ticks: number): number => ticks / run.ticksPerCycle;
  const length = window.to - window.from;
  const joined = joinSlices(rows, length, mostSlices);
  const { period } = window;
  return {
    ...(run.across === undefined ? {} : { across: run.across }),
    clock_hz: run.clock_hz,
    run_cycles: cycles(run.chronicle.ticks),
    from_cycles: cycles(window.from),
    to_cycles: cycles(window.to),
    ...(period === undefined
      ? {}
      : { period: { loop: period.loop, cycles: cycles(period.ticks), times: period.times } }),
    subjects,
    rows: [...run.resources, grid].flatMap(({ name, level }, r): TimelineRow[] => {
      if (joined[r]!.length === 0) return [];
      const slices = joined[r]!.map(
        ({ from, to, busy, subject, ...slice }): TimelineSlice => ({
          from_cycles: cycles(from),
          to_cycles: cycles(to),
          busy_cycles: cycles(busy),
          subject: subjects.indexOf(subject),
          ...slice,
        }),
      );
      return [{ name, level, busy_share: rows[r]!.reduce((sum, s) => sum + s.busy, 0) / length, slices }];
    }),
  };
}
