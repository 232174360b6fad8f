import type { BoundAccess, Tensor } from '../../einsum/workload.ts';
import { invariant } from '../../invariant.ts';
import type { Loop } from '../../mapper/placed.ts';
import type { TileBox } from '../../mapper/tile.ts';
import type { Program } from './frame.ts';
import {
  type Iteration,
  type KeepState,
  liveOperations,
  operationAt,
  type Recorded,
  regroupTouches,
  type Tile,
} from './issue.ts';
import type { Touch } from './touches.ts';

/** A copy of what an issuer has in flight and in its buffers. Operations and iterations are named by position. */
export type Frozen = {
  readonly operations: readonly FrozenOperation[];
  readonly iterations: readonly {
    readonly loop: Loop | undefined;
    readonly number: number;
    readonly inner: number[];
  }[];
  readonly windows: ReadonlyMap<Loop | undefined, readonly number[]>;
  readonly keeps: readonly (FrozenKeep | undefined)[];
  readonly begun: readonly number[];
};

type FrozenOperation = {
  readonly like: Recorded;
  readonly sequence: number;
  readonly lo: readonly number[];
  readonly hi: readonly number[];
  readonly iteration: number;
  readonly touches: readonly Touch[];
  readonly waits: readonly { readonly on: number; readonly cause: Recorded['waits'][number]['cause'] }[];
};

type FrozenKeep = Pick<KeepState, 'version' | 'tile' | 'ahead' | 'dirty' | 'written' | 'gap'>;

/**
 * By the loops that something is under, the values of those variables that move it where a run is called: of the loops
 * around the run. 0 for the others.
 */
export function partsUnder(
  { frames }: Program,
  values: readonly number[],
): (above: readonly Loop[]) => readonly number[] {
  const known = new Map<readonly Loop[], readonly number[]>();
  return (above) => {
    const found = known.get(above);
    if (found !== undefined) return found;
    const parts = values.map(() => 0);
    for (const { loop } of frames)
      if (loop !== undefined) parts[loop.variable] = above.includes(loop) ? values[loop.variable]! : 0;
    known.set(above, parts);
    return parts;
  };
}

/** The access that a touched box is of. */
export function accessOf({ by, keep, operand }: Pick<Touch, 'by' | 'keep' | 'operand'>): BoundAccess {
  const einsum = by.compute?.einsum;
  if (einsum === undefined) return keep.accesses[0]!;
  return operand === -1 ? einsum.output : einsum.operands[operand]!;
}

/** Moves the box of an access along with the loops, by so many coordinates of each variable. */
export function moveBox(
  box: TileBox,
  access: BoundAccess,
  tensor: Tensor,
  stored: boolean,
  by: readonly number[],
): void {
  access.indices.forEach(({ terms, divisor }, d) => {
    if (stored && tensor.dimensions[d]!.carried) return;
    const distance = terms.reduce((sum, t) => sum + t.coefficient * by[t.variable]!, 0) / divisor;
    invariant(Number.isInteger(distance), 'what repeats moved a tile by a part of an element');
    box[2 * d] = box[2 * d]! + distance;
    box[2 * d + 1] = box[2 * d + 1]! + distance;
  });
}

/** Boxes of fills and drains span all versions of a carried dimension. */
export const isStored = (t: Touch): boolean => t.by.compute === undefined;

