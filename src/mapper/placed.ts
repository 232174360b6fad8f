import type { Machine } from '../arch/machine.ts';
import type { BoundAccess, BoundEinsum, Workload } from '../einsum/workload.ts';
import type { Span } from '../source.ts';
import type { Dispatch } from './mapping.ts';

/**
 * A mapping bound to a workload and a machine, and found legal: every number known, every name resolved.
 * This is all that a model sees of a mapping. `place.ts` makes it.
 */
export type PlacedMapping = {
  readonly name: string;
  readonly workload: Workload;
  readonly machine: Machine;
  /** Parameters as computed or overridden, in the order of the file. */
  readonly parameters: ReadonlyMap<string, number>;
  readonly root: Block;
  /** All keeps, parents before children; `id` is the position here. */
  readonly keeps: readonly Keep[];
  /** All loops in program order; `id` is the position here. */
  readonly loops: readonly Loop[];
  /** All computes in program order; `id` is the position here. */
  readonly computes: readonly Compute[];
  /** Units (positions in the machine's) that serve operations in the order of their turns, whatever is ready first. */
  readonly ordered: readonly number[];
  /** Each nest of spatial loops, outermost first: its steps are the tiles of a grid over instances of one level. */
  readonly grids: readonly (readonly Loop[])[];
};

/** The body of a loop, or of the whole mapping: tiles kept, then branches. */
export type Block = {
  /** `strict`: branches one after the other; otherwise as their operands allow. */
  readonly strict: boolean;
  /** Iterations of the enclosing loop that may be begun and not ended. */
  readonly inFlight: number;
  readonly keeps: readonly Keep[];
  readonly branches: readonly Branch[];
};

export type Branch = Loop | Compute;

export type Loop = {
  readonly kind: 'loop';
  readonly id: number;
  /** Position in the workload's variables. */
  readonly variable: number;
  /** Coordinates a step. */
  readonly tile: number;
  /** Level over whose instances the steps are spread; undefined: in time. */
  readonly across: number | undefined;
  /** Who gets the next step of the grid whose innermost loop this is. */
  readonly dispatch: Dispatch;
  /** Its instances go on to the next step before the last one is over. */
  readonly persistent: boolean;
  /** Tensors (positions in the workload's) that its instances sum over its rank together. */
  readonly adding: readonly number[];
  /** Among operations that could start, those under loops of a higher one go first. */
  readonly priority: number;
  /** Each iteration of the loop around runs this one for the iteration so many before it. */
  readonly lag: number;
  readonly trailing: boolean;
  readonly block: Block;
  /** Loops above, outermost first. */
  readonly above: readonly Loop[];
  readonly span: Span;
};

export type Keep = {
  readonly id: number;
  /** Position in the workload's tensors. */
  readonly tensor: number;
  /** Position in the machine's levels. */
  readonly level: number;
  readonly stages: number;
  /** No tile is fetched ahead. */
  readonly demand: boolean;
  /**
   * Keeps of this body that take turns in one room, this one among them: each tile lies where that of the keep before
   * it in the list did, and is computed from it element by element.
   */
  readonly room: readonly Keep[];
  /** Undefined where every tile has room. */
  readonly spill: PlacedSpill | undefined;
  /** Written as a cache: whether its tiles stay here is for the capacity of the level to decide. */
  readonly cache: boolean;
  /** Its tiles stay here. False for a cache that is too small: what is read from it is read from the parent. */
  readonly holds: boolean;
  /** Nearest keep of the same tensor above; undefined: this is the tensor's home. */
  readonly parent: Keep | undefined;
  /** Loops above, outermost first. */
  readonly above: readonly Loop[];
  /** Accesses of the tensor by the computes below: the tile is the smallest box that holds them all. */
  readonly accesses: readonly BoundAccess[];
  /** Einsums below that access the tensor: the tile moves only for iterations in which one of them computes. */
  readonly users: readonly BoundEinsum[];
  /** The producer if it is below this keep. */
  readonly producer: BoundEinsum | undefined;
  /** Tiles come from the parent: all of them (`always`), only those that were here before (`revisited`), none. */
  readonly fill: 'always' | 'revisited' | 'never';
  /** What is produced below is needed outside of this keep: read there, or an output. */
  readonly wanted: boolean;
  /** Loops above that come back to a tile of what is produced below, to add to it or to carry it on. */
  readonly returning: readonly Loop[];
  /** Tiles go to the parent when another takes their place: they are wanted, or a loop that moves comes back. */
  readonly drain: boolean;
  /**
   * What leaves is added to what the parent has, and nothing comes back from there: each step of the grid around makes
   * parts of sums, which begin with zero.
   */
  readonly adds: boolean;
  /** To be added to, it is read in the parent first: the memory there does not add by itself. */
  readonly rereads: boolean;
  /**
   * Selections made below the parent that decide which elements come, where all users of the tile read them: it is fetched when
   * they are made.
   */
  readonly decidedBy: readonly { readonly keep: Keep; readonly access: BoundAccess }[];
  /** The outermost so many loops of `above` are also around the parent, the producer, or whoever decides: no tile of their next iterations is known ahead. */
  readonly knownLoops: number;
  /** Variables at each value of which gates or selections make another tile of it, or none. */
  readonly deciding: readonly number[];
  /** Share of its tiles that move at all: what gates leave, where they decide about a whole tile. */
  readonly density: number;
  /**
   * The outermost so many loops of `above` are also around whoever passes the tensor on through the parent: a reader
   * elsewhere of what is produced here, or the producer elsewhere of what is read here.
   */
  readonly sharedLoops: number;
  /**
   * Loops that a tile does not outlast, wherever it is: what is produced here is given up when the branch inside the
   * shared loops ends, so that the reader finds it in the parent; what is read here of a carried tensor is another
   * version in each iteration.
   */
  readonly renewing: readonly Loop[];
  /** Each instance of the grid has a tile of its own (it is inside the grid, on a level at or below the grid's). */
  readonly local: boolean;
  readonly span: Span;
};

/** What has no room in the level of a keep: which part of every tile, and the position of the level that has it. */
export type PlacedSpill = { readonly share: number; readonly level: number };

export type Compute = {
  readonly kind: 'compute';
  readonly id: number;
  readonly einsum: BoundEinsum;
  readonly bindings: readonly PlacedBinding[];
  /** Multiplies the unit's ramps. */
  readonly ramp: number;
  /** Iterations of the loop around that are issued before its turn comes. */
  readonly lag: number;
  readonly trailing: boolean;
  /** Innermost keep of each operand, in the order of `einsum.operands`. */
  readonly operands: readonly Keep[];
  /** Innermost keep of the output. */
  readonly output: Keep;
  /** Loops above, outermost first. */
  readonly above: readonly Loop[];
  readonly span: Span;
};

export type PlacedBinding = {
  /** Position in the machine's units. */
  readonly unit: number;
  /** Ranks on array dimensions: position in the workload's variables, lanes that the rank has. */
  readonly dimensions: readonly {
    readonly variable: number;
    readonly size: number;
    /** Position of the unit's dimension if the rank has all of it; undefined: it has some of its lanes. */
    readonly whole: number | undefined;
  }[];
  /** Operations that run here, with their cost on this unit. */
  readonly operations: readonly {
    readonly operator: string;
    readonly perPoint: number;
    readonly cycles: number;
    readonly energy_pj: number;
  }[];
  /** Cycles of one lane for one point: sum of the operations'. */
  readonly cyclesPerPoint: number;
};
