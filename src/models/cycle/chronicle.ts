import { type CriticalPath, criticalPath, type PathPart } from './critical-path.ts';
import { type Around, occupancy, type Profile, sequenceOfProfiles, stretchProfile } from './occupancy.ts';
import type { Timeline } from './timeline.ts';

/**
 * What a machine does from the beginning of a run to the end: of each grid, what the instance does that ends last (the
 * first of them). It says what was simulated, so that it can be looked at again, and is none of the simulation's work.
 */
export type Chronicle = { readonly ticks: number; readonly parts: readonly ChroniclePart[] };

export type ChroniclePart =
  | ChronicleBlock
  | { readonly kind: 'repeat'; readonly times: number; readonly chronicle: Chronicle }
  /** The last transfers of a grid, which no single instance sees: its shared ports are not done yet. */
  | { readonly kind: 'ports'; readonly ticks: number }
  /** A grid, or a step of it, begins. */
  | { readonly kind: 'launch'; readonly ticks: number };

/** What an instance does in one go, as a sum of blocks that were simulated: the first of them, with corrections. */
export type ChronicleBlock = {
  readonly kind: 'block';
  readonly ticks: number;
  readonly sum: readonly { readonly scene: Scene; readonly times: number }[];
};

/** A block as it was simulated. */
export type Scene = {
  /** Where the loops around it stand: "b=0 h=3"; empty if there are none. */
  readonly label: string;
  readonly around: Around;
  /** Runs it again, and keeps what it does. */
  readonly timeline: () => Timeline;
};

/** One part after the other. */
export const chronicleOf = (parts: readonly ChroniclePart[]): Chronicle => ({
  ticks: parts.reduce((sum, part) => sum + ticksOf(part), 0),
  parts,
});

/** Of a part, as often as it comes. */
export const ticksOf = (part: ChroniclePart): number =>
  part.kind === 'repeat' ? part.times * part.chronicle.ticks : part.ticks;

/** The critical path through a chronicle, and the bytes in use of each level (by position) over its time. */
export type Observation = { readonly path: CriticalPath; readonly occupancy: readonly Profile[] };

/** Undefined if more operations would have to be kept than there is room for. */
export function observe(chronicle: Chronicle): Observation | undefined {
  const known = new Map<Scene, Observation | undefined>();
  const observeScene = (scene: Scene): Observation | undefined => {
    if (known.has(scene)) return known.get(scene);
    const timeline = scene.timeline();
    const seen = timeline.complete
      ? { path: criticalPath(timeline), occupancy: occupancy(scene.around, timeline) }
      : undefined;
    known.set(scene, seen);
    return seen;
  };
  const visit = ({ parts }: Chronicle): Observation | undefined => {
    const seen: { readonly times: number; readonly observation: Observation }[] = [];
    for (const part of parts) {
      const observation = visitPart(part);
      if (observation === undefined) return undefined;
      seen.push({ times: part.kind === 'repeat' ? part.times : 1, observation });
    }
    const levels = seen.reduce((most, { observation }) => Math.max(most, observation.occupancy.length), 0);
    return {
      path: sumOfPaths(seen.map(({ times, observation }) => ({ times, path: observation.path }))),
      occupancy: Array.from({ length: levels }, (_, l) =>
        sequenceOfProfiles(
          seen.map(({ times, observation }) => ({ times, profile: observation.occupancy[l] ?? nothing })),
        ),
      ),
    };
  };
  const visitPart = (part: ChroniclePart): Observation | undefined => {
    if (part.kind === 'repeat') return visit(part.chronicle);
    if (part.kind === 'ports' || part.kind === 'launch')
      return { path: [{ kind: part.kind, resource: -1, subject: 'none', id: -1, ticks: part.ticks }], occupancy: [] };
    const paths: { readonly times: number; readonly path: CriticalPath }[] = [];
    for (const { scene, times } of part.sum) {
      const seen = observeScene(scene);
      if (seen === undefined) return undefined;
      paths.push({ times, path: seen.path });
    }
    const first = observeScene(part.sum[0]!.scene)!;
    return { path: sumOfPaths(paths), occupancy: first.occupancy.map((p) => stretchProfile(p, part.ticks)) };
  };
  return visit(chronicle);
}

const nothing: Profile = { ticks: 0, peak: 0, parts: [] };

/** Paths one after the other, each so often; equal parts become one. */
function sumOfPaths(paths: readonly { readonly times: number; readonly path: CriticalPath }[]): CriticalPath {
  const sums = new Map<string, PathPart>();
  for (const { times, path } of paths)
    for (const part of path) {
      const key = `${part.kind} ${part.resource} ${part.subject} ${part.id}`;
      sums.set(key, { ...part, ticks: (sums.get(key)?.ticks ?? 0) + times * part.ticks });
    }
  return [...sums.values()].filter((part) => part.ticks !== 0);
}

/** A block that runs at some time, or a mark for what is not shown. */
export type ShownBlock = {
  readonly kind: 'block';
  readonly scene: Scene;
  readonly start: number;
  readonly ticks: number;
};
type Mark =
  /** What went just before comes so many times more. */
  | { readonly kind: 'repeated'; readonly times: number; readonly start: number; readonly ticks: number }
  | { readonly kind: 'ports'; readonly start: number; readonly ticks: number }
  | { readonly kind: 'launch'; readonly start: number; readonly ticks: number };

/** The blocks that run at some time in `from` <= t < `to`, in order. `unfold`: with repetitions, else these are marked. */
export function* blocksBetween(
  chronicle: Chronicle,
  from: number,
  to: number,
  unfold: boolean,
): Generator<ShownBlock | Mark, void> {
  function* visit({ parts }: Chronicle, begin: number): Generator<ShownBlock | Mark, void> {
    let start = begin;
    for (const part of parts) {
      const end = start + ticksOf(part);
      if (start < to && end > from) yield* visitPart(part, start);
      start = end;
    }
  }
  function* visitPart(part: ChroniclePart, start: number): Generator<ShownBlock | Mark, void> {
    if (part.kind === 'block') yield { kind: 'block', scene: part.sum[0]!.scene, start, ticks: part.ticks };
    else if (part.kind === 'ports' || part.kind === 'launch') yield { kind: part.kind, start, ticks: part.ticks };
    else {
      const { times, chronicle: inner } = part;
      const first = unfold ? Math.max(0, Math.floor((from - start) / inner.ticks)) : 0;
      const last = unfold ? times : 1;
      for (let i = first; i < last && start + i * inner.ticks < to; i++) yield* visit(inner, start + i * inner.ticks);
      if (unfold || times === 1) return;
      yield { kind: 'repeated', times: times - 1, start: start + inner.ticks, ticks: (times - 1) * inner.ticks };
    }
  }
  yield* visit(chronicle, 0);
}
