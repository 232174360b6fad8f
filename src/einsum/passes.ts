import type { Name } from './ast.ts';
import { type RankFamily, rankFamilies } from './rank-families.ts';
import type { BoundAccess, BoundEinsum, Tensor, Workload } from './workload.ts';

/**
 * How often a cascade must run over a rank, whatever the mapping. A pass is one traversal of all elements
 * of a fibre of the rank; a value that needs all of a fibre is there only when a pass is over, so an
 * Einsum that traverses the rank and reads it belongs to a later pass (FuseMax, arXiv 2406.10491, section 3).
 */
export type RankPasses = {
  readonly rank: Name;
  readonly size: number;
  /** The sets of index variables that run over all of the rank, such as `m1, m0`. */
  readonly traversedBy: readonly (readonly Name[])[];
  /** Lower bound of the number of passes; 1 where nothing is reduced completely and read again. */
  readonly passes: number;
  /** The Einsums that force the last pass, each needed by the next; empty for one pass. */
  readonly chain: readonly Name[];
  /** Iterative variables of other ranks with each iteration of which the passes come again. */
  readonly repeatedAlong: readonly Name[];
  /** The pass of each Einsum that traverses the rank. */
  readonly einsums: ReadonlyMap<Name, number>;
  /** The pass in which any Einsum runs: 0 for what waits for none and is in none, one more than there are after the last. */
  readonly runsIn: ReadonlyMap<Name, number>;
  /** Inputs and intermediate tensors with a fibre along the rank. */
  readonly tensors: readonly TensorPasses[];
  /** What must be kept from the first element of the rank to the last besides the fibres. */
  readonly state: State;
};

type TensorPasses = {
  readonly tensor: Name;
  /** Passes that traverse it, producing or reading it. */
  readonly passes: readonly number[];
  /** Passes at whose end it must be kept (or be computed or read again): its fibre is the live footprint. */
  readonly liveAfter: readonly number[];
  /** Elements of a fibre, for one point of the outer ranks. */
  readonly elements: number;
  readonly bytes: number;
  /** Its other ranks. */
  readonly outer: readonly Name[];
};

type State = {
  readonly tensors: readonly Name[];
  /** The ranks that all of them have; elements and bytes are for one point of these. */
  readonly outer: readonly Name[];
  readonly elements: number;
  readonly bytes: number;
};

/** The pass analysis of every rank that the cascade runs over, in the order of their declaration. */
export function analyzePasses(w: Workload): readonly RankPasses[] {
  const readers = readersByTensor(w);
  return rankFamilies(w).map((family) => passesOver(w, family, readers));
}

type Reader = { readonly einsum: number; readonly access: BoundAccess };

function readersByTensor(w: Workload): readonly (readonly Reader[])[] {
  const readers: Reader[][] = w.tensors.map(() => []);
  for (const [einsum, e] of w.einsums.entries())
    for (const access of e.operands) readers[access.tensor]!.push({ einsum, access });
  return readers;
}

/** What is known of a tensor's elements in terms of passes over one rank. */
type Progress = {
  /** Passes that must be over before any element is there. */
  readonly done: number;
  /** The pass in which the elements come one after the other; 0 before the first. */
  readonly during: number;
  /** Variables of the family over all of whose range each element depends. */
  readonly covered: ReadonlySet<number>;
  /** It holds all of a fibre in one value: it was reduced over the rank, or is carried along it. */
  readonly summary: boolean;
};

const start: Progress = { done: 0, during: 0, covered: new Set(), summary: false };

type Analysis = {
  readonly w: Workload;
  readonly family: RankFamily;
  /** By tensor. */
  readonly readers: readonly (readonly Reader[])[];
  /** By Einsum. */
  readonly progress: Progress[];
  /** Pass of each traversing Einsum. */
  readonly pass: Map<number, number>;
  /** Pass of each Einsum, as in `RankPasses`. */
  readonly runsIn: number[];
  /** The Einsum whose result decides when this one can run. */
  readonly forcedBy: Map<number, number>;
};

