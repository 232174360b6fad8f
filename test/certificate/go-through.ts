import type { Workload } from 'attnsim';
import { judge, readMapping, type Space, tolerance, trust } from './claim.ts';
import {
  combinations,
  isSeparable,
  isWhole,
  type Loop,
  type Nest,
  nextLoops,
  placesOf,
  range,
  tensorsOf,
  textOf,
  unitsOf,
} from './nests.ts';

type Claim = Space<'nests'>;

/** Lists of loops to count the nests of at most. */
const mostLists = 1000;

/** Every sequence of nests, placed and evaluated, if they are few; false if they are too many. */
export function goThrough(c: Claim): boolean {
  const { problem, findings, space, certificate, name } = c;
  const { workload } = problem;
  if (space.limits.constraints.length > 0) {
    trust(c, `${name}: which nests obey the constraints`);
    return false;
  }
  const counted = countNests(c);
  if (counted === undefined) trust(c, `${name}: the number of its nests`);
  else if (String(counted) !== space.mappings['space'])
    findings.refused.push(`${name}: the parts have ${counted} nests`);
  const plans: Nest[][] = [];
  const homes: ((tensor: number) => boolean)[] = [];
  for (const cut of cuts(c, 0)) {
    const isHome = (t: number): boolean => isHomeOf(workload, cut, t);
    const lists = cut.map((einsums) => [...nests(c, einsums, isHome, c.budget)]);
    if (plans.length + lists.reduce((n, l) => n * l.length, 1) > c.budget) return false;
    for (const plan of combinations(lists)) {
      plans.push([...plan]);
      homes.push(isHome);
    }
  }
  let best = Number.POSITIVE_INFINITY;
  for (const [i, plan] of plans.entries()) {
    const judged = judge(c, readMapping(textOf(problem, plan, homes[i]!)));
    if (typeof judged !== 'string') best = Math.min(best, judged.value);
  }
  const isOnly = certificate.spaces.length === 1;
  if (isOnly && best > certificate.value * (1 + tolerance))
    findings.refused.push(`${name}: no sequence of nests has as little`);
  if (best < certificate.bound * (1 - tolerance))
    findings.refused.push(`${name}: of ${plans.length} sequences of nests, the best has ${best}`);
  return true;
}

/** All ways to cut the Einsums from one on into nests. */
function* cuts(c: Claim, first: number): Generator<readonly (readonly number[])[]> {
  const { einsums } = c.problem.workload;
  if (first === einsums.length) yield [];
  for (let end = first + 1; end <= einsums.length; end++)
    if (isSeparable(c.problem.workload, first, end))
      for (const others of cuts(c, end)) yield [range(first, end), ...others];
}

/** Inputs, outputs, and what passes from nest to nest, are in the outermost memory. */
function isHomeOf(w: Workload, cut: readonly (readonly number[])[], tensor: number): boolean {
  const { role, producer } = w.tensors[tensor]!;
  if (role !== 'intermediate' || producer === undefined) return true;
  const own = cut.find((einsums) => einsums.includes(producer));
  return own === undefined || isReadOutside(w, own, tensor);
}

const isReadOutside = (w: Workload, einsums: readonly number[], tensor: number): boolean =>
  w.einsums.some((e, at) => !einsums.includes(at) && e.operands.some((o) => o.tensor === tensor));

function* lists(c: Claim, einsums: readonly number[], loops: readonly Loop[] = []): Generator<readonly Loop[]> {
  if (isWhole(c.problem.workload, einsums, loops)) yield loops;
  for (const next of nextLoops(c.problem, c.space.limits, einsums, loops)) yield* lists(c, einsums, [...loops, next]);
}

type IsHome = (tensor: number) => boolean;

/** Nests of some Einsums, or a few more than so many of them. */
function* nests(c: Claim, einsums: readonly number[], isHome: IsHome, most: number): Generator<Nest> {
  const { problem, space } = c;
  let left = most;
  for (const loops of lists(c, einsums)) {
    const kept = tensorsOf(problem.workload, einsums).map((t) =>
      placesOf(problem, space.limits, einsums, loops, t, isHome(t)),
    );
    const bound = einsums.map((e) => unitsOf(problem, e, loops));
    for (const places of combinations(kept))
      for (const units of combinations(bound))
        for (const inFlight of space.limits.in_flight) {
          yield { einsums, loops, places: places.flat(), units, inFlight };
          if (left-- < 0) return;
        }
  }
}

/** Nests of all parts; undefined: too many lists of loops. */
function countNests(c: Claim): bigint | undefined {
  const { problem, space } = c;
  const { workload } = problem;
  let total = 0n;
  let listed = 0;
  for (const { einsums: names } of space.parts) {
    const einsums = workload.einsums.flatMap((e, at) => (names.includes(e.name) ? [at] : []));
    const isHome = (t: number): boolean => isHomeOf(workload, [einsums], t);
    const bound = einsums.reduce(
      (n, e) => n * BigInt(unitsOf(problem, e, []).length),
      BigInt(space.limits.in_flight.length),
    );
    for (const loops of lists(c, einsums)) {
      if (++listed > mostLists) return undefined;
      total += tensorsOf(workload, einsums).reduce(
        (n, t) => n * BigInt(placesOf(problem, space.limits, einsums, loops, t, isHome(t)).length),
        bound,
      );
    }
  }
  return total;
}
