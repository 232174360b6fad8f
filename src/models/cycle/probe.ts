import { stallCauses } from '../metrics.ts';
import type { Engine, Probe } from './engine.ts';
import type { Observer, Operation } from './observer.ts';
import { kinds, type Tape } from './tape.ts';

/**
 * Tells an observer what the engine does. After a fold, operations and tiles are numbered, and the clock runs, as if
 * the folded periods had been walked.
 */
export function probeFor(observer: Observer, tape: Tape): Probe {
  const { operations: table, placed } = tape;
  /** Tiles that operations in flight touch, numbered without those that folds skipped. */
  const touched = new Map<number, readonly number[]>();
  const skippedTiles = new Float64Array(placed.keeps.length);
  let e: Engine;

  const describe = (sequence: number, at: number, now: number, after: number, cause: number): Operation => {
    const compute = kinds[table.kind.values[at]!] === 'compute';
    const subject = table.subject.values[at]!;
    const price = table.price.values[at]!;
    const resources = [...e.charges.classes[e.charges.classOf[price]!]!];
    const first = e.charges.firstHold[price]!;
    const firstTouch = table.firstTouch.values[at]!;
    return {
      sequence: sequence + e.skipped,
      kind: kinds[table.kind.values[at]!]!,
      keep: compute ? undefined : placed.keeps[subject],
      compute: compute ? placed.computes[subject] : undefined,
      start: now,
      resources,
      holds: resources.map((_, i) => e.charges.holds[first + i]!),
      finish: now + e.charges.durations[price]!,
      ramp: e.charges.ramps[price]!,
      after: after < 0 ? -1 : after + e.skipped,
      cause: stallCauses[cause]!,
      touches: touched.get(sequence)!.map((version, i) => {
        const keep = placed.keeps[table.touchKeep.values[firstTouch + i]!]!;
        return {
          keep,
          version: version + skippedTiles[keep.id]!,
          writes: table.touchWrites.values[firstTouch + i] === 1,
          bytes: table.touchBytes[firstTouch + i]!,
        };
      }),
    };
  };

  return {
    onBegin: (engine) => {
      e = engine;
    },
    onIssue: (sequence, at) => {
      const versions: number[] = [];
      for (let t = table.firstTouch.values[at]!; t < table.firstTouch.values[at + 1]!; t++) {
        const keep = table.touchKeep.values[t]!;
        versions.push(e.tiles[keep]! - table.touchBack.values[t]! - skippedTiles[keep]!);
      }
      touched.set(sequence, versions);
    },
    onStart: (sequence, at, now, after, cause) => {
      observer.onOperation?.(describe(sequence, at, now, after, cause));
      touched.delete(sequence);
    },
    onFold: (repeat, times, ticks, operations, tiles) => {
      const loop = tape.loops[tape.repeats[repeat]!.loop]!.name;
      observer.onFold?.({ start: e.now, ticks, operations, times, loop, tiles });
      tiles.forEach((n, k) => {
        skippedTiles[k] = skippedTiles[k]! + times * n;
      });
    },
  };
}
