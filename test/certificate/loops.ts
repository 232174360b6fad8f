import type { Certificate, Machine, Workload } from 'attnsim';

/**
 * Which nests and loops there are, written from the description of the space in docs/search.md and apart from the search.
 */

export type Problem = { readonly workload: Workload; readonly machine: Machine };
export type Limits = Extract<Certificate['spaces'][number], { kind: 'nests' }>['limits'];
/** With the level over whose instances the steps are spread, where they are. */
export type Loop = readonly [variable: string, tile: number, across?: string];
type Einsum = Workload['einsums'][number];
type Access = Einsum['output'];

export const accesses = (e: Einsum): readonly Access[] => [e.output, ...e.operands];
export const positionOf = (w: Workload, name: string): number => w.variables.findIndex((v) => v.name === name);
export const indexes = (a: Access, v: number): boolean => a.indices.some((i) => i.terms.some((t) => t.variable === v));

/** Whether another coordinate of a variable is another element in storage: versions replace each other. */
export const moves = (w: Workload, a: Access, v: number): boolean =>
  a.indices.some((i, d) => !w.tensors[a.tensor]!.dimensions[d]!.carried && i.terms.some((t) => t.variable === v));

export const tensorsOf = (w: Workload, einsums: readonly number[]): readonly number[] =>
  w.tensors.flatMap((_, t) => (einsums.some((e) => uses(w, e, t)) ? [t] : []));

export const uses = (w: Workload, e: number, tensor: number): boolean =>
  accesses(w.einsums[e]!).some((a) => a.tensor === tensor);

/** Loops that can be next inside some. */
export function nextLoops(
  { workload: w, machine }: Problem,
  limits: Limits,
  einsums: readonly number[],
  loops: readonly Loop[],
): Loop[] {
  const some = einsums.map((e) => w.einsums[e]!);
  const isBatch = (v: number): boolean =>
    some.every((e) => e.variables.includes(v) && accesses(e).every((a) => moves(w, a, v)));
  return w.variables.flatMap(({ name, size, iterative }, v) => {
    if (!some.some((e) => e.variables.includes(v))) return [];
    const mine = loops.filter(([variable]) => variable === name);
    const above = mine.at(-1)?.[1] ?? size;
    // Batches are outermost, in the order of the cascade.
    const isFree = isBatch(v)
      ? loops.every(([variable]) => isBatch(positionOf(w, variable)) && positionOf(w, variable) < v)
      : mine.length < limits.loops_each;
    const tiles = isBatch(v) || iterative ? [1] : (limits.tiles[name] ?? []);
    const kinds = isApart(w, einsums, v) ? spreads(machine, loops) : [];
    const next = (t: number): Loop[] => [[name, t], ...kinds.map((across): Loop => [name, t, across])];
    return isFree ? tiles.filter((t) => t < above).flatMap(next) : [];
  });
}

/** Whether instances can share the steps of a loop: it is around all, and nothing is combined over it. */
const isApart = (w: Workload, einsums: readonly number[], v: number): boolean =>
  branches(w, einsums, v).length === 1 &&
  einsums.every((e) => {
    const { variables, reduced, carried } = w.einsums[e]!;
    return variables.includes(v) && !reduced.includes(v) && carried !== v;
  });

/** Levels over which the next loop can be spread: that of the loops around, or, for the first, any of which there are several. */
function spreads(machine: Machine, loops: readonly Loop[]): readonly string[] {
  const around = loops.at(-1);
  if (around !== undefined) return around[2] === undefined ? [] : [around[2]];
  const home = machine.levels.findIndex((l) => l.memory !== undefined);
  return machine.levels.flatMap((l, at) => (l.instances > 1 && isUnder(machine, at, home) ? [l.name] : []));
}

export const isUnder = (machine: Machine, level: number, above: number): boolean => {
  const { parent } = machine.levels[level]!;
  return parent !== undefined && (parent === above || isUnder(machine, parent, above));
};

