import { printArithmetic } from '../einsum/arithmetic.ts';
import type { Arithmetic, Einsum, Name, TensorAccess, TensorRole } from '../einsum/ast.ts';
import { isInitialValue, nextVersion } from '../einsum/carried.ts';
import { reductionWord } from '../einsum/operators.ts';
import { analyzePasses, type RankPasses } from '../einsum/passes.ts';
import { printEinsum, printExpression } from '../einsum/print.ts';
import { printSelection } from '../einsum/selection.ts';
import { expressionParts, filterAccesses } from '../einsum/traverse.ts';
import type { BoundEinsum, Workload } from '../einsum/workload.ts';

/** A cascade as nodes and edges: an input, or an Einsum with the tensor that it makes. */
export type CascadeGraph = {
  readonly name: Name;
  /** What is said of passes is of this rank's; undefined where all is single values. */
  readonly passes: RankPasses | undefined;
  readonly nodes: readonly CascadeNode[];
  readonly edges: readonly CascadeEdge[];
};

export type CascadeNode = {
  readonly name: Name;
  readonly role: TensorRole;
  /** Its indices, or the ranks of an input: "[b, h, p]". */
  readonly indices: string;
  /** What is computed, without indices: "sum(e) Q * K"; undefined for inputs. */
  readonly operation: string | undefined;
  /** As it is written, with its initial value; for those who ask. */
  readonly text: string;
  /** As in `RankPasses.runsIn`; undefined for inputs. */
  readonly pass: number | undefined;
};

export type CascadeEdge = {
  /** Positions in `nodes`. */
  readonly from: number;
  readonly to: number;
  /** Reads its values, goes by which of its elements exist, or has them from the iteration before. */
  readonly kind: 'reads' | 'decides' | 'carries';
  /** The variable whose next iteration gets it; undefined for those that go on. */
  readonly along: Name | undefined;
  /** The reader's pass is a later one because of it. */
  readonly forces: boolean;
};

/** The rank that says most: with the most passes, then with the most that is kept along it. */
function tellingRank(passes: readonly RankPasses[]): RankPasses | undefined {
  const kept = (p: RankPasses): number => p.state.tensors.length;
  return passes.toSorted((a, b) => b.passes - a.passes || kept(b) - kept(a))[0];
}

const bracketed = (indices: readonly string[]): string => (indices.length === 0 ? '' : `[${indices.join(', ')}]`);

/** `m1+1`: no line breaks in it. */
const indexText = (index: Arithmetic): string => printArithmetic(index).replaceAll(' ', '');

/** Of an access what tells versions apart: `RM[m1+1]`, and `QK` of `QK[b, m]`. */
function shortAccess(w: Workload, access: TensorAccess): string {
  const { dimensions } = w.tensors.find((t) => t.name === access.tensor)!;
  return `${access.tensor}${bracketed(access.indices.filter((_, d) => dimensions[d]!.carried).map(indexText))}`;
}

function operationOf(w: Workload, e: Einsum, bound: BoundEinsum): string {
  const reduced = bound.reduced.map((v) => w.variables[v]!.name).join(', ');
  const reduce = reduced === '' ? '' : `${reductionWord(bound.reduceOperator ?? 'add')}(${reduced}) `;
  const selection = e.selection === undefined ? '' : `${printSelection(e.selection)} `;
  return `${reduce}${selection}${printExpression(e.body, (access) => shortAccess(w, access))}`;
}

/** Of each tensor that an Einsum reads, whether for its values or only for what exists of it. */
function readsOf(e: Einsum): ReadonlyMap<Name, 'reads' | 'decides'> {
  const found = new Map<Name, 'reads' | 'decides'>();
  if (e.filter !== undefined) for (const { tensor } of filterAccesses(e.filter)) found.set(tensor, 'decides');
  for (const part of expressionParts(e.body)) if (part.kind === 'access') found.set(part.tensor, 'reads');
  return found;
}

/** In text order; who reads is in no earlier pass than what it reads, though it be the initial value that it needs. */
function drawnPasses(einsums: readonly Einsum[], passes: RankPasses | undefined): ReadonlyMap<Name, number> {
  const drawn = new Map<Name, number>();
  for (const e of einsums) {
    const { tensor } = e.output;
    const read = [...readsOf(e).keys()].map((name) => drawn.get(name) ?? 0);
    drawn.set(tensor, Math.max(passes?.runsIn.get(tensor) ?? 0, ...read));
  }
  return drawn;
}

/** The graph of a cascade with its passes over a rank; that which says most, if none is given. */
export function cascadeGraph(w: Workload, rank?: RankPasses): CascadeGraph {
  const passes = rank ?? tellingRank(analyzePasses(w));
  const inputs = w.tensors.filter((t) => t.producer === undefined);
  const einsums = w.cascade.einsums.filter((e) => !isInitialValue(e));
  const initials = w.cascade.einsums.filter(isInitialValue);
  const runsIn = drawnPasses(einsums, passes);
  const nodes: readonly CascadeNode[] = [
    ...inputs.map((t): CascadeNode => {
      const indices = bracketed(t.dimensions.map((d) => d.rank));
      const text = `input ${t.name}${indices} : ${t.format}`;
      return { name: t.name, role: t.role, indices, operation: undefined, text, pass: undefined };
    }),
    ...einsums.map((e, i): CascadeNode => {
      const bound = w.einsums[i]!;
      const initial = initials.filter((other) => other.output.tensor === e.output.tensor);
      return {
        name: bound.name,
        role: w.tensors[bound.output.tensor]!.role,
        indices: bracketed(e.output.indices.map(indexText)),
        operation: operationOf(w, e, bound),
        text: [...initial, e].map(printEinsum).join('\n'),
        pass: runsIn.get(bound.name)!,
      };
    }),
  ];
  const position = new Map(nodes.map((n, i) => [n.name, i]));
  const carried = new Map(
    einsums.map((e) => [e.output.tensor, e.output.indices.map(nextVersion).find((v) => v !== undefined)]),
  );
  const edges = einsums.flatMap((e, i) => {
    const to = inputs.length + i;
    return [...readsOf(e)].map(([tensor, kind]): CascadeEdge => {
      const from = position.get(tensor)!;
      if (from >= to) return { from, to, kind: 'carries', along: carried.get(tensor), forces: false };
      const chain = passes?.chain ?? [];
      const forces = chain.includes(tensor) && chain[chain.indexOf(tensor) + 1] === e.output.tensor;
      return { from, to, kind, along: undefined, forces };
    });
  });
  return { name: w.cascade.name, passes, nodes, edges };
}