function passesOver(w: Workload, family: RankFamily, readers: Analysis['readers']): RankPasses {
  const analysis: Analysis = { w, family, readers, progress: [], pass: new Map(), runsIn: [], forcedBy: new Map() };
  for (const i of w.einsums.keys()) advance(analysis, i);
  const passes = Math.max(1, ...analysis.pass.values());
  const first = [...analysis.pass].find(([, pass]) => pass === passes)?.[0];
  const name = (v: number): Name => w.variables[v]!.name;
  return {
    rank: family.rank,
    size: family.size,
    traversedBy: family.groups.map((g) => g.map(name)),
    passes,
    chain: passes === 1 || first === undefined ? [] : chainTo(analysis, first),
    repeatedAlong: repeatedAlong(analysis).map(name),
    einsums: new Map([...analysis.pass].map(([i, pass]) => [w.einsums[i]!.name, pass])),
    runsIn: new Map(w.einsums.map((e, i) => [e.name, analysis.runsIn[i]!])),
    tensors: tensorPasses(analysis),
    state: stateOf(analysis),
  };
}

/** Works out one Einsum from those before it. A version from the iteration before counts as there. */
function advance(analysis: Analysis, i: number): void {
  const { w, family, progress, pass, runsIn, forcedBy } = analysis;
  const e = w.einsums[i]!;
  const read = e.operands.map((o) => ({ producer: w.tensors[o.tensor]!.producer, progress: progressOf(analysis, o) }));
  const done = Math.max(0, ...read.map((r) => r.progress.done));
  const traverses = traversesAll(family, e.variables);
  const during = Math.max(traverses ? done + 1 : 0, ...read.map((r) => r.progress.during));
  if (traverses) pass.set(i, during);
  runsIn[i] = traverses ? during : Math.max(during, done === 0 ? 0 : done + 1);

  const wanted = (r: Progress): boolean =>
    done > 0 && (!traverses || done + 1 === during) ? r.done === done : r.during === during;
  const because = read.find((r) => r.producer !== undefined && r.producer < i && wanted(r.progress))?.producer;
  if (because !== undefined) forcedBy.set(i, because);

  // What is selected of a fibre is known when all of it is, as what is reduced over it.
  const whole = e.selection?.kind === 'rank' ? [...e.reduced, e.selection.variable] : e.reduced;
  const reduced = whole.filter((v) => inFamily(family, v));
  const covered = new Set([...read.flatMap((r) => [...r.progress.covered]), ...reduced]);
  const complete = coversAll(family, covered);
  const carried = e.carried !== undefined && inFamily(family, e.carried);
  progress[i] = complete
    ? { done: Math.max(done, during), during, covered: new Set(), summary: e.reduced.some((v) => inFamily(family, v)) }
    : { done, during, covered, summary: carried };
}

/** What an operand is worth to its reader: the last version of a carried tensor is there only after the pass. */
function progressOf({ w, family, progress }: Analysis, operand: BoundAccess): Progress {
  const { producer, dimensions } = w.tensors[operand.tensor]!;
  const known = producer === undefined ? undefined : progress[producer];
  if (producer === undefined || known === undefined) return start;
  const { carried } = w.einsums[producer]!;
  const version = operand.indices[dimensions.findIndex((d) => d.carried)];
  if (carried === undefined || !inFamily(family, carried) || version?.terms.length !== 0) return known;
  if (version.offset === 0) return start;
  const covered = new Set([...known.covered, carried]);
  if (!coversAll(family, covered)) return { ...known, covered };
  return { ...known, done: Math.max(known.done, known.during), covered: new Set() };
}

const inFamily = (family: RankFamily, v: number): boolean => family.groups.some((g) => g.includes(v));

const traversesAll = (family: RankFamily, variables: readonly number[]): boolean =>
  family.groups.some((g) => g.every((v) => variables.includes(v)));

const coversAll = (family: RankFamily, covered: ReadonlySet<number>): boolean =>
  family.groups.some((g) => g.every((v) => covered.has(v)));

function chainTo({ w, forcedBy }: Analysis, last: number): readonly Name[] {
  const chain: Name[] = [];
  for (let i: number | undefined = last; i !== undefined; i = forcedBy.get(i)) chain.push(w.einsums[i]!.name);
  return chain.reverse();
}

/** A result of complete passes that the next iteration reads makes that iteration traverse the rank again. */
function repeatedAlong({ w, family, progress }: Analysis): readonly number[] {
  const along = new Set<number>();
  for (const [i, e] of w.einsums.entries())
    for (const { tensor } of e.operands) {
      const { producer } = w.tensors[tensor]!;
      const { carried } = producer === undefined || producer < i ? { carried: undefined } : w.einsums[producer]!;
      if (carried !== undefined && !inFamily(family, carried) && progress[producer!]!.done > 0) along.add(carried);
    }
  return [...along];
}

