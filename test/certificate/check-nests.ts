import { objectiveOf, type Space, tolerance, trust } from './claim.ts';
import { goThrough } from './every-nest.ts';
import type { Costs } from './floors.ts';
import { isSeparable, isWhole, type Loop, nextLoops } from './loops.ts';
import { least, plus } from './units.ts';

type Claim = Space<'nests'>;
type Part = Claim['space']['parts'][number];
type Region = NonNullable<Part['regions']>[number];
type IsEnough = (costs: Costs) => boolean;

/**
 * That every sequence of nests costs at least what the bound says: the regions of each part are all its nests; what each region costs
 * at least is no less than what is said of the part, or enough with the least of the parts around; and the parts add up to no less
 * than the bound. Gives the value that no nest is below by what is worked out here alone.
 */
export function checkNests(c: Claim): number {
  const { problem, certificate, findings, space, name } = c;
  const { refused } = findings;
  const { einsums } = problem.workload;
  const isConstrained = space.limits.constraints.length > 0;
  const parts = new Map(space.parts.map((p) => [p.einsums.join(), p]));
  const isNoLess = (costs: Costs): boolean => objectiveOf(certificate, costs) >= certificate.bound * (1 - tolerance);
  const leastOf = (from: number, to: number, of: (p: Part) => readonly Costs[]): readonly Costs[] => {
    const sums: (readonly Costs[])[] = [[certificate.axes.map(() => 0)]];
    for (let end = from + 1; end <= to; end++) {
      const ways: Costs[] = [];
      for (let first = from; first < end; first++) {
        const part = parts.get(namesOf(einsums.slice(first, end)));
        if (part !== undefined) ways.push(...sums[first - from]!.flatMap((s) => of(part).map((p) => plus(s, p))));
      }
      sums.push(least(ways));
    }
    return sums.at(-1)!;
  };
  const own = new Map<Part, readonly Costs[]>();
  for (let first = 0; first < einsums.length; first++)
    for (let end = first + 1; end <= einsums.length; end++) {
      const label = namesOf(einsums.slice(first, end));
      const part = parts.get(label);
      if (part === undefined) {
        if (!isConstrained && isSeparable(problem.workload, first, end))
          refused.push(`${name}: nothing is said of ${label}`);
        continue;
      }
      const before = leastOf(0, first, (p) => [p.floor]);
      const after = leastOf(end, einsums.length, (p) => [p.floor]);
      own.set(
        part,
        checkPart(c, part, (costs) => before.every((b) => after.every((a) => isNoLess(plus(plus(b, costs), a))))),
      );
    }
  if (!leastOf(0, einsums.length, (p) => p.least).every(isNoLess))
    refused.push(`${name}: parts add up to less than the bound`);
  const proven = (some: readonly Costs[]): number =>
    some.reduce((n, costs) => Math.min(n, objectiveOf(certificate, costs)), Number.POSITIVE_INFINITY);
  if (isConstrained) trust(c, 'which nests obey the constraints');
  else if (goThrough(c)) return Number.POSITIVE_INFINITY;
  return isConstrained ? 0 : proven(leastOf(0, einsums.length, (p) => own.get(p)!));
}

const namesOf = (einsums: readonly { readonly name: string }[]): string => einsums.map((e) => e.name).join();

/** Gives what nests of a part cost at least by what is worked out here alone. */
function checkPart(c: Claim, part: Part, isEnough: IsEnough): readonly Costs[] {
  const { problem, findings, space, name, floors } = c;
  const { refused } = findings;
  const { limits } = space;
  const einsums = problem.workload.einsums.flatMap((e, at) => (part.einsums.includes(e.name) ? [at] : []));
  const label = `${name}, ${part.einsums}`;
  const isCovered: IsEnough = (costs) => part.least.some((l) => costs.every((x, i) => x >= l[i]! * (1 - tolerance)));
  const isFine: IsEnough = (costs) => isCovered(costs) || isEnough(costs);
  const isFloor: IsEnough = (costs) => costs.every((x, i) => x >= part.floor[i]! * (1 - tolerance));
  const whole = floors.ofNests(limits, einsums, [], true, isFloor);
  if (!whole.every(isFloor)) trust(c, 'what a part costs at least', space.parts.length);
  if (part.regions === null) {
    if (!(space.remaining === null ? isEnough(part.floor) : isFine(part.floor)))
      refused.push(`${label}: they were not searched, and may cost less than is said`);
    return whole;
  }
  const open = new Map<string, Region>();
  for (const r of part.regions) {
    const key = JSON.stringify([r.loops, r.inside]);
    if (open.has(key)) refused.push(`${label}: two regions have ${key}`);
    open.set(key, r);
  }
  const listed = space.parts.reduce((n, p) => n + (p.regions?.length ?? 0), 0);
  const own: Costs[] = [];
  const take = (loops: readonly Loop[], inside: boolean): boolean => {
    const key = JSON.stringify([loops, inside]);
    const region = open.get(key);
    if (region === undefined) return false;
    open.delete(key);
    const { became, least: costs } = region;
    if (became === 'left' && space.remaining === null) refused.push(`${label}: ${key} was left, but nothing remains`);
    if (became === 'searched' && inside) refused.push(`${label}: ${key} was searched, and what goes on inside it`);
    if (became !== 'searched' && !costs.every(isFine)) refused.push(`${label}: ${key} may cost less than is said`);
    const floor = floors.ofNests(limits, einsums, loops, inside, isFine);
    if (!floor.every(isFine)) trust(c, 'what lists of loops cost at least', listed);
    own.push(...floor);
    return true;
  };
  const walk = (loops: readonly Loop[]): void => {
    if (take(loops, true)) return;
    if (!take(loops, false) && isWhole(problem.workload, einsums, loops)) {
      refused.push(`${label}: no region has the nests with loops ${JSON.stringify(loops)}`);
      return;
    }
    for (const next of nextLoops(problem, limits, einsums, loops)) walk([...loops, next]);
  };
  if (limits.constraints.length > 0) for (const { loops, inside } of part.regions) take(loops, inside);
  else walk([]);
  for (const key of open.keys()) refused.push(`${label}: ${key} is in no space, or in another region`);
  return least(own);
}
