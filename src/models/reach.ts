import { factorsOf, variablesOf } from '../einsum/factors.ts';
import type { BoundEinsum, Constraint } from '../einsum/workload.ts';
import type { Block, Loop } from '../mapper/placed.ts';
import type { Environment } from '../mapper/tile.ts';

/**
 * How far the loops inside an iteration reach: under a band, such as a sliding window, only some of their steps compute, and
 * which these are moves along with the iteration. Seen from where they begin, iterations that differ by a shift are alike.
 */
export type Reach = readonly {
  readonly variable: number;
  /** A multiple of the coordinates that every loop over it takes a step. */
  readonly grain: number;
  /** By piece of what bounds it in the domain of any Einsum that has it: all conditions, then those on it, with their coefficients. */
  readonly pieces: readonly {
    readonly all: readonly Constraint[];
    readonly bounds: readonly { readonly constraint: Constraint; readonly coefficient: number }[];
  }[];
}[];

/** Undefined where nothing bounds what the loops inside do from both sides: bounded from one, it grows or shrinks. */
export function reachOf(einsums: readonly BoundEinsum[], inside: readonly Loop[]): Reach | undefined {
  const reach = [...new Set(inside.map((l) => l.variable))].flatMap((variable) => {
    const pieces = einsums
      .filter((e) => e.variables.includes(variable) && e.domain.length > 0)
      .flatMap((e) => factorsOf(e.domain).find((factor) => variablesOf(factor).has(variable)) ?? [[]])
      .map((all) => ({
        all,
        bounds: all.flatMap((constraint) => {
          const term = constraint.terms.find((t) => t.variable === variable);
          return term === undefined ? [] : [{ constraint, coefficient: term.coefficient }];
        }),
      }));
    const isBand = ({ bounds }: (typeof pieces)[number]): boolean =>
      bounds.some((b) => b.coefficient > 0) && bounds.some((b) => b.coefficient < 0);
    // Under a bound on one side alone, such as a causal mask, no two iterations reach equally far.
    if (!pieces.some(isBand) || pieces.some(({ bounds }) => bounds.length === 0)) return [];
    const grain = inside.reduce((n, l) => (l.variable === variable ? leastCommonMultiple(n, l.tile) : n), 1);
    return [{ variable, grain, pieces }];
  });
  return reach.length === 0 ? undefined : reach;
}

export const loopsInside = (block: Block): readonly Loop[] =>
  block.branches.flatMap((b) => (b.kind === 'loop' ? [b, ...loopsInside(b.block)] : []));

/** By how many iterations the last branch of a block lags behind the loop around. */
export const mostLag = ({ branches }: Block): number =>
  branches.reduce((most, b) => Math.max(most, b.kind === 'loop' ? b.lag : 0), 0);

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return (a / x) * b;
}

/** Narrows `env` to steps of the loops inside in which an Einsum may compute; `restoreReach` undoes it. */
export function narrowToReach(reach: Reach, env: Environment): readonly number[] {
  const before = reach.flatMap(({ variable: v }) => [env.lo[v]!, env.hi[v]!]);
  const after = reach.map((r) => reached(r, env));
  reach.forEach(({ variable: v }, i) => {
    [env.lo[v], env.hi[v]] = after[i]!;
  });
  return before;
}

export function restoreReach(reach: Reach, env: Environment, before: readonly number[]): void {
  reach.forEach(({ variable: v }, i) => {
    env.lo[v] = before[2 * i]!;
    env.hi[v] = before[2 * i + 1]!;
  });
}

function reached({ variable, grain, pieces }: Reach[number], env: Environment): [number, number] {
  const lo = env.lo[variable]!;
  const hi = env.hi[variable]!;
  let least = hi;
  let end = lo;
  for (const { all, bounds } of pieces) {
    if (all.some((c) => greatest(c, env) < 0)) continue;
    let from = lo;
    let to = hi;
    for (const { constraint, coefficient } of bounds) {
      const at = coefficient > 0 ? hi - 1 : lo;
      const rest = greatest(constraint, env) - coefficient * at;
      if (coefficient > 0) from = Math.max(from, Math.ceil(-rest / coefficient));
      else to = Math.min(to, Math.floor(rest / -coefficient) + 1);
    }
    if (from >= to) continue;
    least = Math.min(least, from);
    end = Math.max(end, to);
  }
  if (least >= end) return [lo, lo];
  return [lo + Math.floor((least - lo) / grain) * grain, Math.min(hi, lo + Math.ceil((end - lo) / grain) * grain)];
}

function greatest(c: Constraint, env: Environment): number {
  let value = c.offset;
  for (const { variable, coefficient } of c.terms)
    value += coefficient * (coefficient > 0 ? env.hi[variable]! - 1 : env.lo[variable]!);
  return value;
}
