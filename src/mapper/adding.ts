import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { BoundEinsum } from '../einsum/workload.ts';
import { moves } from './loops.ts';
import type { Compute, Keep, Loop, PlacedMapping } from './placed.ts';
import { isStoredBy } from './tile.ts';

/**
 * Sums over the rank of a grid: each step begins its part of the sum with zero, in a memory of its instance, and what
 * leaves from there is added to what the instances share, as GPUs do with atomic additions.
 */

/** Whether parts of a result can be added up. */
export const isSum = ({ reduceOperator, carried }: BoundEinsum): boolean =>
  reduceOperator === 'add' && carried === undefined;

/** Whether a grid sums up, in loops inside of a keep, what the keep has; be it of one part only. */
export const isAddedBelow = ({ tensor, above }: Keep, grid: readonly Loop[]): boolean =>
  above.every((loop) => grid.at(-1)!.above.includes(loop)) &&
  grid.some((loop) => !above.includes(loop) && loop.adding.includes(tensor));

/** Checks what a spatial loop says that its instances add up. */
export function checkAdding(p: PlacedMapping, loop: Loop): readonly Diagnostic[] {
  return loop.adding.flatMap((tensor) => {
    const { name } = p.workload.tensors[tensor]!;
    const refuse = (message: string, help?: string): Diagnostic[] => [
      diagnostic('bad-adding', message, loop.span, { help }),
    ];
    const rank = p.workload.variables[loop.variable]!.name;
    const compute = p.computes.find((c) => c.einsum.output.tensor === tensor && c.above.includes(loop));
    if (!compute?.einsum.reduced.includes(loop.variable))
      return refuse(
        `"${name}" is not reduced over "${rank}" inside this loop, so there is nothing to add`,
        'name what is, and say it at the loop over the rank that is reduced',
      );
    const { einsum } = compute;
    if (!isSum(einsum))
      return refuse(`"${name}" is combined with "${einsum.reduceOperator}", but instances can only add up sums`);
    return checkParts(p, compute, refuse);
  });
}

function checkParts(
  p: PlacedMapping,
  { einsum, output }: Compute,
  refuse: (message: string, help?: string) => Diagnostic[],
): Diagnostic[] {
  const part = outermostLocal(output);
  if (part === undefined)
    return refuse(
      `each instance makes a part of "${einsum.name}", but none has a place for it`,
      `keep "${einsum.name}" in a memory of the instance, inside the innermost spatial loop`,
    );
  if (part.parent === undefined)
    return refuse(
      `parts of "${einsum.name}" are kept by the instances only, so there is nothing that they could be added to`,
      `keep "${einsum.name}" outside the spatial loops too, in a memory that all share`,
    );
  if (part.spill !== undefined)
    return refuse(`of the parts of "${einsum.name}" a share spills to where they are added up`, 'remove the "spill"');
  const back = returningLoop(p, einsum, part);
  if (back === undefined) return [];
  const { name } = p.workload.variables[back.variable]!;
  return refuse(
    `the loop over "${name}" comes back to parts of "${einsum.name}" that have been added up already`,
    `keep "${einsum.name}" outside the loop over "${name}", but inside the innermost spatial loop`,
  );
}

function outermostLocal(keep: Keep): Keep | undefined {
  let found: Keep | undefined;
  for (let k: Keep | undefined = keep; k?.local; k = k.parent) found = k;
  return found;
}

/** A loop of an instance that comes back to a tile of a keep after loops inside of it have replaced that. */
function returningLoop({ workload }: PlacedMapping, einsum: BoundEinsum, { above, tensor }: Keep): Loop | undefined {
  const inTime = above.slice(above.findLastIndex((l) => l.across !== undefined) + 1);
  return inTime.find(
    (loop, i) =>
      einsum.reduced.includes(loop.variable) &&
      moves(workload, loop) &&
      inTime
        .slice(i + 1)
        .some((l) => moves(workload, l) && isStoredBy(einsum.output, workload.tensors[tensor]!, l.variable)),
  );
}
