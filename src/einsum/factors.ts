import type { Constraint, Domain } from './workload.ts';

/**
 * A domain over several ranks is often a product of domains over some of them each, such as a window in every dimension of a map:
 * its pieces are all ways to take one piece of each factor. What is asked of the factors takes the sum of their pieces, not
 * the product.
 */

const known = new WeakMap<Domain, readonly Domain[]>();

/** Factors that share no variable, and whose product is the domain; itself alone where none are found. */
export function factorsOf(domain: Domain): readonly Domain[] {
  if (domain.length === 0) return [domain];
  let factors = known.get(domain);
  if (factors === undefined) {
    factors = findFactors(domain);
    known.set(domain, factors);
  }
  return factors;
}

function findFactors(domain: Domain): readonly Domain[] {
  const constraints = domain.flat();
  const groups = connectedVariables(constraints);
  // A constraint without variables, which holds or not, would be in no factor.
  if (groups.length < 2 || constraints.some(({ terms }) => terms.length === 0)) return [domain];
  const factors = joinDependent(
    domain,
    groups.map((group) => partOf(domain, group)),
  );
  return isProduct(domain, factors) ? factors.map((f) => [...f.pieces.values()]) : [domain];
}

/** What a domain says of some variables. */
type Part = {
  readonly variables: ReadonlySet<number>;
  readonly pieces: ReadonlyMap<string, readonly Constraint[]>;
  /** The name of the piece that each conjunction of the domain has. */
  readonly chosen: readonly string[];
};

function partOf(domain: Domain, variables: ReadonlySet<number>): Part {
  const pieces = new Map<string, readonly Constraint[]>();
  const chosen = domain.map((conjunction) => {
    const piece = conjunction.filter((c) => c.terms.some((t) => variables.has(t.variable)));
    const name = piece
      .map((c) => JSON.stringify(c))
      .sort()
      .join();
    pieces.set(name, piece);
    return name;
  });
  return { variables, pieces, chosen };
}

/** Parts of which one says which piece another has are one: a group of queries at a border, and the keys that it sees there. */
function joinDependent(domain: Domain, parts: readonly Part[]): readonly Part[] {
  for (const [i, part] of parts.entries()) {
    const other = parts.slice(i + 1).find((p) => countCombinations([part, p]) < part.pieces.size * p.pieces.size);
    if (other === undefined) continue;
    const joined = partOf(domain, new Set([...part.variables, ...other.variables]));
    return joinDependent(domain, [...parts.filter((p) => p !== part && p !== other), joined]);
  }
  return parts;
}

function isProduct(domain: Domain, parts: readonly Part[]): boolean {
  const all = parts.reduce((n, { pieces }) => n * pieces.size, 1);
  return all === domain.length && countCombinations(parts) === all;
}

const countCombinations = (parts: readonly Part[]): number =>
  new Set(parts[0]!.chosen.map((_, i) => parts.map(({ chosen }) => chosen[i]).join(';'))).size;

/** Variables that constraints join, directly or through others. */
function connectedVariables(constraints: readonly Constraint[]): readonly ReadonlySet<number>[] {
  let groups: Set<number>[] = [];
  for (const { terms } of constraints) {
    const joined = new Set(terms.map((t) => t.variable));
    const apart = groups.filter((group) => !terms.some((t) => group.has(t.variable)));
    for (const group of groups) if (!apart.includes(group)) for (const v of group) joined.add(v);
    groups = [...apart, joined];
  }
  return groups;
}

/** All ways to take one piece of each: the domain of which they are the factors. */
export const productOf = (factors: readonly Domain[]): Domain =>
  factors.reduce<Domain>((all, factor) => all.flatMap((x) => factor.map((y) => [...x, ...y])), [[]]);

/** Whether no two domains have conditions on the same variable. */
export function areSeparate(domains: readonly Domain[]): boolean {
  const seen = new Set<number>();
  return domains.every((domain) => {
    const mentioned = variablesOf(domain);
    const separate = [...mentioned].every((v) => !seen.has(v));
    for (const v of mentioned) seen.add(v);
    return separate;
  });
}

const mentioned = new WeakMap<Domain, ReadonlySet<number>>();

/** Variables that its conditions mention. */
export function variablesOf(domain: Domain): ReadonlySet<number> {
  let found = mentioned.get(domain);
  if (found === undefined) {
    found = new Set(domain.flatMap((conjunction) => conjunction.flatMap((c) => c.terms.map((t) => t.variable))));
    mentioned.set(domain, found);
  }
  return found;
}
