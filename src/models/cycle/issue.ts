import type { Tensor } from '../../einsum/workload.ts';
import type { Compute, Keep, Loop } from '../../mapper/placed.ts';
import type { Environment, TileBox } from '../../mapper/tile.ts';
import type { StallCause } from '../metrics.ts';
import type { Costs, Use } from '../resources.ts';
import { mostRecordedInFlight, WorkLimit } from '../work-limit.ts';
import type { Counters } from './counters.ts';
import { type IntList, pushInt } from './int-list.ts';
import type { Structure } from './structure.ts';
import { causeNumber, codes, emit, kinds, type OperationKind, type OperationTable, type Price } from './tape.ts';
import { addTouch, holds, isSeen, type Touch, type TouchGroup } from './touches.ts';

/** One operation as it is recorded: a tile filled, drained or computed. */
export type Recorded = {
  /** Position in program order, repeated iterations counted; moves with those that repeat. */
  sequence: number;
  readonly kind: OperationKind;
  readonly keep: Keep | undefined;
  readonly compute: Compute | undefined;
  readonly price: number;
  /** Intervals of the loops, by variable. */
  readonly lo: number[];
  readonly hi: number[];
  /** The iteration that is not over before this operation is, if any. */
  readonly iteration: Iteration | undefined;
  readonly touches: Touch[];
  /** What it waits for, as far as that may not be done by then. */
  waits: { readonly on: Recorded; cause: StallCause }[];
  /** It is done whenever anything is issued from now on. */
  done: boolean;
  /** The operation (its sequence) that last waited for it. */
  waitedForBy: number;
  /** The operation (its sequence) that last waited for it by way of another. */
  impliedFor: number;
};

/** One iteration of a loop, as far as it may not be over. */
export type Iteration = {
  readonly loop: Loop | undefined;
  /** How many iterations of its loop were begun before. */
  readonly number: number;
  readonly operations: Recorded[];
  readonly inner: Iteration[];
};

/** A tile of a keep and the intervals of the loops that it is for. */
export type Tile = { readonly box: TileBox; readonly lo: number[]; readonly hi: number[]; readonly bytes: number };

/** What a keep holds while the program is issued. */
export type KeepState = {
  readonly keep: Keep;
  /** Those of the keeps that take turns in its room, as `Keep.room`; each counts its tiles as the first of them does. */
  room: readonly KeepState[];
  /** The tensor's carried dimension; -1 if it has none. */
  readonly carried: number;
  /** Counts the tiles that have been here. */
  version: number;
  /** The tile that is here. */
  tile: Tile | undefined;
  /** The next tile, whose fill has been issued ahead. */
  ahead: Tile | undefined;
  /** Some compute has written to it. */
  dirty: boolean;
  /** The latest tile that was written to, and whether one before it was not. */
  written: number;
  gap: boolean;
  /** Touches by operations that may not be done, and some that are (they are dropped when met), in program order. */
  touches: TouchGroup[];
};

export const createKeepState = (keep: Keep, tensor: Tensor): KeepState => ({
  keep,
  room: [],
  carried: tensor.dimensions.findIndex((d) => d.carried),
  version: 0,
  tile: undefined,
  ahead: undefined,
  dirty: false,
  written: 0,
  gap: false,
  touches: [],
});

/** What issuing operations works on. */
export type Issuer = {
  readonly costs: Costs;
  readonly structure: Structure;
  /** Where the loops stand. */
  readonly env: Environment;
  /** By keep; undefined for those outside the block that is run, unless something in it writes there. */
  readonly keeps: readonly (KeepState | undefined)[];
  readonly counters: Counters;
  /** In order; some may be done. */
  readonly live: Recorded[];
  sequence: number;
  /** Oldest operation that was waited for since it was last reset, by depth of the loops that are being run. */
  readonly reach: number[];
  readonly code: IntList;
  readonly operations: OperationTable;
  readonly prices: PriceList;
  /** Iterations begun, by number of the loop. */
  readonly begun: number[];
  /** Number of a loop on the tape. */
  readonly loopNumber: (loop: Loop | undefined) => number;
  /** All that was recorded, by position on the tape, where somebody asks for it. */
  readonly all: Recorded[] | undefined;
  readonly mostRecorded: number;
};

/** Whether an operation is inside a loop. */
export const isUnder = (operation: Recorded, loop: Loop): boolean =>
  (operation.compute ?? operation.keep)!.above.includes(loop);

/** Prices, each once. */
export type PriceList = {
  readonly prices: Price[];
  readonly paid: number[];
  readonly known: Map<string, number>;
  /** By kind and keep, then by bytes. */
  readonly transfers: Map<number, number>[];
};

export function priceOf(list: PriceList, price: Price): number {
  const uses = price.uses.map((u) => `${u.resource}:${u.cycles}`).join();
  const key = `${price.compute} ${price.latency_cycles} ${price.ramp_cycles} ${uses}`;
  const known = list.known.get(key);
  if (known !== undefined) return known;
  list.known.set(key, list.prices.length);
  list.paid.push(0);
  return list.prices.push(price) - 1;
}

