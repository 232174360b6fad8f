import type { TensorValue } from '../../einsum/evaluate.ts';
import { elementCount, type TileMemory, tileEvaluator } from '../../einsum/evaluate-tile.ts';
import type { Rounding } from '../../einsum/number-format.ts';
import { computedOperator, float64, type Numerics, storedInput } from '../../einsum/numerics.ts';
import type { Tensor } from '../../einsum/workload.ts';
import { invariant } from '../../invariant.ts';
import type { Keep, PlacedMapping } from '../../mapper/placed.ts';
import { isAroundGrid, type TileBox } from '../../mapper/tile.ts';
import { type Evaluate, followCourse } from '../course.ts';
import { countTraffic } from '../traffic.ts';
import { runEngine } from './engine.ts';
import type { Recorded } from './issue.ts';
import { recordBlock } from './record.ts';
import type { Tape } from './tape.ts';
import type { Touch } from './touches.ts';

/** Elements that a buffer holds, by offset in the whole tensor, every version of a carried dimension apart. */
type Store = Map<number, number>;

/** Elements of all tensors together that functional mode takes: each is in several buffers, at some 50 bytes. */
export const mostMovedElements = 2 ** 22;

/**
 * Functional mode: the event program moves real values. Each fill and drain copies its tile from buffer to buffer,
 * each compute reads and writes the buffers that it is bound to, in the order in which the simulator lets them
 * finish. A stage that is used again loses what it held, so a schedule that reads a tile too late or too early finds
 * nothing there, which is a bug of ours and throws. For small sizes: every element moves on its own.
 *
 * Buffers hold numbers in the format of their tensor, as `numerics` tells: what a compute writes is rounded, be it a
 * result or a part of a sum that a later step goes on with.
 *
 * Returns all output tensors; `inputs` has a row-major array for each input.
 */
export function executeMapping(
  p: PlacedMapping,
  inputs: ReadonlyMap<string, Float64Array>,
  numerics: Numerics = float64,
): ReadonlyMap<string, TensorValue> {
  const { tensors } = p.workload;
  const homes = tensors.map((t, i) => new Map(homeContents(t, inputs, numerics.stored[i])));
  const buffers = createBuffers(p, homes);
  const evaluators = p.computes.map((c) => tileEvaluator(p.workload, p.workload.einsums.indexOf(c.einsum), numerics));
  const start = (operation: Recorded): void => {
    for (const t of operation.touches) if (t.writes) buffers.open(t);
  };
  const finish = (operation: Recorded): void => {
    const { compute, lo, hi } = operation;
    if (compute === undefined) copyTile(p, operation, buffers, numerics);
    else evaluators[compute.id]!({ lo, hi }, computeMemory(p, operation, buffers));
  };
  const runBlock: Evaluate<Tape> = (costs, block, starts) => {
    buffers.clear();
    const all: Recorded[] = [];
    const tape = recordBlock(costs, block, starts, { all });
    runEngine(tape, {
      ticksPerCycle: 1,
      factors: costs.slowdown,
      resources: costs.resources,
      folding: false,
      probe: { onStart: (_, at) => start(all[at]!), onFinish: (_, at) => finish(all[at]!) },
    });
    return tape;
  };
  followCourse(p, countTraffic(p), runBlock, true);
  return new Map(
    tensors.flatMap((t, i) => (t.role === 'output' ? [[t.name, tensorValue(t, homes[i]!)] as const] : [])),
  );
}

function* homeContents(
  t: Tensor,
  inputs: ReadonlyMap<string, Float64Array>,
  rounding: Rounding | undefined,
): Iterable<[number, number]> {
  if (t.producer !== undefined) return;
  const values = inputs.get(t.name);
  invariant(values?.length === elementCount(t), `input "${t.name}" needs ${elementCount(t)} values`);
  yield* storedInput(values, rounding).entries();
}

function tensorValue(t: Tensor, home: Store): TensorValue {
  const values = new Float64Array(elementCount(t));
  const exists = new Uint8Array(values.length);
  const read = versionReader(t, home);
  for (let offset = 0; offset < values.length; offset++) {
    const value = read(offset);
    if (value === undefined) continue;
    values[offset] = value;
    exists[offset] = 1;
  }
  return { values, exists };
}

type Buffers = {
  /** What a touch of a keep sees; the home of the tensor for keeps that the block finds in place. */
  readonly of: (keep: Keep, touches: readonly Touch[], operand: number) => Store;
  /** Later tiles that are here already and took over what the tile of a touch holds. */
  readonly later: (t: Touch) => readonly Store[];
  /** What is beneath a tile that a touch writes, in the same room: an element that is written there is lost here. */
  readonly beneath: (t: Touch) => readonly Store[];
  /** Makes room for the tile that a touch writes. */
  readonly open: (t: Touch) => void;
  readonly clear: () => void;
};

