import type { RawAccess, RawIndex, RawTerm } from './einsum-text.ts';
import { Names, rankShape, tensorShape } from './names.ts';
import { accessText, type CascadeDraft, type CascadeRank, type CascadeTensor, reachOf } from './write-cascade.ts';

/** An Einsum of another tool with its expression to be written over our names. */
export type SourceEinsum = {
  readonly output: RawAccess;
  /** Every tensor that it reads, in order. */
  readonly operands: readonly RawAccess[];
  /** The right side, of the texts of the operands and the index variables that are reduced. */
  readonly right: (operands: readonly string[], reduced: readonly string[]) => string;
};

export type CascadeSource = {
  readonly name: string;
  readonly einsums: readonly SourceEinsum[];
  /** The rank of a tensor's dimension, where the file declares it; else it is that of its variable. */
  readonly declared: ReadonlyMap<string, readonly string[]>;
  /** Sizes by rank. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly formatOf: (tensor: string) => string | undefined;
  /** Dimensions in the order in which they are stored, where it is another. */
  readonly orders?: ReadonlyMap<string, readonly number[]>;
};

/** Sizes that must be one and are not. */
export type UnlikeRanks = { readonly ranks: readonly [string, string]; readonly sizes: readonly [number, number] };

/** The rank that a variable is named after: ranks are told apart by more than their case. */
const ownRank = (variable: string): string => variable.toUpperCase();

/** Ranks that are one because a variable of one goes through the other. */
class RankFamilies {
  private readonly parent = new Map<string, string>();

  find(rank: string): string {
    const above = this.parent.get(rank);
    if (above === undefined) this.parent.set(rank, rank);
    return above === undefined || above === rank ? rank : this.find(above);
  }

  /** The first that was seen stands for both. */
  join(a: string, b: string): void {
    const [first, second] = [this.find(a), this.find(b)];
    const order = [...this.parent.keys()];
    if (order.indexOf(first) <= order.indexOf(second)) this.parent.set(second, first);
    else this.parent.set(first, second);
  }
}

const plainVariable = ({ terms }: RawIndex): string | undefined =>
  terms.length === 1 && terms[0]!.factor === 1 ? terms[0]!.variable : undefined;

/** A cascade of Einsums, with ranks that follow from how tensors are indexed. */
export function buildCascade(source: CascadeSource): CascadeDraft | UnlikeRanks {
  const { einsums, declared, sizes, name } = source;
  const accesses = einsums.flatMap(({ output, operands }) => [output, ...operands]);
  const rankAt = (access: RawAccess, i: number): string | undefined =>
    (access.indices[i]!.rank ?? declared.get(access.tensor)?.[i])?.toUpperCase();
  const families = new RankFamilies();
  const sums = new Map<string, readonly RawTerm[]>();
  for (const access of accesses)
    access.indices.forEach((index, i) => {
      for (const { variable } of index.terms) families.find(ownRank(variable));
      const plain = plainVariable(index);
      const rank = rankAt(access, i) ?? sumName(index);
      families.find(rank);
      if (plain !== undefined) families.join(ownRank(plain), rank);
      else if (!sums.has(rank)) sums.set(rank, index.terms);
    });
  const used = [...new Set(accesses.flatMap((a) => a.indices.flatMap((index, i) => ranksOf(index, rankAt(a, i)))))];
  const unlike = findUnlike(used, families, sizes);
  if (unlike !== undefined) return unlike;
  const ranks = new Names(rankShape);
  const tensors = new Names(tensorShape);
  const rankOf = (variable: string): string => ranks.of(ownRank(variable));
  const written = (access: RawAccess): string =>
    accessText(
      tensors.of(access.tensor),
      ordered(
        source,
        access.tensor,
        access.indices.map(({ terms }) => ours(terms, rankOf)),
      ),
    );
  return {
    name,
    ranks: used.map((rank) => describeRank(rank, used, families, sizes, sums, ranks, rankOf)),
    parameters: [],
    tensors: describeTensors(source, (access) =>
      ordered(
        source,
        access.tensor,
        access.indices.map((index, i) => ranks.of(rankAt(access, i) ?? ranksOf(index, undefined).at(-1)!)),
      ),
    ).map((tensor) => ({ ...tensor, name: tensors.of(tensor.name) })),
    einsums: einsums.map(({ output, operands, right }) => {
      const variables = [...new Set(operands.flatMap(variablesOf))];
      const reduced = variables.filter((v) => !variablesOf(output).includes(v)).map((v) => rankOf(v).toLowerCase());
      return `${written(output)} = ${right(operands.map(written), reduced)}`;
    }),
  };
}