/** What is in flight and in the buffers now. */
export function freeze({ issuer, windows }: Program): Frozen {
  const live = liveOperations(issuer);
  const positions = new Map(live.map((operation, i) => [operation, i]));
  const iterations = [...windows.values()].flat();
  const places = new Map(iterations.map((iteration, i) => [iteration, i]));
  return {
    operations: live.map((operation) => ({
      like: operation,
      sequence: operation.sequence,
      lo: operation.lo.slice(),
      hi: operation.hi.slice(),
      iteration: operation.iteration === undefined ? -1 : places.get(operation.iteration)!,
      touches: operation.touches.map((t) => ({ ...t, box: t.box.slice() })),
      waits: operation.waits.flatMap(({ on, cause }) => (on.done ? [] : [{ on: positions.get(on)!, cause }])),
    })),
    iterations: iterations.map(({ loop, number, inner }) => ({
      loop,
      number,
      inner: inner.flatMap((i) => places.get(i) ?? []),
    })),
    windows: new Map([...windows].map(([loop, window]) => [loop, window.map((i) => places.get(i)!)])),
    keeps: issuer.keeps.map((k) => k && { ...k, tile: copyTile(k.tile), ahead: copyTile(k.ahead) }),
    begun: issuer.begun.slice(),
  };
}

const copyTile = (tile: Tile | undefined): Tile | undefined =>
  tile && { ...tile, box: tile.box.slice(), lo: tile.lo.slice(), hi: tile.hi.slice() };

/** Puts a frozen state in the place of the current one, shifted in place and in program order. */
export function thaw(program: Program, frozen: Frozen, distances: readonly number[], later: number): void {
  const { issuer, frames } = program;
  const { tensors } = issuer.costs.placed.workload;
  const distancesUnder = partsUnder(program, distances);
  const moved = (values: readonly number[], by: readonly number[]): number[] => values.map((x, v) => x + by[v]!);
  const movedBox = (box: TileBox, access: BoundAccess, stored: boolean, by: readonly number[]): TileBox => {
    const out = box.slice();
    moveBox(out, access, tensors[access.tensor]!, stored, by);
    return out;
  };
  const iterations = frozen.iterations.map(
    ({ loop, number }): Iteration => ({ loop, number, operations: [], inner: [] }),
  );
  frozen.iterations.forEach(({ inner }, i) => {
    for (const other of inner) iterations[i]!.inner.push(iterations[other]!);
  });
  const operations: Recorded[] = [];
  for (const f of frozen.operations) {
    const iteration = f.iteration < 0 ? undefined : iterations[f.iteration]!;
    const by = distancesUnder((f.like.compute ?? f.like.keep)!.above);
    const operation = operationAt(f.like, f.sequence + later, moved(f.lo, by), moved(f.hi, by), iteration);
    for (const { keep, writes, version, box, operand, bytes } of f.touches) {
      const access = accessOf({ keep, by: operation, operand });
      const there = movedBox(box, access, operation.compute === undefined, by);
      operation.touches.push({ keep, by: operation, writes, version, box: there, operand, bytes });
    }
    iteration?.operations.push(operation);
    operations.push(operation);
  }
  frozen.operations.forEach(({ waits }, i) => {
    for (const { on, cause } of waits) operations[i]!.waits.push({ on: operations[on]!, cause });
  });
  issuer.live.length = 0;
  issuer.live.push(...operations);
  const movedTile = (tile: Tile | undefined, { keep }: KeepState): Tile | undefined => {
    const by = distancesUnder(keep.above);
    if (tile === undefined) return undefined;
    const box = movedBox(tile.box, keep.accesses[0]!, true, by);
    return { ...tile, box, lo: moved(tile.lo, by), hi: moved(tile.hi, by) };
  };
  issuer.keeps.forEach((state, k) => {
    const old = frozen.keeps[k];
    if (state === undefined || old === undefined) return;
    const { version, dirty, written, gap } = old;
    Object.assign(state, { version, dirty, written, gap });
    state.tile = movedTile(old.tile, state);
    state.ahead = movedTile(old.ahead, state);
  });
  regroupTouches(issuer);
  issuer.begun.splice(0, frozen.begun.length, ...frozen.begun);
  for (const [loop, window] of frozen.windows) {
    const now = program.windows.get(loop)!;
    now.length = 0;
    now.push(...window.map((i) => iterations[i]!));
  }
  for (const frame of frames) frame.iteration = program.windows.get(frame.loop)!.at(-1);
}
