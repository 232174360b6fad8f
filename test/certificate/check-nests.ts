import { objectiveOf, type Space, tolerance, trust } from './claim.ts';
import { floorOf, least } from './floors.ts';
import { goThrough } from './go-through.ts';
import { isSeparable, isWhole, type Loop, nextLoops } from './nests.ts';

type Claim = Space<'nests'>;
type Part = Claim['space']['parts'][number];
type Region = NonNullable<Part['regions']>[number];
type Costs = readonly number[];

const plus = (a: Costs, b: Costs): Costs => a.map((x, i) => x + b[i]!);

/**
 * That every sequence of nests costs at least what the bound says: the regions of each part are all its nests; what each region costs
 * at least is no less than what is said of the part, or enough with the least of the parts around; and the parts add up to no less
 * than the bound.
 */
export function checkNests(c: Claim): void {
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
  const ownFloors = (p: Part): readonly Costs[] => ownFloor(c, positionsOf(c, p), []);
  // What is found out here needs no word of the search.
  const isKnown = goThrough(c) || leastOf(0, einsums.length, ownFloors).every(isNoLess);
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
      const isEnough = (costs: Costs): boolean =>
        before.every((b) => after.every((a) => isNoLess(plus(plus(b, costs), a))));
      checkPart({ ...c, findings: isKnown ? { ...findings, trusted: new Map() } : findings }, part, isEnough);
    }
  if (!leastOf(0, einsums.length, (p) => p.least).every(isNoLess))
    refused.push(`${name}: parts add up to less than the bound`);
}

const namesOf = (einsums: readonly { readonly name: string }[]): string => einsums.map((e) => e.name).join();
const positionsOf = ({ problem }: Claim, part: Part): readonly number[] =>
  problem.workload.einsums.flatMap((e, at) => (part.einsums.includes(e.name) ? [at] : []));

/** What is found here that nests with such loops outermost cost at least. */
const ownFloor = (
  { problem, certificate }: Claim,
  einsums: readonly number[],
  loops: readonly Loop[],
): readonly Costs[] =>
  floorOf(problem, einsums, loops, certificate.energy_accounting).map((cost) =>
    certificate.axes.map((axis) => cost[axis]),
  );

function checkPart(c: Claim, part: Part, isEnough: (costs: Costs) => boolean): void {
  const { problem, findings, space, name } = c;
  const { refused } = findings;
  const einsums = positionsOf(c, part);
  const label = `${name}, ${part.einsums}`;
  const isCovered = (costs: Costs): boolean =>
    part.least.some((l) => costs.every((x, i) => x >= l[i]! * (1 - tolerance)));
  const isFine = (costs: Costs): boolean => isCovered(costs) || isEnough(costs);
  const isFloor = (own: Costs): boolean => own.every((x, i) => x >= part.floor[i]! * (1 - tolerance));
  if (!ownFloor(c, einsums, []).every(isFloor)) trust(c, `${label}: they cost at least ${part.floor}`);
  if (part.regions === null) {
    if (!(space.remaining === null ? isEnough(part.floor) : isFine(part.floor)))
      refused.push(`${label}: they were not searched, and may cost less than is said`);
    return;
  }
  const open = new Map<string, Region>();
  for (const r of part.regions) {
    const key = JSON.stringify([r.loops, r.inside]);
    if (open.has(key)) refused.push(`${label}: two regions have ${key}`);
    open.set(key, r);
  }
  const take = (loops: readonly Loop[], inside: boolean): boolean => {
    const key = JSON.stringify([loops, inside]);
    const region = open.get(key);
    if (region === undefined) return false;
    open.delete(key);
    const { became, least: costs } = region;
    if (became === 'left' && space.remaining === null) refused.push(`${label}: ${key} was left, but nothing remains`);
    if (became === 'searched' && inside) refused.push(`${label}: ${key} was searched, and what goes on inside it`);
    if (became !== 'searched' && !costs.every(isFine)) refused.push(`${label}: ${key} may cost less than is said`);
    if (!ownFloor(c, einsums, loops).every(isFine)) trust(c, `${label}: a list of loops was searched, or costs enough`);
    return true;
  };
  const walk = (loops: readonly Loop[]): void => {
    if (take(loops, true)) return;
    if (!take(loops, false) && isWhole(problem.workload, einsums, loops)) {
      refused.push(`${label}: no region has the nests with loops ${JSON.stringify(loops)}`);
      return;
    }
    for (const next of nextLoops(problem, space.limits, einsums, loops)) walk([...loops, next]);
  };
  if (space.limits.constraints.length > 0) for (const { loops, inside } of part.regions) take(loops, inside);
  else walk([]);
  for (const key of open.keys()) refused.push(`${label}: ${key} is in no space, or in another region`);
}