/** Price of a fill or drain of so many bytes. */
export function transferPrice(
  list: PriceList,
  kind: 'fill' | 'drain',
  keep: Keep,
  bytes: number,
  price: () => { readonly uses: readonly Use[]; readonly latency_cycles: number },
): number {
  const slot = 2 * keep.id + (kind === 'fill' ? 0 : 1);
  list.transfers[slot] ??= new Map();
  const known = list.transfers[slot].get(bytes);
  if (known !== undefined) return known;
  const found = priceOf(list, { ...price(), ramp_cycles: 0, compute: -1 });
  list.transfers[slot].set(bytes, found);
  return found;
}

export const createOperation = (
  issuer: Issuer,
  kind: OperationKind,
  subject: { readonly keep?: Keep; readonly compute?: Compute },
  price: number,
  iteration: Iteration | undefined,
): Recorded =>
  operationAt(
    { kind, keep: subject.keep, compute: subject.compute, price },
    issuer.sequence,
    issuer.env.lo.slice(),
    issuer.env.hi.slice(),
    iteration,
  );

/** An operation like another one, elsewhere. All are made here, so that they have one form for the compiler. */
export function operationAt(
  { kind, keep, compute, price }: Pick<Recorded, 'kind' | 'keep' | 'compute' | 'price'>,
  sequence: number,
  lo: number[],
  hi: number[],
  iteration: Iteration | undefined,
): Recorded {
  return {
    sequence,
    kind,
    keep,
    compute,
    price,
    lo,
    hi,
    iteration,
    touches: [],
    waits: [],
    done: false,
    waitedForBy: -1,
    impliedFor: -1,
  };
}

/** Puts an operation whose dependences are set on the tape. */
export function submit(issuer: Issuer, operation: Recorded, late = false): void {
  const { operations: table, live } = issuer;
  if (table.kind.length === issuer.mostRecorded)
    throw new WorkLimit(`more than ${issuer.mostRecorded} operations are unlike all others`);
  issuer.sequence++;
  dropImplied(operation);
  issuer.prices.paid[operation.price]!++;
  const at = table.kind.length;
  pushInt(table.kind, kinds.indexOf(operation.kind));
  pushInt(table.subject, (operation.compute ?? operation.keep)!.id);
  pushInt(table.price, operation.price);
  pushInt(table.loop, operation.iteration === undefined ? -1 : issuer.loopNumber(operation.iteration.loop));
  pushInt(table.late, late ? 1 : 0);
  pushInt(table.priority, (operation.compute ?? operation.keep)!.above.at(-1)?.priority ?? 0);
  pushInt(table.firstWait, table.waitBack.length);
  for (const { on, cause } of operation.waits) {
    pushInt(table.waitBack, Math.min(operation.sequence - on.sequence, 2 ** 31 - 1));
    pushInt(table.waitCause, causeNumber(cause));
    for (let d = 0; d < issuer.reach.length; d++) if (on.sequence < issuer.reach[d]!) issuer.reach[d] = on.sequence;
  }
  pushInt(table.firstTouch, table.touchKeep.length);
  for (const t of operation.touches) writeTouch(issuer, t);
  emit(issuer.code, codes.operation, at);
  operation.iteration?.operations.push(operation);
  issuer.all?.push(operation);
  live.push(operation);
  if (live.length % 256 === 0 && liveOperations(issuer).length > mostRecordedInFlight)
    throw new WorkLimit(`more than ${mostRecordedInFlight} operations would be in flight at once`);
}

function writeTouch(issuer: Issuer, { keep, version, writes, bytes }: Touch): void {
  const { operations: table } = issuer;
  pushInt(table.touchKeep, keep.id);
  pushInt(table.touchBack, issuer.keeps[keep.id]!.version - version);
  pushInt(table.touchWrites, writes ? 1 : 0);
  table.touchBytes.push(bytes);
}

/** What another one that is waited for waits for itself need not be waited for. */
function dropImplied(operation: Recorded): void {
  const { waits, sequence } = operation;
  if (waits.length < 2) return;
  for (const { on } of waits) markBefore(on, sequence, 2);
  let kept = 0;
  for (const wait of waits) if (wait.on.impliedFor !== sequence) waits[kept++] = wait;
  waits.length = kept;
}

/** Marks what an operation waits for, so many steps back. */
function markBefore(operation: Recorded, sequence: number, steps: number): void {
  for (const { on } of operation.waits) {
    if (on.impliedFor === sequence) continue;
    on.impliedFor = sequence;
    if (steps > 1) markBefore(on, sequence, steps - 1);
  }
}

/** Operations that may not be done; drops the others. */
export function liveOperations(issuer: Issuer): readonly Recorded[] {
  const { live } = issuer;
  let kept = 0;
  for (let i = 0; i < live.length; i++) {
    const operation = live[i]!;
    if (!operation.done) live[kept++] = operation;
  }
  live.length = kept;
  return live;
}

