import type { Name } from '../../einsum/ast.ts';
import type { BoundIndex, Workload } from '../../einsum/workload.ts';

/**
 * What sizes decide about a compiled mapping besides numbers, for workloads whose indices and filters are the same
 * (`closed-names.ts`): which variables have one coordinate, whether indices stay inside their tensors, and which digit
 * of an index leads. Where all of that is alike, one compiled mapping with open sizes is right for all.
 */
export type SizeForm = {
  /** Numbers that `write` writes. */
  readonly length: number;
  /** False where a tensor has more elements than can be counted. */
  readonly write: (sizes: ArrayLike<number>, named: ReadonlyMap<Name, number>, into: Float64Array) => boolean;
};

/** An index of an access, with its terms by rising coefficients, and how large the dimension is. */
type Indexed = { readonly index: BoundIndex; readonly rising: BoundIndex['terms']; readonly size: SizeOf };
type SizeOf = (sizes: ArrayLike<number>, named: ReadonlyMap<Name, number>) => number;

/** Undefined where an index has an offset that follows from sizes otherwise. */
export function sizeForm(w: Workload): SizeForm | undefined {
  const indexed: Indexed[] = [];
  const seen = new Set<string>();
  for (const { output, operands } of w.einsums)
    for (const access of [output, ...operands]) {
      const { dimensions } = w.tensors[access.tensor]!;
      for (const [d, index] of access.indices.entries()) {
        const { carried, size } = dimensions[d]!;
        // The last version is there whatever its number is.
        if (carried && index.terms.length === 0 && index.offset === size - 1 && index.offset > 0) continue;
        if (index.terms.length === 0 && index.offset > 0) return undefined;
        const key = JSON.stringify([access.tensor, d, index]);
        const rising = index.terms.toSorted((a, b) => a.coefficient - b.coefficient);
        if (!seen.has(key)) indexed.push({ index, rising, size: sizeOfDimension(w, access.tensor, d) });
        seen.add(key);
      }
    }
  const stored = w.tensors.map(({ dimensions }, t) =>
    dimensions.flatMap((dimension, d) => (dimension.carried ? [] : [sizeOfDimension(w, t, d)])),
  );
  const { variables } = w;
  return {
    length: variables.length + 2 * indexed.length,
    write: (sizes, named, into) => {
      for (const of of stored) {
        let elements = 1;
        for (const size of of) elements *= size(sizes, named);
        if (elements > Number.MAX_SAFE_INTEGER) return false;
      }
      let at = 0;
      for (let v = 0; v < variables.length; v++) into[at++] = sizes[v] === 1 ? 1 : 0;
      for (const { index, rising, size } of indexed) {
        into[at++] = lastOf(index, sizes) < size(sizes, named) ? 1 : 0;
        into[at++] = leading(rising, sizes);
      }
      return true;
    },
  };
}

function sizeOfDimension(w: Workload, tensor: number, d: number): SizeOf {
  const { dimensions, producer } = w.tensors[tensor]!;
  const { rank, carried } = dimensions[d]!;
  if (producer === undefined) return (_, named) => named.get(rank)!;
  const { variable } = w.einsums[producer]!.output.indices[d]!.terms[0]!;
  return carried ? (sizes) => sizes[variable]! + 1 : (sizes) => sizes[variable]!;
}

function lastOf({ terms, offset }: BoundIndex, sizes: ArrayLike<number>): number {
  let last = offset;
  for (const { variable, coefficient } of terms) last += Math.max(0, coefficient * (sizes[variable]! - 1));
  return last;
}

/** The variable of the last of terms in rising order, counted from 1, if those before it run through all below it; else 0. */
function leading(rising: BoundIndex['terms'], sizes: ArrayLike<number>): number {
  let worth = 1;
  let lead = 0;
  for (const { variable, coefficient } of rising) {
    if (sizes[variable] === 1) continue;
    if (coefficient !== worth) return 0;
    worth *= sizes[variable]!;
    lead = variable + 1;
  }
  return lead;
}
