import type { BoundAccess, Tensor } from '../einsum/workload.ts';
import type { Compute, Keep, Loop, PlacedMapping } from '../mapper/placed.ts';
import {
  accessBox,
  arrayReads,
  type Environment,
  elements,
  gridOf,
  isIndexedBy,
  isStoredBy,
  launching,
  loopsAround,
  type TileBox,
  tensorBytes,
  tileBox,
  volume,
  wholeEnvironment,
} from '../mapper/tile.ts';
import { type Access, accessesOfCompute, accessesOfMovement, sumByLevel } from './accesses.ts';
import { shapeOf } from './likeness.ts';
import type { LevelTraffic } from './metrics.ts';
import { type Moving, movedElements } from './moved-elements.ts';
import { servedElements } from './multicast.ts';
import { type Past, pastOfKeep, wasVisited } from './visited.ts';
import { isActive, sumOverLeaves } from './walk.ts';

/**
 * Bytes moved, exactly, in closed form. The rules, in one place (docs/mappings.md explains them with examples):
 *
 * - A keep holds one tile of its tensor (in as many stages as it has). When the loops above move it, what of the
 *   new tile was not in the old one is filled from the parent keep: read there, written here.
 * - A grid, and what runs beside it, is launched anew in each iteration around: every step of it starts with empty
 *   buffers and leaves them empty.
 * - A tile of a produced tensor that was written is drained when another takes its place, if someone outside needs
 *   it: read here, written to the parent. On a later visit it is filled back; the first visit fills nothing. If it
 *   is read elsewhere, it is also given up whenever the branch that leads here ends inside the loops around both.
 * - Where the instances of a grid add up a sum, each step of it begins its part with zero: nothing is filled, and what
 *   is drained is read in the parent too, as it is added to what is there.
 * - A tile of a carried tensor that is read apart from its producer is filled anew in each iteration of its rank.
 * - A compute reads each operand at its innermost keep once a tile and array pass (`arrayReads`), and writes each
 *   output element once a tile. If a reduced rank is cut by loops, the later visits read what they add to.
 * - Where a level multicasts, steps of a grid that run side by side and want the same tiles share their reads
 *   (`servedElements`).
 * - A cache that holds its tiles is a keep. One that does not is filled with what is read from it, but steps of a grid
 *   that run side by side and want the same tiles share one fill, as if its parent multicast.
 * - Iterations in which no Einsum below computes (a filter leaves nothing) move nothing.
 * - Of what spills nothing is filled or drained, but that part of every read and write is one of the level outside as
 *   well (`accesses.ts`). Movements here are those of whole tiles.
 */
export type Movement = {
  readonly keep: Keep;
  /** Bytes written into this level and read from the parent's. */
  readonly fill_bytes: number;
  /** Reads of the parent that served them: fewer where the parent multicasts. */
  readonly parent_read_bytes: number;
  readonly drain_bytes: number;
};

export type ComputeTraffic = {
  readonly compute: Compute;
  /** Bytes by operand, in the order of the Einsum's operands. */
  readonly read_bytes: readonly number[];
  /** Partial results read back before they are added to. */
  readonly update_read_bytes: number;
  readonly write_bytes: number;
};

export type Traffic = {
  readonly movements: readonly Movement[];
  readonly computes: readonly ComputeTraffic[];
  /** All of it, in parts; `levels` are the sums. */
  readonly accesses: readonly Access[];
  readonly levels: ReadonlyMap<string, LevelTraffic>;
};

export function countTraffic(p: PlacedMapping): Traffic {
  const computes = p.computes.map((compute) => countCompute(p, compute));
  const movements: Movement[] = [];
  // Those inside first: what passes through a cache is what they read.
  for (let k = p.keeps.length - 1; k >= 0; k--)
    movements[k] = p.keeps[k]!.holds
      ? countMovement(p, p.keeps[k]!)
      : countPassing(p, p.keeps[k]!, movements, computes);
  const accesses = [...movements.flatMap(accessesOfMovement), ...computes.flatMap(accessesOfCompute)];
  return { movements, computes, accesses, levels: sumByLevel(p, accesses) };
}

