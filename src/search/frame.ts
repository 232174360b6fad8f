import type { BoundAccess, Workload } from '../einsum/workload.ts';
import { branchesAt } from './branches.ts';
import type { NestLoop, Problem } from './plan.ts';

/** Einsums under some loops, and the bodies that these give: what follows from the loops of a nest alone. */
export type Frame = {
  readonly problem: Problem;
  readonly einsums: readonly number[];
  readonly loops: readonly NestLoop[];
  /** By position of an Einsum, then by depth (0 up to the number of loops): the body that it is in there. */
  readonly bodies: ReadonlyMap<number, readonly Body[]>;
};

/** Positions in the loops of those around it, outermost first. Bodies are the same if they are the same object. */
export type Body = { readonly above: readonly number[]; readonly around: Body | undefined };

export function frameOf(problem: Problem, einsums: readonly number[], loops: readonly NestLoop[]): Frame {
  const bodies = new Map<number, Body[]>(einsums.map((e) => [e, []]));
  const descend = (inside: readonly number[], depth: number, body: Body): void => {
    for (const e of inside) bodies.get(e)!.push(body);
    const loop = loops[depth];
    if (loop === undefined) return;
    for (const branch of branchesAt(problem.workload, inside, loop.variable)) {
      const next = branch.looped ? { above: [...body.above, depth], around: body } : body;
      descend(branch.einsums, depth + 1, next);
    }
  };
  descend(einsums, 0, { above: [], around: undefined });
  return { problem, einsums, loops, bodies };
}

/** Whether a body is inside another one, or is that one. */
export function isInside(body: Body, outer: Body): boolean {
  for (let b: Body | undefined = body; b !== undefined; b = b.around) if (b === outer) return true;
  return false;
}

export const usesOf = ({ einsums }: Workload, tensor: number, some: readonly number[]): readonly number[] =>
  some.filter((e) => accessesOf(einsums[e]!).some((a) => a.tensor === tensor));

export const accessesOf = (einsum: Workload['einsums'][number]): readonly BoundAccess[] => [
  einsum.output,
  ...einsum.operands,
];

/** Tiles of the loops over a variable among some, outermost first. */
export const tilesOf = ({ loops }: Frame, above: readonly number[], variable: number): readonly number[] =>
  above.flatMap((i) => (loops[i]!.variable === variable ? [loops[i]!.tile] : []));

/** Sum of a function of the length over the innermost tiles of a chain of loops over so many coordinates. */
export function sumOverTiles(size: number, tiles: readonly number[], of: (length: number) => number): number {
  const [tile, ...inner] = tiles;
  if (tile === undefined) return of(size);
  const whole = Math.floor(size / tile);
  const left = size % tile;
  return (whole > 0 ? whole * sumOverTiles(tile, inner, of) : 0) + (left > 0 ? sumOverTiles(left, inner, of) : 0);
}
