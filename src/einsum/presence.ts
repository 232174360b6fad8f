import type { Expression, Filter, TensorAccess } from './ast.ts';
import type { GateCondition } from './workload.ts';

/**
 * What of an Einsum's domain is there on average, where gates decide: selections by value (`above`, `below`), of which only
 * the share that exists is known. Gates count as independent of each other.
 */
export type Presence<Operand> = {
  readonly conditions: readonly GateCondition[];
  /** By operand: the conditions under which it is read, besides those of the Einsum. Absent: none. */
  readonly extra: ReadonlyMap<Operand, number>;
};

/** Says what must hold for an access to exist, and names the operand that it is. */
export type Accesses<Operand> = {
  readonly conditionsOf: (access: TensorAccess) => readonly GateCondition[];
  readonly operandOf: (access: TensorAccess) => Operand;
  readonly densityOf: (conditions: readonly GateCondition[]) => number;
  /** Share of its points at which the first operand of a `first` exists, but for gates. */
  readonly firstShare: (e: Expression) => number;
};

/** Why the share at which an expression exists is not known. */
export type Unknown = { readonly unknown: string; readonly at: Expression };

const same = (a: GateCondition, b: GateCondition): boolean => a.tensor === b.tensor && a.exists === b.exists;

const without = (all: readonly GateCondition[], some: readonly GateCondition[]): readonly GateCondition[] =>
  all.filter((c) => !some.some((s) => same(c, s)));

const union = (a: readonly GateCondition[], b: readonly GateCondition[]): readonly GateCondition[] =>
  [...a, ...b].filter((c, i, all) => all.findIndex((d) => same(c, d)) === i);

/** The conditions under which an expression exists, and how often each operand is read there. */
export function presenceOf<Operand>(body: Expression, accesses: Accesses<Operand>): Presence<Operand> | Unknown {
  const extra = new Map<Operand, number>();
  const read = (key: Operand, share: number): void => {
    extra.set(key, Math.min(1, (extra.get(key) ?? 0) + share));
  };
  const visit = (e: Expression, share: number): readonly GateCondition[] | Unknown => {
    if (e.kind === 'constant') return [];
    if (e.kind === 'access') {
      read(accesses.operandOf(e), share);
      return accesses.conditionsOf(e);
    }
    const [first, second] = e.operands;
    if (e.operator === 'first' && first !== undefined && second !== undefined)
      return visitFirst(e, first, second, share);
    let all: readonly GateCondition[] = [];
    for (const operand of e.operands) {
      const found = visit(operand, share);
      if ('unknown' in found) return found;
      all = union(all, found);
    }
    return all;
  };
  /** Of two, the second is read where the first does not exist. */
  const visitFirst = (
    e: Expression,
    first: Expression,
    second: Expression,
    share: number,
  ): readonly GateCondition[] | Unknown => {
    const [a, b] = [first, second].map((o) => conditionsIn(o, accesses));
    const common = a!.filter((c) => b!.some((d) => same(c, d)));
    const [onlyA, onlyB] = [without(a!, common), without(b!, common)];
    const opposite = onlyA.length === 1 && onlyB.length === 1 && onlyA[0]!.tensor === onlyB[0]!.tensor;
    if (onlyA.length > 0 && onlyB.length > 0 && !opposite)
      return { unknown: 'both depend on gates, and on different ones', at: e };
    const density = accesses.densityOf(onlyA) * accesses.firstShare(e);
    const found = [visit(first, share * density), visit(second, share * (1 - density))];
    return found.find((f) => 'unknown' in f) ?? common;
  };
  const conditions = visit(body, 1);
  return 'unknown' in conditions ? conditions : { conditions, extra };
}

function conditionsIn(e: Expression, accesses: Pick<Accesses<unknown>, 'conditionsOf'>): readonly GateCondition[] {
  if (e.kind === 'constant') return [];
  if (e.kind === 'access') return accesses.conditionsOf(e);
  const of = e.operands.map((o) => conditionsIn(o, accesses));
  if (e.operator !== 'first') return of.reduce(union, []);
  return of[0]!.filter((c) => of[1]?.some((d) => same(c, d)));
}

/** The parts of a filter that must all hold. */
export function conjuncts(f: Filter): readonly Filter[] {
  if (f.kind === 'and') return f.operands.flatMap(conjuncts);
  return f.kind === 'not' && f.operand.kind === 'not' ? conjuncts(f.operand.operand) : [f];
}

/** A filter that holds at least wherever `f` is `wanted`, whatever elements exist; undefined: everywhere. */
export function relaxed(f: Filter, wanted = true): Filter | undefined {
  switch (f.kind) {
    case 'exists':
      return undefined;
    case 'compare':
      return wanted ? f : { kind: 'not', operand: f, span: f.span };
    case 'not':
      return relaxed(f.operand, !wanted);
    default: {
      const kind = (f.kind === 'and') === wanted ? 'and' : 'or';
      const parts = f.operands.map((o) => relaxed(o, wanted));
      const left = parts.filter((p) => p !== undefined);
      if (kind === 'or' && left.length < parts.length) return undefined;
      return left.length < 2 ? left[0] : { kind, operands: left, span: f.span };
    }
  }
}

export { union as allConditions };