/** Whether data decides what each step of a grid wants of a tile: then none wants the same as its neighbours. */
const isOtherInEachStep = ({ above, deciding }: Keep): boolean =>
  gridOf(above).some((l) => deciding.includes(l.variable));

/** What passes through a cache that holds nothing. */
function countPassing(
  p: PlacedMapping,
  cache: Keep,
  movements: readonly Movement[],
  computes: readonly ComputeTraffic[],
): Movement {
  let fill_bytes = 0;
  let drain_bytes = 0;
  for (const keep of p.keeps) {
    if (keep.parent !== cache) continue;
    const moved = movements[keep.id]!;
    // What is added to is fetched, and goes back.
    const added = keep.adds ? servedDrains(p, keep) : 0;
    if (keep.adds) fill_bytes += added;
    else {
      const served = keep.local && keep.producer === undefined && !isOtherInEachStep(keep);
      fill_bytes += served ? servedFills(p, keep) : moved.parent_read_bytes;
    }
    drain_bytes += keep.adds ? added : moved.drain_bytes;
  }
  for (const { compute, read_bytes } of computes)
    compute.operands.forEach((keep, i) => {
      // Each instance asks for what its own gates let through.
      const served = gridOf(compute.above).length > 0 && compute.einsum.conditions.length === 0;
      if (keep === cache) fill_bytes += served ? servedReads(p, compute, i) : read_bytes[i]!;
    });
  return { keep: cache, fill_bytes, parent_read_bytes: fill_bytes, drain_bytes };
}

/** Of tiles that gates leave out no byte moves: the others are as many as they are on average. */
function countMovement(p: PlacedMapping, keep: Keep): Movement {
  const { fill_bytes, parent_read_bytes, drain_bytes } = countWholeMovement(p, keep);
  const { density } = keep;
  return {
    keep,
    fill_bytes: density * fill_bytes,
    parent_read_bytes: density * parent_read_bytes,
    drain_bytes: density * drain_bytes,
  };
}

function countWholeMovement(p: PlacedMapping, keep: Keep): Movement {
  const { parent, producer } = keep;
  if (parent === undefined) return { keep, fill_bytes: 0, parent_read_bytes: 0, drain_bytes: 0 };
  const tensor = p.workload.tensors[keep.tensor]!;
  const past = pastOfKeep(p, keep);
  const moving = movingOf(p, keep, past);
  const moved = (counts: (env: Environment) => boolean): number =>
    movedElements({ ...moving, counts }, wholeEnvironment(p.workload));
  const isWritten = (env: Environment): boolean => producer !== undefined && isActive([producer], env);
  const isKnown = (env: Environment): boolean => isWritten(env) || (past !== undefined && wasVisited(past, env));
  const filled = (): number => {
    if (keep.fill === 'never') return 0;
    if (keep.fill === 'always') return moved(() => true);
    // A tile that is computed into for the first time is not in the parent yet.
    return moved(isKnown) - firstVisits(p, keep, tensor);
  };
  const fill_bytes = tensorBytes(tensor, filled());
  // What is produced in a grid is indexed by all its loops: no two steps want the same of it.
  const multicast =
    keep.fill === 'always' &&
    keep.local &&
    !parent.local &&
    p.machine.levels[parent.level]!.multicast &&
    !isOtherInEachStep(keep);
  return {
    keep,
    fill_bytes,
    parent_read_bytes: multicast ? servedFills(p, keep) : fill_bytes,
    drain_bytes: keep.drain ? tensorBytes(tensor, moved(isWritten)) : 0,
  };
}

function movingOf(p: PlacedMapping, keep: Keep, past: Past | undefined): Omit<Moving, 'counts'> {
  const starting = new Set([...keep.renewing, ...launching(p, keep)]);
  return {
    keep,
    tensor: p.workload.tensors[keep.tensor]!,
    loops: keep.above,
    startsEmpty: (loop) => starting.has(loop),
    shape: shapeOf(keep.users, p.workload.tensors, past === undefined ? [] : [past]),
  };
}

const loopsInStep = (above: readonly Loop[]): readonly Loop[] =>
  above.slice(above.findLastIndex((l) => l.across !== undefined) + 1);

