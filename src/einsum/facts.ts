import type {
  Arithmetic,
  Cascade,
  Einsum,
  Name,
  ParameterDeclaration,
  RankDeclaration,
  TensorDeclaration,
} from './ast.ts';
import { carriedDimension, isInitialValue, nextVersion } from './carried.ts';
import { accessesOf, arithmeticParts } from './traverse.ts';

/** What the names of a cascade stand for. Where a name is declared twice, the first one counts. */
export type Facts = {
  readonly cascade: Cascade;
  readonly ranks: ReadonlyMap<Name, RankDeclaration>;
  /** The rank that a rank is defined to be the same as; absent where there is none. */
  readonly origins: ReadonlyMap<Name, Name>;
  readonly parameters: ReadonlyMap<Name, ParameterDeclaration>;
  /** Rank by index variable; ranks that a tensor has and nobody declares are among them. */
  readonly variables: ReadonlyMap<Name, Name>;
  readonly declarations: ReadonlyMap<Name, TensorDeclaration>;
  /** The Einsum that produces a tensor, and its position in the cascade. */
  readonly producers: ReadonlyMap<Name, { readonly einsum: Einsum; readonly position: number }>;
  readonly initialValues: ReadonlyMap<Name, Einsum>;
  /** Carried dimension by tensor. */
  readonly carried: ReadonlyMap<Name, { readonly position: number; readonly variable: Name }>;
};

function firstByKey<K, V>(entries: Iterable<readonly [K, V]>): ReadonlyMap<K, V> {
  const map = new Map<K, V>();
  for (const [key, value] of entries) if (!map.has(key)) map.set(key, value);
  return map;
}

const byName = <V extends { readonly name: Name }>(values: readonly V[]): ReadonlyMap<Name, V> =>
  firstByKey(values.map((v) => [v.name, v]));

export function factsOf(cascade: Cascade): Facts {
  const numbered = cascade.einsums.map((einsum, position) => ({ einsum, position }));
  const used = cascade.tensors.flatMap((t) => t.ranks ?? []);
  const producing = numbered.filter(({ einsum }) => !isInitialValue(einsum));
  const ranks = byName(cascade.ranks);
  return {
    cascade,
    ranks,
    origins: originsOf(ranks),
    parameters: byName(cascade.parameters),
    variables: firstByKey([...cascade.ranks, ...used].map((r) => [r.name.toLowerCase(), r.name])),
    declarations: byName(cascade.tensors),
    producers: firstByKey(producing.map((p) => [p.einsum.output.tensor, p])),
    initialValues: firstByKey(cascade.einsums.filter(isInitialValue).map((e) => [e.output.tensor, e])),
    carried: firstByKey(
      producing.flatMap(({ einsum: { output } }) => {
        const dimension = carriedDimension(output);
        return dimension === undefined ? [] : [[output.tensor, dimension] as const];
      }),
    ),
  };
}

export const isVariable = (facts: Facts, name: Name): boolean => facts.variables.has(name) && !/^[A-Z]/.test(name);

/** Index variables of an expression, each once, in order of the text. */
export function variablesIn(facts: Facts, expressions: Iterable<Arithmetic>): ReadonlySet<Name> {
  const found = new Set<Name>();
  for (const expression of expressions)
    for (const part of arithmeticParts(expression))
      if (part.kind === 'name' && isVariable(facts, part.name)) found.add(part.name);
  return found;
}

export const outputVariables = (facts: Facts, e: Einsum): ReadonlySet<Name> => variablesIn(facts, e.output.indices);

/** Variables that the operands have and the output lacks, in order of the text. */
export function reducedVariables(facts: Facts, e: Einsum): ReadonlySet<Name> {
  const kept = outputVariables(facts, e);
  const read = [...accessesOf(e)].flatMap((access) => access.indices);
  return new Set([...variablesIn(facts, read)].filter((v) => !kept.has(v)));
}

/** A rank that is defined as another one, `rank M = S`, is that one: their coordinates mean the same. */
export function sameRank({ origins }: Facts, a: Name, b: Name): boolean {
  const origin = (name: Name): Name => origins.get(name) ?? name;
  // Ranks that differ in case alone are a mistake that `duplicate-name` reports.
  return origin(a).toLowerCase() === origin(b).toLowerCase();
}

/** The rank at the end of each chain of definitions `rank A = B`. */
function originsOf(ranks: ReadonlyMap<Name, RankDeclaration>): ReadonlyMap<Name, Name> {
  const origins = new Map<Name, Name>();
  for (const start of ranks.keys()) {
    const chain = new Set<Name>();
    let rank = start;
    for (;;) {
      const declared = ranks.get(rank);
      if (origins.has(rank) || chain.has(rank) || declared?.size?.kind !== 'name' || declared.overridable) break;
      chain.add(rank);
      rank = declared.size.name;
    }
    const origin = origins.get(rank) ?? rank;
    for (const name of chain) origins.set(name, origin);
  }
  return origins;
}

/** Ranks of a tensor: as declared, or else as the indices of its producer say; undefined if neither does. */
export function ranksOf(facts: Facts, tensor: Name): readonly Name[] | undefined {
  const declared = facts.declarations.get(tensor)?.ranks;
  if (declared !== undefined) return declared.map((r) => r.name);
  const indices = facts.producers.get(tensor)?.einsum.output.indices.map((index) => {
    const variable = index.kind === 'name' ? index.name : nextVersion(index);
    return variable === undefined ? undefined : facts.variables.get(variable);
  });
  return indices?.every((rank) => rank !== undefined) ? indices : undefined;
}