/** An iteration is over whenever anything is issued from now on: so is all that it waited for. */
export function settle(iteration: Iteration): void {
  for (const operation of iteration.operations) finish(operation);
  for (const inner of iteration.inner) settle(inner);
  iteration.operations.length = 0;
  iteration.inner.length = 0;
}

function finish(operation: Recorded): void {
  const left = [operation];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (next.done) continue;
    next.done = true;
    for (const { on } of next.waits) left.push(on);
    next.waits = [];
  }
}

function waitFor(operation: Recorded, on: Recorded, cause: StallCause): void {
  if (on.done || on === operation) return;
  if (on.waitedForBy !== operation.sequence) {
    on.waitedForBy = operation.sequence;
    operation.waits.push({ on, cause });
  } else operation.waits.find((w) => w.on === on)!.cause = cause;
}

/**
 * The operation waits for all that writes the part of the tile that it touches, back to the last compute that wrote all
 * of that part: it has waited for those before. Drops touches that are done.
 */
export function waitForWriters(operation: Recorded, state: KeepState, box: TileBox): void {
  const { touches: groups, carried } = state;
  const last = lastWriterOfAll(groups, box);
  let kept = 0;
  for (let g = 0; g < groups.length; g++) {
    const group = groups[g]!;
    const { touches, written } = group;
    if (touches[0]!.by.done || (g >= last.group && written !== undefined && isSeen(written, box, carried))) {
      const first = g < last.group ? touches.length : g === last.group ? last.place : 0;
      waitForWritersIn(touches, first, operation, box, carried);
    }
    if (touches.length > 0) groups[kept++] = group;
  }
  groups.length = kept;
}

/** The last compute in flight that wrote all of a box; the first place of all if there is none. */
function lastWriterOfAll(
  groups: readonly TouchGroup[],
  box: TileBox,
): { readonly group: number; readonly place: number } {
  for (let group = groups.length - 1; group >= 0; group--) {
    const { touches, written } = groups[group]!;
    if (written === undefined || !holds(written, box)) continue;
    for (let place = touches.length - 1; place >= 0; place--) {
      const t = touches[place]!;
      if (t.writes && t.operand === -1 && !t.by.done && holds(t.box, box)) return { group, place };
    }
  }
  return { group: 0, place: 0 };
}

/** From the place `first` on. */
function waitForWritersIn(touches: Touch[], first: number, operation: Recorded, box: TileBox, carried: number): void {
  let kept = 0;
  for (let i = 0; i < touches.length; i++) {
    const t = touches[i]!;
    if (t.by.done) continue;
    touches[kept++] = t;
    if (i >= first && t.writes && isSeen(t.box, box, carried))
      waitFor(operation, t.by, t.by.kind === 'compute' ? 'operand' : 'transfer');
  }
  touches.length = kept;
}

/**
 * It writes a part of a tile into a stage that an earlier tile had: it waits for all that still uses that one, and those
 * before. What had the stage before that was waited for by whoever wrote the tile, if all tiles so far were written.
 * Where keeps take turns in the room, that goes for the tiles of all, and those beneath must be through with the part.
 */
export function waitForRoom(operation: Recorded, state: KeepState, version: number, box: TileBox): void {
  const { room, keep } = state;
  const newest = version - keep.stages;
  const settled = room[0]!.gap ? 0 : newest - keep.stages;
  for (const { touches: groups } of room)
    for (const group of groups) {
      if (group.newest <= settled || group.oldest > newest) continue;
      for (const t of group.touches) if (t.version > settled && t.version <= newest) waitFor(operation, t.by, 'slot');
    }
  for (const beneath of room) {
    if (beneath === state) return;
    for (const group of beneath.touches) {
      if (group.newest < version || group.oldest > version) continue;
      for (const t of group.touches)
        if (t.version === version && isSeen(t.box, box, -1)) waitFor(operation, t.by, 'slot');
    }
  }
}

/** `bytes` are those of the whole tile that the box is a part of. */
export function touch(
  operation: Recorded,
  state: KeepState,
  writes: boolean,
  box: TileBox,
  operand: number,
  version: number,
  bytes = state.tile?.bytes ?? 0,
): void {
  const record = { keep: state.keep, by: operation, writes, version, box, operand, bytes };
  addTouch(state.touches, record);
  operation.touches.push(record);
  if (!writes) return;
  if (version > state.written + 1) state.gap = true;
  state.written = Math.max(state.written, version);
}

/** Puts the touches of all that may not be done in their keeps anew: what they touch has moved. */
export function regroupTouches(issuer: Issuer): void {
  for (const state of issuer.keeps) if (state !== undefined) state.touches = [];
  for (const operation of liveOperations(issuer))
    for (const t of operation.touches) addTouch(issuer.keeps[t.keep.id]!.touches, t);
}