function createBuffers(p: PlacedMapping, homes: readonly Store[]): Buffers {
  const versions = p.keeps.map(() => new Map<number, Store>());
  const opened = p.keeps.map(() => new Set<number>());
  // No loop moves the home of a tensor; what is around a grid holds the same as the home.
  const lasts = p.keeps.map((k) => (k.parent === undefined && k.above.length === 0) || isAroundGrid(p, k));
  const stays = p.keeps.map((k) => k.fill === 'always' && k.renewing.length === 0);
  const open = ({ keep, version }: Touch): Store => {
    if (lasts[keep.id]) return homes[keep.tensor]!;
    const stores = versions[keep.id]!;
    const known = stores.get(version);
    if (known !== undefined) return known;
    // What neighbouring tiles share stays. A tile that is part of the one before it came without a fill.
    const before = Math.max(...[...stores.keys()].filter((v) => v < version));
    for (let v = stays[keep.id] && before >= 0 ? before + 1 : version; v <= version; v++) {
      stores.set(v, new Map(stays[keep.id] ? stores.get(v - 1) : []));
      opened[keep.id]!.add(v);
    }
    for (const { id } of keep.room)
      for (const old of [...versions[id]!.keys()]) if (old <= version - keep.stages) versions[id]!.delete(old);
    return stores.get(version)!;
  };
  return {
    open,
    later: ({ keep, version }) =>
      stays[keep.id] && !lasts[keep.id]
        ? [...versions[keep.id]!].flatMap(([v, store]) => (v > version ? [store] : []))
        : [],
    beneath: ({ keep, version }) =>
      keep.room
        .slice(0, keep.room.indexOf(keep))
        .flatMap((k) => (lasts[k.id] ? homes[k.tensor]! : (versions[k.id]!.get(version) ?? []))),
    clear: () => {
      for (const stores of versions) stores.clear();
      for (const known of opened) known.clear();
    },
    of: (keep, touches, operand) => {
      const touch = touches.find((t) => t.keep === keep && t.operand === operand);
      if (touch === undefined || lasts[keep.id]) return homes[keep.tensor]!;
      const stores = versions[keep.id]!;
      const store = stores.get(touch.version);
      if (store !== undefined) return store;
      const { name } = p.workload.tensors[keep.tensor]!;
      invariant(!opened[keep.id]!.has(touch.version), `a tile of "${name}" is gone when it is needed`);
      // A tile that is part of the one before it came without a fill, and is read where that one is. Else nothing was
      // written there: a carried tensor has its initial value.
      return (stays[keep.id] ? stores.get(Math.max(...stores.keys())) : undefined) ?? new Map();
    },
  };
}

function copyTile(p: PlacedMapping, task: Recorded, buffers: Buffers, numerics: Numerics): void {
  const keep = task.keep!;
  const tensor = p.workload.tensors[keep.tensor]!;
  const mine = buffers.of(keep, task.touches, -2);
  const theirs = buffers.of(keep.parent!, task.touches, -2);
  const touch = task.touches.find((t) => t.keep === keep)!;
  // A piece may come after the next tile has been begun, which it is a part of, too.
  const [from, to] = task.kind === 'fill' ? [theirs, [mine, ...buffers.later(touch)]] : [mine, [theirs]];
  const beneath = storesBeneath(task, buffers);
  const adds = task.kind === 'drain' && keep.adds;
  const add = computedOperator('add', numerics);
  const stored = numerics.stored[keep.tensor] ?? ((sum: number) => sum);
  forEachOffset(tensor, touch.box, (offset) => {
    const value = from.get(offset);
    if (value === undefined) return;
    for (const store of beneath) store.delete(offset);
    const moved = adds ? stored(add(theirs.get(offset) ?? 0, value)) : value;
    for (const store of to) store.set(offset, moved);
  });
}

const storesBeneath = (task: Recorded, buffers: Buffers): readonly Store[] =>
  task.touches.flatMap((t) => (t.writes ? buffers.beneath(t) : []));

function forEachOffset(tensor: Tensor, box: TileBox, visit: (offset: number) => void): void {
  const descend = (d: number, base: number): void => {
    if (d === tensor.dimensions.length) {
      visit(base);
      return;
    }
    const { size } = tensor.dimensions[d]!;
    for (let c = box[2 * d]!; c < box[2 * d + 1]!; c++) descend(d + 1, base * size + c);
  };
  descend(0, 0);
}

function computeMemory(p: PlacedMapping, task: Recorded, buffers: Buffers): TileMemory {
  const compute = task.compute!;
  const { operands, output } = compute.einsum;
  const output_ = buffers.of(compute.output, task.touches, -1);
  const { tensors } = p.workload;
  const readers: VersionReader[] = [];
  readers[output.tensor] = versionReader(tensors[output.tensor]!, output_);
  compute.operands.forEach((keep, i) => {
    const { tensor } = operands[i]!;
    readers[tensor] = versionReader(tensors[tensor]!, buffers.of(keep, task.touches, i));
  });
  const beneath = storesBeneath(task, buffers);
  return {
    read: (tensor, offset) => readers[tensor]!(offset),
    accumulated: (_, offset) => output_.get(offset),
    write: (_, offset, value) => {
      for (const store of beneath) store.delete(offset);
      output_.set(offset, value);
    },
  };
}

type VersionReader = (offset: number) => number | undefined;

/** A version that an iteration did not compute is that of the iteration before; version 0 is the initial value. */
function versionReader(tensor: Tensor, store: Store): VersionReader {
  const carried = tensor.dimensions.findIndex((d) => d.carried);
  if (carried < 0) return (offset) => store.get(offset);
  const stride = tensor.dimensions.slice(carried + 1).reduce((n, d) => n * d.size, 1);
  const { size } = tensor.dimensions[carried]!;
  return (offset) => {
    const version = Math.floor(offset / stride) % size;
    for (let back = 0; back < version; back++) {
      const value = store.get(offset - back * stride);
      if (value !== undefined) return value;
    }
    return tensor.initial;
  };
}
