import { coefficientOf, constraintRange, fix, type Normalised, normalise } from './constraint.ts';
import type { Box, Constraint } from './workload.ts';

/**
 * Exact number of integer points of a conjunction of constraints in a box, for variables that the
 * constraints couple. Two variables have a closed form; more are looped over, smallest extent first,
 * after pairs that occur only as `outer*size + inner` have become one coordinate.
 */
export function countCoupled(
  constraints: readonly Constraint[],
  variables: readonly number[],
  box: MutableBox,
): number {
  const tight = tighten(constraints, variables, box);
  if (tight === 'empty') return 0;
  let count = 1;
  for (const part of components(tight, variables)) {
    count *= countComponent(part.constraints, part.variables, box);
    if (count === 0) return 0;
  }
  return count;
}

/** A box that the counting may shrink; callers pass a copy. */
export type MutableBox = { readonly lo: number[]; readonly hi: number[] };

export const copyBox = (box: Box): MutableBox => ({
  lo: Array.from(box.lo),
  hi: Array.from(box.hi),
});

/** How many times the count loops in the worst case: the extents that neither closed form nor pairing takes. */
export function countingSteps(
  constraints: readonly Constraint[],
  variables: readonly number[],
  box: MutableBox,
): number {
  const tight = tighten(constraints, variables, box);
  if (tight === 'empty') return 0;
  let steps = 0;
  for (const part of components(tight, variables)) {
    const paired = pairUp(part.constraints, part.variables, box);
    const extents = paired.variables.map((v) => box.hi[v]! - box.lo[v]!).sort((a, b) => a - b);
    steps += extents.slice(0, -2).reduce((a, b) => a * b, 1);
  }
  return steps;
}

/**
 * Moves constraints on one variable into the box (shrinking it) and drops those that hold all over it.
 * What is left has two or more variables each and cuts the box.
 */
function tighten(
  constraints: readonly Constraint[],
  variables: readonly number[],
  box: MutableBox,
): readonly Constraint[] | 'empty' {
  const coupled: Constraint[] = [];
  for (const c of constraints) {
    const n: Normalised = normalise(c);
    if (n === 'never') return 'empty';
    if (n === 'always') continue;
    if (n.terms.length > 1) {
      coupled.push(n);
      continue;
    }
    const { variable, coefficient } = n.terms[0]!;
    // Normalised: the coefficient is 1 or -1.
    if (coefficient > 0) box.lo[variable] = Math.max(box.lo[variable]!, -n.offset);
    else box.hi[variable] = Math.min(box.hi[variable]!, n.offset + 1);
  }
  if (variables.some((v) => box.lo[v]! >= box.hi[v]!)) return 'empty';
  const cutting: Constraint[] = [];
  for (const c of coupled) {
    const { min, max } = constraintRange(c, box);
    if (max < 0) return 'empty';
    if (min < 0) cutting.push(c);
  }
  return cutting;
}

type Component = { readonly constraints: readonly Constraint[]; readonly variables: readonly number[] };

/** Groups of variables that no constraint joins count independently of each other. */
function components(constraints: readonly Constraint[], variables: readonly number[]): readonly Component[] {
  const parts: { constraints: Constraint[]; variables: Set<number> }[] = [];
  for (const c of constraints) {
    const joined = { constraints: [c], variables: new Set(c.terms.map((t) => t.variable)) };
    for (let i = parts.length - 1; i >= 0; i--) {
      const part = parts[i]!;
      if (!c.terms.some((t) => part.variables.has(t.variable))) continue;
      joined.constraints.push(...part.constraints);
      for (const v of part.variables) joined.variables.add(v);
      parts.splice(i, 1);
    }
    parts.push(joined);
  }
  const coupled = new Set(parts.flatMap((part) => [...part.variables]));
  const free = variables.filter((v) => !coupled.has(v));
  return [
    ...parts.map((part) => ({ constraints: part.constraints, variables: [...part.variables].sort((a, b) => a - b) })),
    ...free.map((v) => ({ constraints: [], variables: [v] })),
  ];
}

function countComponent(constraints: readonly Constraint[], variables: readonly number[], box: MutableBox): number {
  if (variables.length === 1) return box.hi[variables[0]!]! - box.lo[variables[0]!]!;
  const paired = pairUp(constraints, variables, box);
  if (paired.variables.length < variables.length) return countCoupled(paired.constraints, paired.variables, box);
  const one = variables.find((v) => box.hi[v]! - box.lo[v]! === 1);
  if (one === undefined && variables.length === 2) return countPlane(constraints, variables[0]!, variables[1]!, box);
  const extent = (v: number): number => box.hi[v]! - box.lo[v]!;
  const looped = one ?? variables.reduce((a, b) => (extent(b) < extent(a) ? b : a));
  const rest = variables.filter((v) => v !== looped);
  let count = 0;
  for (let value = box.lo[looped]!; value < box.hi[looped]!; value++)
    count += countCoupled(
      constraints.map((c) => fix(c, looped, value)),
      rest,
      copyBox(box),
    );
  return count;
}

/**
 * Where `outer` and `inner` occur only as `k*outer + inner` and `inner` covers k consecutive values, the
 * sum covers a contiguous range once: one coordinate in place of two. It takes inner's place in the box.
 */
