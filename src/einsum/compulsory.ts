import type { Name } from './ast.ts';
import { countPoints, wholeBox } from './domain.ts';
import { disjoint, isRefusal, type Space } from './domain-algebra.ts';
import { projectReduced } from './existence.ts';
import { totalOperations } from './operations.ts';
import { storedElements } from './shape.ts';
import type { BoundAccess, BoundEinsum, Constraint, Tensor, Workload } from './workload.ts';

/** What must cross the boundary to an unlimited buffer once: inputs as far as they are read, outputs as far as they exist. */
export type Compulsory = {
  readonly tensors: ReadonlyMap<Name, { readonly elements: number; readonly bytes: number }>;
  readonly bytes: number;
};

/**
 * Compulsory traffic. Elements that a filter or a ragged tile never touches do not count; where the
 * touched part cannot be counted exactly, the whole tensor counts.
 */
export function compulsoryTraffic(w: Workload): Compulsory {
  const tensors = new Map<Name, { readonly elements: number; readonly bytes: number }>();
  for (const [i, t] of w.tensors.entries()) {
    if (t.role === 'intermediate') continue;
    const elements = touchedElements(w, i);
    tensors.set(t.name, { elements, bytes: (elements * t.bitsPerElement) / 8 });
  }
  const bytes = [...tensors.values()].reduce((sum, t) => sum + t.bytes, 0);
  return { tensors, bytes };
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
  const producer = t.producer === undefined ? undefined : w.einsums[t.producer]!;
  const accesses: readonly (readonly [BoundEinsum, BoundAccess])[] =
    producer === undefined
      ? w.einsums.flatMap((e) => e.operands.filter((o) => o.tensor === tensor).map((o) => [e, o] as const))
      : [[producer, producer.output]];
  const space = dimensionSpace(w, t);
  const touched: (readonly Constraint[])[] = [];
  for (const [e, access] of accesses) {
    const image = imageOf(w, e, access, t);
    if (image === undefined) return storedElements(t);
    touched.push(...image);
  }
  const union = disjoint(touched, space);
  return isRefusal(union) ? storedElements(t) : countPoints(union, space.variables, space.box);
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