const ours = (terms: readonly RawTerm[], rankOf: (variable: string) => string) =>
  terms.map(({ variable, factor }) => ({ variable: rankOf(variable).toLowerCase(), factor: String(factor) }));

const variablesOf = ({ indices }: RawAccess): readonly string[] =>
  indices.flatMap(({ terms }) => terms.map(({ variable }) => variable));

/** A rank for a dimension that only a sum goes through, where the file has no name for it. */
const sumName = (index: RawIndex): string => {
  const plain = plainVariable(index);
  return plain === undefined ? `IN_${index.terms.map(({ variable }) => ownRank(variable)).join('')}` : ownRank(plain);
};

/** Ranks that an index is about: those of its variables, then that of the dimension. */
const ranksOf = (index: RawIndex, rank: string | undefined): readonly string[] => [
  ...index.terms.map(({ variable }) => ownRank(variable)),
  rank ?? sumName(index),
];

function ordered<T>({ orders }: CascadeSource, tensor: string, items: readonly T[]): readonly T[] {
  const order = orders?.get(tensor);
  return order === undefined || order.length !== items.length ? items : order.map((i) => items[i]!);
}

function findUnlike(
  used: readonly string[],
  families: RankFamilies,
  sizes: ReadonlyMap<string, number>,
): UnlikeRanks | undefined {
  for (const rank of used) {
    const first = used.find((r) => families.find(r) === families.find(rank) && sizes.has(r));
    const [a, b] = [first === undefined ? undefined : sizes.get(first), sizes.get(rank)];
    if (first !== undefined && a !== undefined && b !== undefined && a !== b)
      return { ranks: [first, rank], sizes: [a, b] };
  }
  return undefined;
}

function describeRank(
  rank: string,
  used: readonly string[],
  families: RankFamilies,
  sizes: ReadonlyMap<string, number>,
  sums: ReadonlyMap<string, readonly RawTerm[]>,
  names: Names,
  rankOf: (variable: string) => string,
): CascadeRank {
  const name = names.of(rank);
  const family = families.find(rank);
  const first = used.find((r) => families.find(r) === family)!;
  if (rank !== first) return { name, formula: names.of(first) };
  const size = used.filter((r) => families.find(r) === family).flatMap((r) => sizes.get(r) ?? [])[0];
  if (size !== undefined) return { name, size };
  const terms = sums.get(rank);
  const reaches = terms?.map(({ variable, factor }) => ({ variable, factor: String(factor) }));
  return reaches === undefined ? { name } : { name, formula: reachOf(reaches, rankOf) };
}

/** Tensors as they first stand in the cascade: inputs are never produced, outputs never read. */
function describeTensors(
  { einsums, formatOf }: CascadeSource,
  ranksOfAccess: (access: RawAccess) => readonly string[],
): readonly CascadeTensor[] {
  const produced = new Set(einsums.map(({ output }) => output.tensor));
  const read = new Set(einsums.flatMap(({ operands }) => operands.map(({ tensor }) => tensor)));
  const first = new Map<string, RawAccess>();
  for (const { output } of einsums) first.set(output.tensor, output);
  for (const { operands } of einsums) for (const o of operands) if (!first.has(o.tensor)) first.set(o.tensor, o);
  return [...first].map(([name, access]) => {
    const role = !produced.has(name) ? 'input' : read.has(name) ? 'tensor' : 'output';
    const format = formatOf(name);
    return { name, role, ranks: ranksOfAccess(access), ...(format === undefined ? {} : { format }) };
  });
}
