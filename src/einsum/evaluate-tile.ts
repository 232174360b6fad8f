import { computedOperator, float64, type Numerics } from './numerics.ts';
import { operators } from './operators.ts';
import { inDomain, offsetOf, pointValue } from './point-value.ts';
import { type BoundSelection, type Box, keptAt, type Tensor, type Workload } from './workload.ts';

/**
 * Where a tile's values come from and go to. Tensors are positions in `Workload.tensors`; offsets are
 * row-major over the full shape, a carried dimension counting all its versions.
 */
export type TileMemory = {
  /** Undefined: the element does not exist or is not present. */
  read(tensor: number, offset: number): number | undefined;
  write(tensor: number, offset: number, value: number): void;
  /** The value reduced so far into an output element; undefined if there is none yet. */
  accumulated(tensor: number, offset: number): number | undefined;
};

/**
 * Computes an Einsum at the points of its domain in the box: for each output point it reduces over the
 * box's part of the reduced variables, going on from what was accumulated or else from the operator's
 * identity, and writes if at least one point was computed. An operand that is absent at a computed
 * point is a bug of the caller's, unless data decides what exists: then nothing is computed there. What selects
 * so many of a fibre must have all of the fibre in the box.
 */
export const evaluateTile = (w: Workload, einsum: number, box: Box, memory: TileMemory): void =>
  tileEvaluator(w, einsum)(box, memory);

/** `evaluateTile` with the Einsum's expression made ready once, in the numbers that `numerics` tells. */
export function tileEvaluator(
  w: Workload,
  einsum: number,
  numerics: Numerics = float64,
): (box: Box, memory: TileMemory) => void {
  const e = w.einsums[einsum]!;
  const outputOffset = offsetOf(e.output, w.tensors);
  const kept = e.variables.filter((v) => !e.reduced.includes(v));
  const combine = e.reduceOperator === undefined ? undefined : computedOperator(e.reduceOperator, numerics);
  const identity = e.reduceOperator === undefined ? undefined : operators.get(e.reduceOperator)!.identity!;
  const stored = numerics.stored[e.output.tensor];
  const valueAt = pointValue(w, einsum, numerics);
  const write = (memory: TileMemory, target: number, value: number): void =>
    memory.write(e.output.tensor, target, stored === undefined ? value : stored(value));
  const { selection } = e;
  if (selection?.kind === 'rank')
    return (box, memory) => {
      const candidate = (point: readonly number[]): number | undefined =>
        inDomain(e.candidates, point) ? valueAt(point, memory) : undefined;
      forEachSelected(selection, kept, box, candidate, (point, value) => write(memory, outputOffset(point), value));
    };

  return (box, memory) => {
    forEachPoint(kept, box, new Array<number>(w.variables.length).fill(0), (point) => {
      const target = outputOffset(point);
      let result: number | undefined;
      forEachPoint(e.reduced, box, point, () => {
        if (!inDomain(e.candidates, point)) return;
        const value = valueAt(point, memory);
        if (value === undefined) return;
        if (combine === undefined) result = value;
        else result = combine(result ?? memory.accumulated(e.output.tensor, target) ?? identity!, value);
      });
      if (result === undefined || (selection !== undefined && !isBeyond(selection, result))) return;
      write(memory, target, result);
    });
  };
}

/** Elements in the box that an Einsum without a reduction is offered, whatever its selection makes of them. */
export function offeredElements(w: Workload, einsum: number, box: Box, memory: Pick<TileMemory, 'read'>): number {
  const e = w.einsums[einsum]!;
  const valueAt = pointValue(w, einsum, float64);
  let offered = 0;
  forEachPoint(e.variables, box, new Array<number>(w.variables.length).fill(0), (point) => {
    if (inDomain(e.candidates, point) && valueAt(point, memory) !== undefined) offered++;
  });
  return offered;
}

const isBeyond = (s: BoundSelection & { kind: 'threshold' }, value: number): boolean =>
  s.above ? value > s.value : value < s.value;

/**
 * The elements that a selection keeps of each fibre, in order of their coordinates: the largest (smallest) of those
 * that exist, and of equals the first.
 */
function forEachSelected(
  s: BoundSelection & { kind: 'rank' },
  kept: readonly number[],
  box: Box,
  candidate: (point: readonly number[]) => number | undefined,
  visit: (point: readonly number[], value: number) => void,
): void {
  const outer = kept.filter((v) => v !== s.variable);
  forEachPoint(outer, box, new Array<number>(box.lo.length).fill(0), (point) => {
    const offered: { readonly at: number; readonly value: number }[] = [];
    for (let at = box.lo[s.variable]!; at < box.hi[s.variable]!; at++) {
      point[s.variable] = at;
      const value = candidate(point);
      if (value !== undefined) offered.push({ at, value });
    }
    // Sorting is stable, so that equals stay in order; what is no number comes last.
    const before = (a: number, b: number): boolean =>
      (s.largest ? a > b : a < b) || (Number.isNaN(b) && !Number.isNaN(a));
    const chosen = offered
      .toSorted((a, b) => Number(before(b.value, a.value)) - Number(before(a.value, b.value)))
      .slice(0, keptAt(s, point));
    for (const { at, value } of chosen.toSorted((a, b) => a.at - b.at)) {
      point[s.variable] = at;
      visit(point, value);
    }
  });
}

/** Sets the variables of `point` to each combination of the box in turn, the last variable fastest. */
export function forEachPoint(
  variables: readonly number[],
  box: Box,
  point: number[],
  visit: (point: number[]) => void,
  depth = 0,
): void {
  const variable = variables[depth];
  if (variable === undefined) {
    visit(point);
    return;
  }
  const end = box.hi[variable]!;
  const innermost = depth + 1 === variables.length;
  for (let value = box.lo[variable]!; value < end; value++) {
    point[variable] = value;
    if (innermost) visit(point);
    else forEachPoint(variables, box, point, visit, depth + 1);
  }
}

/** Elements of a tensor's full shape, with all versions of a carried dimension. */
export const elementCount = (t: Tensor): number => t.dimensions.reduce((n, d) => n * d.size, 1);