/** Whether a reader wants more of a tensor than the iteration of a loop has made so far. */
function isUnfinished(w: Workload, v: number, producer: Einsum, read: Access): boolean {
  if (producer.reduced.includes(v)) return true;
  const d = producer.output.indices.findIndex((i) => i.terms.some((t) => t.variable === v));
  if (d < 0) return false;
  const { terms, offset, divisor } = read.indices[d]!;
  const isSame = divisor === 1 && terms.length === 1 && terms[0]!.variable === v && terms[0]!.coefficient === 1;
  return !isSame || !(offset === 0 || (w.tensors[read.tensor]!.dimensions[d]!.carried && offset === 1));
}

/**
 * Whether loops are those of a nest: what is read version by version, as another Einsum makes it, has a loop along the versions.
 */
export const isWhole = (w: Workload, einsums: readonly number[], loops: readonly Loop[]): boolean =>
  einsums.every((e) =>
    w.einsums[e]!.operands.every(({ tensor, indices }) => {
      const { producer, dimensions } = w.tensors[tensor]!;
      if (producer === undefined || producer === e || !einsums.includes(producer)) return true;
      const along = dimensions.flatMap((d, i) =>
        d.carried ? indices[i]!.terms.map((t) => w.variables[t.variable]!) : [],
      );
      return along.every((v) => v.size === 1 || loops.some(([name]) => name === v.name));
    }),
  );

type Branch = { readonly isLooped: boolean; readonly einsums: readonly number[] };

/** Einsums at a loop: those that have its rank are under it, which begins anew where a result has to be complete. */
export function branches(w: Workload, einsums: readonly number[], v: number): readonly Branch[] {
  const has = (e: number): boolean => w.einsums[e]!.variables.includes(v);
  const round = new Map<number, number>();
  for (const e of einsums) {
    const waits = w.einsums[e]!.operands.map((read) => {
      const producer = w.tensors[read.tensor]!.producer;
      const before = producer === undefined || producer === e ? undefined : round.get(producer);
      if (producer === undefined || before === undefined) return 0;
      const isTogether = has(producer) === has(e) && !(has(e) && isUnfinished(w, v, w.einsums[producer]!, read));
      return isTogether ? before : before + 1;
    });
    round.set(e, Math.max(0, ...waits));
  }
  const rounds = [...new Set(round.values())].sort((a, b) => a - b);
  return rounds
    .flatMap((r) =>
      [false, true].map((isLooped) => ({
        isLooped,
        einsums: einsums.filter((e) => round.get(e) === r && has(e) === isLooped),
      })),
    )
    .filter((b) => b.einsums.length > 0);
}

/** How many loops the home of a tensor can be in: those that all its users share, up to one that goes on with a result. */
export function homeDepth(w: Workload, einsums: readonly number[], loops: readonly Loop[], tensor: number): number {
  const { producer } = w.tensors[tensor]!;
  const made = producer === undefined ? undefined : w.einsums[producer];
  const back = loops.findIndex(([v]) => [...(made?.reduced ?? []), made?.carried].includes(positionOf(w, v)));
  const shared = sharedDepth(w, einsums, loops, tensor);
  return back < 0 ? shared : Math.min(shared, back);
}

/** How many loops all users of a tensor share. */
function sharedDepth(w: Workload, einsums: readonly number[], loops: readonly Loop[], tensor: number): number {
  let body = einsums;
  for (const [depth, [variable]] of loops.entries()) {
    const mine = branches(w, body, positionOf(w, variable)).filter((b) => b.einsums.some((e) => uses(w, e, tensor)));
    if (mine.length > 1) return depth;
    body = mine[0]!.einsums;
  }
  return loops.length;
}

/** Whether some Einsums can be apart from the others: who reads a tensor version by version goes along with its producer. */
export const isSeparable = (w: Workload, first: number, end: number): boolean =>
  w.einsums.every((einsum, reader) =>
    einsum.operands.every(({ tensor, indices }) => {
      const { producer, dimensions } = w.tensors[tensor]!;
      const isStepwise = dimensions.some(
        (d, i) => d.carried && indices[i]!.terms.some((t) => w.variables[t.variable]!.size > 1),
      );
      const isHere = (e: number): boolean => first <= e && e < end;
      return producer === undefined || !isStepwise || isHere(reader) === isHere(producer);
    }),
  );