function pairUp(constraints: readonly Constraint[], variables: readonly number[], box: MutableBox): Component {
  let left: Component = { constraints, variables };
  for (let found = findPair(left, box); found !== undefined; found = findPair(left, box)) {
    const { outer, inner, size } = found;
    box.hi[inner] = size * (box.hi[outer]! - 1) + box.hi[inner]!;
    box.lo[inner] = size * box.lo[outer]! + box.lo[inner]!;
    left = {
      constraints: left.constraints.map((c) => ({ ...c, terms: c.terms.filter((t) => t.variable !== outer) })),
      variables: left.variables.filter((v) => v !== outer),
    };
  }
  return left;
}

function findPair(
  { constraints, variables }: Component,
  box: MutableBox,
): { readonly outer: number; readonly inner: number; readonly size: number } | undefined {
  for (const inner of variables) {
    const size = box.hi[inner]! - box.lo[inner]!;
    if (size < 2) continue;
    for (const outer of variables) {
      if (outer === inner) continue;
      if (constraints.every((c) => coefficientOf(c, outer) === size * coefficientOf(c, inner)))
        return { outer, inner, size };
    }
  }
  return undefined;
}

/** A bound on y along x: `(slope*x + start) / divisor`, to be rounded towards the inside. */
type Line = { readonly slope: number; readonly start: number; readonly divisor: number };

/**
 * Points of two variables. For each x the y form an interval between the greatest lower and the least upper
 * bound; x is cut where another bound takes over, and each piece is a sum of floors of a line.
 */
function countPlane(constraints: readonly Constraint[], a: number, b: number, box: MutableBox): number {
  // Unit coefficients on the inner variable give divisor 1, whose sums are plain series.
  const units = (v: number): boolean => constraints.every((c) => Math.abs(coefficientOf(c, v)) === 1);
  const [x, y] = units(b) ? [a, b] : [b, a];
  const lower: Line[] = [{ slope: 0, start: box.lo[y]!, divisor: 1 }];
  const upper: Line[] = [{ slope: 0, start: box.hi[y]! - 1, divisor: 1 }];
  for (const c of constraints) {
    const along = coefficientOf(c, x);
    const divisor = coefficientOf(c, y);
    if (divisor > 0) lower.push({ slope: -along, start: -c.offset, divisor });
    else upper.push({ slope: along, start: c.offset, divisor: -divisor });
  }
  let first = box.lo[x]!;
  let last = box.hi[x]! - 1;
  for (const l of lower)
    for (const u of upper) {
      // u - l >= 0 where the interval of real y is not empty; elsewhere it holds no integer.
      const slope = u.slope * l.divisor - l.slope * u.divisor;
      const start = u.start * l.divisor - l.start * u.divisor;
      if (slope > 0) first = Math.max(first, Math.ceil(-start / slope));
      else if (slope < 0) last = Math.min(last, Math.floor(start / -slope));
      else if (start < 0) return 0;
    }
  let count = 0;
  while (first <= last) {
    const u = active(upper, first, last, -1);
    const l = active(lower, first, last, 1);
    const end = Math.min(u.until, l.until);
    count += sumOfExtents(u.line, l.line, first, end);
    first = end + 1;
  }
  return count;
}

/** A least (`sign` -1) or greatest (1) line at x = first, and the last x up to which no other is beyond it. */
function active(lines: readonly Line[], first: number, last: number, sign: 1 | -1): { line: Line; until: number } {
  // Positive where p is beyond q: scaled to whole numbers.
  const beyondAt = (p: Line, q: Line, x: number): number =>
    sign * ((p.slope * x + p.start) * q.divisor - (q.slope * x + q.start) * p.divisor);
  const steeper = (p: Line, q: Line): number => sign * (p.slope * q.divisor - q.slope * p.divisor);
  const line = lines.reduce((best, other) => (beyondAt(other, best, first) > 0 ? other : best));
  let until = last;
  for (const other of lines) {
    const gain = steeper(other, line);
    // At first + t the other is beyond by gain*t - behind.
    if (gain > 0) until = Math.min(until, first + Math.floor(-beyondAt(other, line, first) / gain));
  }
  return { line, until };
}

/** Sum over x in [first, last] of floor(upper) - ceil(lower) + 1, which no x there makes negative. */
function sumOfExtents(upper: Line, lower: Line, first: number, last: number): number {
  const n = last - first + 1;
  if (upper.divisor === 1 && lower.divisor === 1) {
    const extent = (x: number): number => (upper.slope - lower.slope) * x + upper.start - lower.start + 1;
    const ends = extent(first) + extent(last);
    return n * ends <= Number.MAX_SAFE_INTEGER ? (n * ends) / 2 : Number((BigInt(n) * BigInt(ends)) / 2n);
  }
  const floors = (line: Line, sign: 1 | -1): bigint =>
    floorSum(
      BigInt(n),
      BigInt(line.divisor),
      BigInt(sign * line.slope),
      BigInt(sign * (line.slope * first + line.start)),
    );
  // ceil(l) = -floor(-l)
  return Number(floors(upper, 1) + floors(lower, -1) + BigInt(n));
}

/**
 * Sum of floor((a*i + b) / m) over i in [0, n), in O(log) steps: whole parts are taken out, and the
 * rest counts lattice points under a line, which is the same sum with x and y changed over.
 */
export function floorSum(n: bigint, m: bigint, a: bigint, b: bigint): bigint {
  let total = 0n;
  const wholeA = floorDiv(a, m);
  const wholeB = floorDiv(b, m);
  total += (wholeA * n * (n - 1n)) / 2n + wholeB * n;
  const restA = a - wholeA * m;
  const restB = b - wholeB * m;
  const top = restA * n + restB;
  if (top < m) return total;
  return total + floorSum(top / m, restA, m, top % m);
}

function floorDiv(a: bigint, b: bigint): bigint {
  const q = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? q - 1n : q;
}
