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
  const factors = known.get(domain) ?? findFactors(domain);
  known.set(domain, factors);
  return factors;
}

function findFactors(domain: Domain): readonly Domain[] {
  const constraints = domain.flat();
  const groups = connectedVariables(constraints);
  // A constraint without variables, which holds or not, would be in no factor.
  if (groups.length < 2 || constraints.some(({ terms }) => terms.length === 0)) return [domain];
  const factors = groups.map((group) => {
    const pieces = new Map<string, readonly Constraint[]>();
    const chosen = domain.map((conjunction) => {
      const piece = conjunction.filter((c) => c.terms.some((t) => group.has(t.variable)));
      const name = piece
        .map((c) => JSON.stringify(c))
        .sort()
        .join();
      pieces.set(name, piece);
      return name;
    });
    return { pieces: [...pieces.values()], chosen };
  });
  const all = factors.reduce((n, f) => n * f.pieces.length, 1);
  const combinations = new Set(domain.map((_, i) => factors.map((f) => f.chosen[i]).join(';')));
  return all === domain.length && combinations.size === all ? factors.map((f) => f.pieces) : [domain];
}

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

/** Variables that its conditions mention. */
export const variablesOf = (domain: Domain): ReadonlySet<number> =>
  new Set(domain.flatMap((conjunction) => conjunction.flatMap((c) => c.terms.map((t) => t.variable))));
