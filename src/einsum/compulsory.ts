import type { Name } from './ast.ts';
import { countPoints, wholeBox } from './domain.ts';
import { disjoint, isRefusal, type Space } from './domain-algebra.ts';
import { forEachPoint } from './evaluate-tile.ts';
import { projectReduced } from './existence.ts';
import { totalOperations } from './operations.ts';
import { inDomain, offsetOf } from './point-value.ts';
import { selectionDensities } from './selection-densities.ts';
import { storedElements } from './shape.ts';
import type { BoundAccess, BoundEinsum, Constraint, Tensor, Workload } from './workload.ts';

/** What must cross the boundary to an unlimited buffer once: inputs as far as they are read, outputs as far as they exist. */
export type Compulsory = {
  readonly tensors: ReadonlyMap<Name, { readonly elements: number; readonly bytes: number }>;
  readonly bytes: number;
};

/**
 * Compulsory traffic. Elements that a filter or a ragged tile never touches do not count; where the touched
 * part has no closed form and is too large to be walked, the whole tensor counts.
 */
export function compulsoryTraffic(w: Workload): Compulsory {
  const tensors = new Map<Name, { readonly elements: number; readonly bytes: number }>();
  for (const [i, t] of w.tensors.entries()) {
    if (t.role === 'intermediate') continue;
    const elements = touchedElements(w, i) * usedShare(w, i);
    tensors.set(t.name, { elements, bytes: (elements * t.bitsPerElement) / 8 });
  }
  const bytes = [...tensors.values()].reduce((sum, t) => sum + t.bytes, 0);
  return { tensors, bytes };
}

/** Share of a tensor that is read or exists at least, where gates decide: that of the reader that does so most often. */
function usedShare(w: Workload, tensor: number): number {
  const { einsums } = w;
  const { name, producer } = w.tensors[tensor]!;
  if (producer !== undefined) return einsums[producer]!.density * (selectionDensities(w).get(name)?.share ?? 1);
  const shares = einsums.flatMap((e) => e.operands.flatMap((o, i) => (o.tensor === tensor ? e.readShares[i]! : [])));
  return Math.max(0, ...shares);
}

/** Operations (2 a MAC, 1 any other) per byte of compulsory traffic: what a roofline of an unlimited buffer shows. */
export function arithmeticIntensity(w: Workload): number {
  let operations = 0;
  for (const [operator, count] of totalOperations(w)) operations += operator === 'mac' ? 2 * count : count;
  return operations / compulsoryTraffic(w).bytes;
}

/** Elements of an input that some computed point reads, or of an output that exist. */
export function touchedElements(w: Workload, tensor: number): number {
  const t = w.tensors[tensor]!;
  if (t.dimensions.some((d) => d.carried)) return storedElements(t);
  if (t.producer !== undefined) return computedElements(w, w.einsums[t.producer]!);
  const accesses = w.einsums.flatMap((e) => e.operands.filter((o) => o.tensor === tensor).map((o): AccessBy => [e, o]));
  return elementsOf(w, t, accesses);
}

/** Elements of its output that an Einsum computes, every version of a carried one. */
export function computedElements(w: Workload, e: BoundEinsum): number {
  const kept = e.variables.filter((v) => !e.reduced.includes(v));
  const unfiltered = e.domain.some((conjunction) => conjunction.length === 0);
  // Without a filter there is no need to ask which points of the output are left.
  if (unfiltered || e.reduced.length === 0)
    return countPoints(e.domain, kept, wholeBox(w.variables.map((v) => v.size)));
  return elementsOf(w, w.tensors[e.output.tensor]!, [[e, e.output]]);
}

type AccessBy = readonly [BoundEinsum, BoundAccess];

/** Elements of a tensor that some accesses touch. */
function elementsOf(w: Workload, t: Tensor, accesses: readonly AccessBy[]): number {
  const space = dimensionSpace(w, t);
  const images = accesses.map(([e, access]) => imageOf(w, e, access, t));
  const touched = images.some((image) => image === undefined) ? undefined : images.flatMap((image) => image ?? []);
  const union = touched === undefined ? undefined : disjoint(touched, space);
  if (union !== undefined && !isRefusal(union)) return countPoints(union, space.variables, space.box);
  return walkedElements(w, accesses) ?? storedElements(t);
}

/** Most points that are walked where there is no closed form. */
const maxWalk = 2 ** 20;

function walkedElements(w: Workload, accesses: readonly AccessBy[]): number | undefined {
  const box = wholeBox(w.variables.map((v) => v.size));
  const points = accesses.map(([e]) => e.variables.reduce((n, v) => n * w.variables[v]!.size, 1));
  if (points.reduce((a, b) => a + b, 0) > maxWalk) return undefined;
  const seen = new Set<number>();
  for (const [e, access] of accesses) {
    const offset = offsetOf(access, w.tensors);
    forEachPoint(e.variables, box, new Array<number>(w.variables.length).fill(0), (point) => {
      if (inDomain(e.domain, point)) seen.add(offset(point));
    });
  }
  return seen.size;
}

/** One variable a dimension of the tensor, after those of the workload. */
function dimensionSpace(w: Workload, t: Tensor): Space {
  const sizes = [...w.variables.map((v) => v.size), ...t.dimensions.map((d) => d.size)];
  return { variables: t.dimensions.map((_, d) => w.variables.length + d), box: wholeBox(sizes) };
}

/** The coordinates that an access takes over the Einsum's domain: `y = floor(a / d)` is `0 <= a - d*y <= d - 1`. */
function imageOf(
  w: Workload,
  e: BoundEinsum,
  access: BoundAccess,
  t: Tensor,
): readonly (readonly Constraint[])[] | undefined {
  const space = dimensionSpace(w, t);
  const equalities = access.indices.flatMap(({ terms, offset, divisor }, d): readonly Constraint[] => {
    const y = { variable: space.variables[d]!, coefficient: divisor };
    const negative = (sign: 1 | -1): Constraint['terms'] => [
      ...terms.map((term) => ({ ...term, coefficient: sign * term.coefficient })),
      { ...y, coefficient: -sign * y.coefficient },
    ];
    return [
      { terms: negative(1), offset },
      { terms: negative(-1), offset: divisor - 1 - offset },
    ];
  });
  const pairs = e.domain.map((conjunction) => [...conjunction, ...equalities]);
  const all: Space = { variables: [...e.variables, ...space.variables], box: space.box };
  const sizes = w.variables.map((v) => v.size);
  const images = pairs.map((pair) => projectReduced([pair], e.variables, sizes, all));
  return images.some(isRefusal) ? undefined : images.flatMap((image) => (isRefusal(image) ? [] : image));
}
