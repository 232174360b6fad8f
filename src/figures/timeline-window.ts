import { type Chronicle, type Scene, ticksOf } from '../models/cycle/chronicle.ts';
import type { Timeline, WalkedFold } from '../models/cycle/timeline.ts';

/** A part of a run in ticks from its beginning, and what repeats in it. */
export type TimelineWindow = {
  readonly from: number;
  readonly to: number;
  /** Of the loop that repeats, with where its iterations begin; undefined: what is shown does not repeat. */
  readonly period: { readonly loop: string; readonly ticks: number; readonly times: number } | undefined;
};

type HeavyBlock = { readonly scene: Scene; readonly start: number; readonly ticks: number; readonly weight: number };

/** Periods that are shown. */
const shownPeriods = 3;
/** A period with more operations is shown less often. */
const manyOperations = 4000;
/** Of what does not repeat, so many operations are shown. */
const shownOperations = 800;
/** Periods that take less of the block than this part of those that take most are no steady state. */
const heavyShare = 0.2;
/** Of the Einsums of the period with the most of them, so many tell the story. */
const tellingShare = 0.7;

/** The block in which most of the run goes by, in the middle of its repetitions. */
function heaviestBlock(chronicle: Chronicle, start = 0, times = 1): HeavyBlock | undefined {
  let heaviest: HeavyBlock | undefined;
  let at = start;
  for (const part of chronicle.parts) {
    const found =
      part.kind === 'block'
        ? { scene: part.sum[0]!.scene, start: at, ticks: part.ticks, weight: times * part.ticks }
        : part.kind === 'repeat'
          ? heaviestBlock(part.chronicle, at + Math.floor(part.times / 2) * part.chronicle.ticks, times * part.times)
          : undefined;
    if (found !== undefined && found.weight > (heaviest?.weight ?? 0)) heaviest = found;
    at += ticksOf(part);
  }
  return heaviest;
}

/** A fold with the time that it stands for and how many Einsums run in its period. */
type WeighedFold = {
  readonly fold: WalkedFold;
  readonly start: number;
  readonly weight: number;
  readonly einsums: number;
};

function weighFolds({ folds, operations }: Timeline): readonly WeighedFold[] {
  let skipped = 0;
  return folds.map((fold, k): WeighedFold => {
    const start = fold.end + skipped;
    skipped += fold.times * fold.ticks;
    const around = folds.filter((outer, g) => g > k && outer.outer <= k);
    const weight = around.reduce((product, { times }) => product * (times + 1), fold.times * fold.ticks);
    const computes = operations.slice(fold.from, fold.to).flatMap((o) => o.compute?.id ?? []);
    return { fold, start, weight, einsums: new Set(computes).size };
  });
}

/** Of the periods in which most time goes by and most Einsums run, the shortest. */
function steadyFold(timeline: Timeline): WeighedFold | undefined {
  const weighed = weighFolds(timeline).filter(({ fold }) => fold.ticks > 0);
  // The same period may be folded in many places.
  const alike = new Map<string, number>();
  const keyOf = ({ fold }: WeighedFold): string => `${fold.loop} ${fold.ticks}`;
  for (const w of weighed) alike.set(keyOf(w), (alike.get(keyOf(w)) ?? 0) + w.weight);
  const most = Math.max(0, ...alike.values());
  const heavy = weighed.filter((w) => alike.get(keyOf(w))! >= heavyShare * most);
  const einsums = Math.max(0, ...heavy.map((w) => w.einsums));
  return heavy
    .filter((w) => w.einsums >= tellingShare * einsums)
    .toSorted((a, b) => a.fold.ticks - b.fold.ticks || b.weight - a.weight)[0];
}

/**
 * Some periods of the steady state: from the middle of what repeats longest in the block that takes most of the run. Where
 * nothing repeats, the block, or the middle of it. Undefined: nothing runs.
 */
export function steadyWindow(chronicle: Chronicle, timelineOf: (scene: Scene) => Timeline): TimelineWindow | undefined {
  const block = heaviestBlock(chronicle);
  if (block === undefined) return undefined;
  const timeline = timelineOf(block.scene);
  const steady = steadyFold(timeline);
  if (steady !== undefined) {
    const { fold, start } = steady;
    const shown = Math.max(1, Math.min(shownPeriods, fold.times, Math.floor((3 * manyOperations) / fold.operations)));
    const from = block.start + start + Math.floor((fold.times - shown) / 2) * fold.ticks;
    const to = Math.min(block.start + block.ticks, from + shown * fold.ticks);
    return { from, to, period: { loop: fold.loop, ticks: fold.ticks, times: fold.times + 1 } };
  }
  const { operations } = timeline;
  const middle = Math.floor(operations.length / 2);
  const first = operations[middle - shownOperations / 2]?.start ?? 0;
  const last = operations[middle + shownOperations / 2]?.start ?? block.ticks;
  return { from: block.start + first, to: block.start + Math.max(first + 1, last), period: undefined };
}
