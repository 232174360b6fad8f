import type { Keep } from '../../mapper/placed.ts';
import type { TileBox } from '../../mapper/tile.ts';
import type { Recorded } from './issue.ts';

/** One tile that an operation reads or writes. */
export type Touch = {
  readonly keep: Keep;
  readonly by: Recorded;
  readonly writes: boolean;
  /** Which tile of the keep, counted from 1. */
  readonly version: number;
  /** Part of the tensor, carried dimensions included. */
  readonly box: TileBox;
  /** Operand of the compute that the box is of, -1 for its output, -2 for a whole tile or a piece of one. */
  readonly operand: number;
  /** Bytes of the whole tile. */
  readonly bytes: number;
};

/**
 * Some touches of a keep that follow each other, and bounds of them, so that they can be passed over together: a loop of
 * many slices has thousands in flight, of which an operation meets few. Bounds of touches that were dropped may remain.
 */
export type TouchGroup = {
  readonly touches: Touch[];
  oldest: number;
  newest: number;
  /** Around all that is written; undefined if nothing is. */
  written: TileBox | undefined;
};

/** Larger groups are passed over faster, smaller ones are passed over more often. */
const mostInGroup = 32;

/** Adds a touch behind the others. */
export function addTouch(groups: TouchGroup[], touch: Touch): void {
  const { version, writes, box } = touch;
  let group = groups.at(-1);
  if (group === undefined || group.touches.length >= mostInGroup) {
    group = { touches: [], oldest: version, newest: version, written: undefined };
    groups.push(group);
  }
  group.touches.push(touch);
  if (version < group.oldest) group.oldest = version;
  if (version > group.newest) group.newest = version;
  if (!writes) return;
  if (group.written === undefined) group.written = box.slice();
  else widen(group.written, box);
}

function widen(hull: TileBox, box: TileBox): void {
  for (let i = 0; i < box.length; i += 2) {
    if (box[i]! < hull[i]!) hull[i] = box[i]!;
    if (box[i + 1]! > hull[i + 1]!) hull[i + 1] = box[i + 1]!;
  }
}

/** Whether what is written can be seen in what is touched; a version is seen in all that come after it. */
export function isSeen(written: TileBox, touched: TileBox, carried: number): boolean {
  for (let d = 0; 2 * d < touched.length; d++) {
    if (touched[2 * d + 1]! <= written[2 * d]!) return false;
    if (d !== carried && written[2 * d + 1]! <= touched[2 * d]!) return false;
  }
  return true;
}

/** Whether all of a box is inside another one. */
export function holds(hull: TileBox, box: TileBox): boolean {
  for (let i = 0; i < box.length; i += 2) if (box[i]! < hull[i]! || box[i + 1]! > hull[i + 1]!) return false;
  return true;
}