/** Bytes read for the fills of an instance's keep, where one read serves all that run side by side. */
function servedFills(p: PlacedMapping, keep: Keep): number {
  return servedTiles(p, keep, () => true);
}

/** Bytes of sums that an instance's keep adds to, where what all that run side by side add to is fetched once. */
function servedDrains(p: PlacedMapping, keep: Keep): number {
  return servedTiles(p, keep, (env) => isActive([keep.producer!], env));
}

function servedTiles(p: PlacedMapping, keep: Keep, counts: (env: Environment) => boolean): number {
  const moving = { ...movingOf(p, keep, undefined), loops: loopsInStep(keep.above), counts };
  const served = servedElements(p, keep, (env) => movedElements(moving, env));
  return tensorBytes(moving.tensor, served);
}

/** Bytes read for an operand, where one read serves all that run side by side. */
function servedReads(p: PlacedMapping, { einsum, above, bindings }: Compute, operand: number): number {
  const access = einsum.operands[operand]!;
  const tensor = p.workload.tensors[access.tensor]!;
  const shape = shapeOf([einsum], p.workload.tensors);
  const box: TileBox = [];
  const read = (env: Environment): number =>
    sumOverLeaves(loopsInStep(above), [einsum], shape, env, 1, (at, add) =>
      add(
        0,
        einsum.readShares[operand]! *
          elements(accessBox(access, tensor, at, box), tensor.dimensions.length) *
          arrayReads(bindings[0]!, access, at),
      ),
    )[0]!;
  return tensorBytes(
    tensor,
    servedElements(p, { tensor: access.tensor, above, accesses: [access], users: [einsum] }, read),
  );
}

/** Elements of the tiles that are computed into, each tile once: only loops that select among them, or begin anew, count. */
function firstVisits(p: PlacedMapping, keep: Keep, tensor: Tensor): number {
  const producer = keep.producer!;
  const around = keep.local ? loopsAround(p.workload, producer, keep.above) : [];
  const loops = keep.above.filter((l) => around.includes(l) || isStoredBy(producer.output, tensor, l.variable));
  const shape = shapeOf(keep.users, p.workload.tensors);
  const box: TileBox = [];
  return sumOverLeaves(loops, [producer], shape, wholeEnvironment(p.workload), 1, (env, add) =>
    add(0, volume(tensor, tileBox(keep, tensor, env, box))),
  )[0]!;
}

function countCompute(p: PlacedMapping, compute: Compute): ComputeTraffic {
  const { einsum } = compute;
  const { tensors } = p.workload;
  const shape = shapeOf([einsum], tensors);
  const box: TileBox = [];
  const bytesOf = (access: BoundAccess, env: Environment): number => {
    const tensor = tensors[access.tensor]!;
    return tensorBytes(tensor, elements(accessBox(access, tensor, env, box), tensor.dimensions.length));
  };
  const sums = sumOverLeaves(
    compute.above,
    [einsum],
    shape,
    wholeEnvironment(p.workload),
    einsum.operands.length + 1,
    (env, add) => {
      einsum.operands.forEach((access, i) => {
        add(i, einsum.readShares[i]! * bytesOf(access, env) * arrayReads(compute.bindings[0]!, access, env));
      });
      add(einsum.operands.length, einsum.writeShare * bytesOf(einsum.output, env));
    },
  );
  const write_bytes = sums[einsum.operands.length]!;
  const cut = compute.above.some((l) => einsum.reduced.includes(l.variable));
  const around = loopsAround(p.workload, einsum, compute.above);
  const once = cut
    ? sumOverLeaves(
        compute.above.filter((l) => around.includes(l) || isIndexedBy(einsum.output, l.variable)),
        [einsum],
        shape,
        wholeEnvironment(p.workload),
        1,
        (env, add) => add(0, einsum.writeShare * bytesOf(einsum.output, env)),
      )[0]!
    : write_bytes;
  return {
    compute,
    read_bytes: [...sums.subarray(0, einsum.operands.length)],
    update_read_bytes: write_bytes - once,
    write_bytes,
  };
}
