import type { Machine } from '../arch/machine.ts';
import type { Workload } from '../einsum/workload.ts';

/**
 * A mapping as the search sees it: the choices, and nothing that follows from them. `write-plan.ts` writes its loop tree.
 * The nests run one after the other; what passes from one to the next, and inputs and outputs, are at home in the
 * machine's outermost memory.
 */
export type Plan = {
  readonly nests: readonly Nest[];
};

/**
 * Einsums that are fused under shared loops. A loop is around every Einsum that has its variable. Where one needs
 * another's result complete over a loop that both are under, the loop ends between them and begins anew.
 */
export type Nest = {
  /** Positions in the workload's Einsums, rising. */
  readonly einsums: readonly number[];
  /** Outermost first. Those of one variable have falling tiles. Those that are spread over instances are a grid, around all others. */
  readonly loops: readonly NestLoop[];
  readonly keeps: readonly NestKeep[];
  /** By position of the Einsum. */
  readonly bindings: ReadonlyMap<number, readonly UnitChoice[]>;
  /** Iterations of every loop that overlap; 1: all goes in sequence. */
  readonly inFlight: number;
};

/** `across`: the level over whose instances the steps are spread; undefined: they are in time. */
export type NestLoop = { readonly variable: number; readonly tile: number; readonly across?: number | undefined };

/** A tensor's tile in a level, under the first `depth` loops of the nest (those of them that its users are under). */
export type NestKeep = {
  readonly tensor: number;
  readonly level: number;
  readonly depth: number;
  readonly stages: number;
};

/** Operations that run on a unit, and variables along its array dimensions. The first has all that no other names. */
export type UnitChoice = {
  readonly unit: number;
  readonly operator: string | undefined;
  /**
   * By array dimension: the variables along it, each of which has as many lanes as coordinates in a tile, and the last those
   * that are left.
   */
  readonly variables: readonly (readonly number[])[];
};

/** What a search is about. */
export type Problem = { readonly workload: Workload; readonly machine: Machine };

/** The outermost memory. */
export const homeOf = (machine: Machine): number => machine.levels.findIndex((l) => l.memory !== undefined);

/** Whether the whole tensor of a workload that is one nest is in the outermost memory: it is no intermediate. */
export const isAtHome = ({ workload }: Problem, tensor: number): boolean =>
  workload.tensors[tensor]!.role !== 'intermediate';

/** The same where a workload is several nests: what passes from one to another is there, too. */
export function isAtHomeOf({ workload }: Problem, nests: readonly Nest[], tensor: number): boolean {
  const { role, producer } = workload.tensors[tensor]!;
  if (role !== 'intermediate' || producer === undefined) return true;
  const own = nests.find((n) => n.einsums.includes(producer));
  return workload.einsums.some(
    (e, position) => e.operands.some((o) => o.tensor === tensor) && own?.einsums.includes(position) !== true,
  );
}

/** Lanes that each variable of a unit's arrays has, where tiles have so many coordinates of it. */
export function lanesOf(
  { dimensions }: Machine['units'][number],
  { variables }: UnitChoice,
  extentOf: (variable: number) => number,
): readonly { readonly dimension: number; readonly variable: number; readonly lanes: number }[] {
  return variables.flatMap((laid, dimension) => {
    let left = dimensions[dimension]!.size;
    return laid.map((variable, i) => {
      const lanes = i === laid.length - 1 ? left : Math.min(left, extentOf(variable));
      left = Math.floor(left / lanes);
      return { dimension, variable, lanes };
    });
  });
}