const variablesOf = (access: BoundAccess): readonly number[] =>
  access.indices.flatMap((index) => index.terms.map((t) => t.variable));

function tensorPasses(analysis: Analysis): readonly TensorPasses[] {
  const { w, family, progress, pass } = analysis;
  return w.tensors.flatMap((t, tensor) => {
    const readers = analysis.readers[tensor]!;
    const producer = t.producer === undefined ? undefined : w.einsums[t.producer]!;
    const along = fibreDimensions(
      family,
      t,
      producer,
      readers.map((r) => r.access),
    );
    if (along.length === 0 || t.role === 'output') return [];
    const traversals = readers
      .filter((r) => traversesAll(family, variablesOf(r.access)))
      .map((r) => pass.get(r.einsum));
    const produced =
      producer !== undefined && traversesAll(family, variablesOf(producer.output)) ? pass.get(t.producer!) : undefined;
    const passes = [...new Set([produced, ...traversals])].filter((p) => p !== undefined).sort((a, b) => a - b);
    // An input comes with the first pass that reads it.
    const made = t.producer === undefined ? undefined : progress[t.producer]!;
    const selection = producer?.selection?.kind === 'rank' ? producer.selection : undefined;
    // What is kept of a fibre is there at the end of the pass that went over it, and is all that must be.
    const selects = selection !== undefined && inFamily(family, selection.variable);
    const came = made === undefined ? (passes[0] ?? 0) : Math.max(made.during, selects ? 0 : made.done + 1);
    const sizeOf = (d: number): number => {
      const { size } = t.dimensions[d]!;
      const isKept = selects && producer!.output.indices[d]!.terms.some((x) => x.variable === selection.variable);
      return isKept ? Math.min(size, Math.max(...selection.counts)) : size;
    };
    const liveAfter = new Set<number>();
    for (const { einsum } of readers) for (let p = came; p >= 1 && p < passOf(analysis, einsum); p++) liveAfter.add(p);
    const elements = Math.min(
      family.size,
      along.reduce((n, d) => n * sizeOf(d), 1),
    );
    return {
      tensor: t.name,
      passes,
      liveAfter: [...liveAfter],
      elements,
      bytes: (elements * t.bitsPerElement) / 8,
      // Versions take no storage.
      outer: t.dimensions.filter(({ carried }, d) => !carried && !along.includes(d)).map((d) => d.rank),
    };
  });
}

/** The pass in which an Einsum runs: its own, or the one after those that must be over before it. */
function passOf(analysis: Analysis, i: number): number {
  const read = analysis.w.einsums[i]!.operands.map((o) => progressOf(analysis, o));
  return analysis.pass.get(i) ?? Math.max(...read.map((r) => r.during), ...read.map((r) => r.done + 1));
}

/** Dimensions of a tensor along the family, as its producer or its readers index them; versions take no storage. */
function fibreDimensions(
  family: RankFamily,
  t: Tensor,
  producer: BoundEinsum | undefined,
  accesses: readonly BoundAccess[],
): readonly number[] {
  const indexed = producer === undefined ? accesses : [producer.output];
  return [...t.dimensions.keys()].filter(
    (d) =>
      !t.dimensions[d]!.carried &&
      indexed.some((a) => a.indices[d]!.terms.some((term) => inFamily(family, term.variable))),
  );
}

function stateOf({ w, progress }: Analysis): State {
  const kept = w.einsums.flatMap((e, i) => (progress[i]!.summary ? [w.tensors[e.output.tensor]!] : []));
  const ranks = kept.map((t) => t.dimensions.filter((d) => !d.carried).map((d) => d.rank));
  const outer = (ranks[0] ?? []).filter((rank) => ranks.every((other) => other.includes(rank)));
  const own = (t: Tensor): number =>
    t.dimensions.filter((d) => !d.carried && !outer.includes(d.rank)).reduce((n, d) => n * d.size, 1);
  const elements = kept.map(own);
  return {
    tensors: kept.map((t) => t.name),
    outer,
    elements: elements.reduce((a, b) => a + b, 0),
    bytes: kept.reduce((sum, t, i) => sum + (elements[i]! * t.bitsPerElement) / 8, 0),
  };
}
