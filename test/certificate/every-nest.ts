import type { Machine, Workload } from 'attnsim';
import { judge, readMapping, type Space, tolerance, trust } from './claim.ts';
import {
  accesses,
  branches,
  homeDepth,
  indexes,
  isSeparable,
  isUnder,
  isWhole,
  type Limits,
  type Loop,
  moves,
  nextLoops,
  type Problem,
  positionOf,
  tensorsOf,
  uses,
} from './loops.ts';

/** Every nest of a small space, written from its description in docs/search.md and apart from the search. */

type Place = {
  readonly tensor: number;
  readonly level: number;
  readonly depth: number;
  readonly stages: number;
};
type Nest = {
  readonly einsums: readonly number[];
  readonly loops: readonly Loop[];
  readonly places: readonly Place[];
  /** The text after `compute X` of each Einsum. */
  readonly units: readonly string[];
  readonly inFlight: number;
};

type Claim = Space<'nests'>;

/** Nests to count at most. */
const mostNests = 1_000_000;

/**
 * Every sequence of nests, placed and evaluated; false if they are too many. That there are as many as is said decides whether they are:
 * more are refused.
 */
export function goThrough(c: Claim): boolean {
  const { problem, findings, space, certificate, name } = c;
  const { workload } = problem;
  const told = BigInt(space.mappings['space']!);
  if (told > BigInt(mostNests)) {
    trust(c, 'the number of its nests');
    return false;
  }
  if (countNests(c, told) !== told) findings.refused.push(`${name}: the parts do not have ${told} nests`);
  const texts: string[] = [];
  for (const cut of cuts(c, 0)) {
    const isHome = (t: number): boolean => isHomeOf(workload, cut, t);
    const lists = cut.map((einsums) => [...nests(c, einsums, isHome, c.budget)]);
    if (texts.length + lists.reduce((n, l) => n * l.length, 1) > c.budget) return false;
    for (const plan of combinations(lists)) texts.push(textOf(problem, plan, isHome));
  }
  let best = Number.POSITIVE_INFINITY;
  for (const text of texts) {
    const judged = judge(c, readMapping(text));
    if (typeof judged !== 'string') best = Math.min(best, judged.value);
  }
  if (certificate.spaces.length === 1 && best > certificate.value * (1 + tolerance))
    findings.refused.push(`${name}: no sequence of nests has as little`);
  if (best < certificate.bound * (1 - tolerance))
    findings.refused.push(`${name}: of ${texts.length} sequences of nests, the best has ${best}`);
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

/** Nests of all parts, or a few more than are told of. */
function countNests(c: Claim, told: bigint): bigint {
  const { problem, space } = c;
  const { workload } = problem;
  let total = 0n;
  for (const { einsums: names } of space.parts) {
    const einsums = workload.einsums.flatMap((e, at) => (names.includes(e.name) ? [at] : []));
    const isHome = (t: number): boolean => isHomeOf(workload, [einsums], t);
    const bound = einsums.reduce(
      (n, e) => n * BigInt(unitsOf(problem, e, []).length),
      BigInt(space.limits.in_flight.length),
    );
    for (const loops of lists(c, einsums)) {
      const kept = tensorsOf(workload, einsums).map((t) =>
        placesOf(problem, space.limits, einsums, loops, t, isHome(t)),
      );
      total += kept.reduce((n, ways) => n * BigInt(ways.length), bound);
      if (total > told) return total;
    }
  }
  return total;
}

const range = (first: number, end: number): readonly number[] =>
  Array.from({ length: end - first }, (_, i) => first + i);

/** One of each list, in all ways. */
function* combinations<T>(lists: readonly (readonly T[])[], at = 0): Generator<readonly T[]> {
  if (at === lists.length) yield [];
  else for (const one of lists[at]!) for (const others of combinations(lists, at + 1)) yield [one, ...others];
}

/** All ways to keep a tensor. */
function placesOf(
  { workload: w, machine }: Problem,
  limits: Limits,
  einsums: readonly number[],
  loops: readonly Loop[],
  tensor: number,
  isHome: boolean,
): readonly (readonly Place[])[] {
  const home = machine.levels.findIndex((l) => l.memory !== undefined);
  const isMoved = ([variable]: Loop): boolean =>
    einsums.some((e) =>
      accesses(w.einsums[e]!).some((a) => a.tensor === tensor && moves(w, a, positionOf(w, variable))),
    );
  const moving = loops.flatMap((l, i) => (isMoved(l) ? [i + 1] : []));
  const { producer } = w.tensors[tensor]!;
  const shared = homeDepth(w, einsums, loops, tensor);
  const grid = gridOf(loops).length;
  const depthsIn = (level: number): readonly number[] => {
    // What each instance has is inside its step; what they share is around, and holds nothing that single ones make between loops.
    if (grid === 0 || isInside(machine, level, loops[0]![2]!)) return [grid, ...moving.filter((d) => d > grid)];
    return [0, ...moving.filter((d) => d < grid && producer === undefined)];
  };
  const chains = (above: Place | undefined): readonly (readonly Place[])[] => {
    const outer = above?.level ?? (isHome ? home : undefined);
    const longer = machine.levels.flatMap(({ memory }, level) => {
      if (memory === undefined || (outer !== undefined && !isUnder(machine, level, outer))) return [];
      return depthsIn(level).flatMap((depth) => {
        if (depth < (above?.depth ?? 0) || (outer === undefined && depth > shared)) return [];
        const isAhead = grid === 0 || depth > grid;
        const stagesOf = isAhead && (outer === undefined || takesTime(machine, outer, level)) ? limits.stages : [1];
        return stagesOf.flatMap((stages) => {
          const place = { tensor, level, depth, stages };
          return chains(place).map((rest) => [place, ...rest]);
        });
      });
    });
    return outer === undefined ? longer : [[], ...longer];
  };
  return chains(undefined);
}

const gridOf = (loops: readonly Loop[]): readonly Loop[] => loops.filter(([, , across]) => across !== undefined);

const isInside = (machine: Machine, level: number, across: string): boolean => {
  const instance = machine.levels.findIndex((l) => l.name === across);
  return level === instance || isUnder(machine, level, instance);
};

/** Whether a transfer between two memories is waited for. */
const takesTime = ({ levels }: Machine, ...ends: readonly number[]): boolean =>
  ends.some((level) => {
    const { read_bytes_per_cycle, write_bytes_per_cycle, latency_cycles } = levels[level]!.memory!;
    return latency_cycles > 0 || read_bytes_per_cycle < Infinity || write_bytes_per_cycle < Infinity;
  });

/** All ways to bind an Einsum, under loops of which its tiles are so long. */
function unitsOf({ workload: w, machine }: Problem, position: number, loops: readonly Loop[]): readonly string[] {
  const einsum = w.einsums[position]!;
  const nameOf = (v: number): string => w.variables[v]!.name;
  const extent = (v: number): number =>
    Math.min(w.variables[v]!.size, ...loops.flatMap(([name, t]) => (name === nameOf(v) ? [t] : [])));
  const laid = (size: number): readonly (readonly number[])[] => {
    const after = (before: readonly number[], lanes: number): readonly (readonly number[])[] =>
      einsum.variables.flatMap((v) => {
        if (before.includes(v)) return [];
        const left = Math.floor(lanes / w.variables[v]!.size);
        const isBeside = w.variables[v]!.size > 1 && !accesses(einsum).every((a) => indexes(a, v)) && left > 1;
        return [[...before, v], ...(isBeside ? after([...before, v], left) : [])];
      });
    return [[], ...after([], size)];
  };
  const lanesText = (
    variables: readonly number[],
    { name, size }: { name: string; size: number },
  ): readonly string[] => {
    let left = size;
    return variables.map((v, i) => {
      const lanes = Math.min(left, extent(v));
      left = Math.floor(left / lanes);
      return `${name} ${nameOf(v)}${i < variables.length - 1 ? ` by ${lanes}` : ''}`;
    });
  };
  const on = (unit: number): readonly string[] => {
    const { name, dimensions } = machine.units[unit]!;
    return [...combinations(dimensions.map((d) => laid(d.size)))]
      .filter((ways) => new Set(ways.flat()).size === ways.flat().length)
      .map((ways) => ways.flatMap((variables, d) => lanesText(variables, dimensions[d]!)).join(', '))
      .map((lanes) => `on ${name}${lanes === '' ? '' : ` (${lanes})`}`);
  };
  const operators = einsum.operations.map((o) => o.operator);
  if (operators.length === 0) return machine.units.flatMap((_, unit) => on(unit));
  const able = operators.map((o) => machine.units.flatMap((u, unit) => (u.operators.has(o) ? [unit] : [])));
  return [...combinations(able)].flatMap((units) => {
    const parts = units.flatMap((unit, i) =>
      i === 0 ? [on(unit)] : unit === units[0] ? [] : [on(unit).map((text) => `${operators[i]} ${text}`)],
    );
    return [...combinations(parts)].map((some) => some.join(', '));
  });
}

/** Text of a mapping of nests one after the other. */
function textOf(
  { workload: w, machine }: Problem,
  nests: readonly Nest[],
  isHome: (tensor: number) => boolean,
): string {
  const levelName = (level: number): string => machine.levels[level]!.name;
  const home = machine.levels.findIndex((l) => l.memory !== undefined);
  const bodyOf = (nest: Nest, einsums: readonly number[], depth: number): readonly string[] => {
    const keeps: Place[] = [];
    const lines: string[] = [];
    const collect = (some: readonly number[], d: number): void => {
      keeps.push(...nest.places.filter((p) => p.depth === d && some.some((e) => uses(w, e, p.tensor))));
      const loop = nest.loops[d];
      if (loop === undefined) {
        for (const e of some) lines.push(`compute ${w.einsums[e]!.name} ${nest.units[nest.einsums.indexOf(e)]}`);
        return;
      }
      const grid = gridOf(nest.loops).length;
      const inFlight = d < grid ? 1 : nest.inFlight;
      const schedule = nest.inFlight === 1 || d < grid - 1 ? 'sequence' : `pipeline ${inFlight}`;
      const across = loop[2] === undefined ? '' : ` across ${loop[2]}`;
      for (const branch of branches(w, some, positionOf(w, loop[0]))) {
        if (!branch.isLooped) collect(branch.einsums, d + 1);
        else
          lines.push(
            `for ${loop[0]} by ${loop[1]}${across} ${schedule}`,
            ...bodyOf(nest, branch.einsums, d + 1).map((l) => `  ${l}`),
          );
      }
    };
    collect(einsums, depth);
    const kept = keeps
      .toSorted((a, b) => a.level - b.level)
      .map((k) => `keep ${w.tensors[k.tensor]!.name} in ${levelName(k.level)} stages ${k.stages}`);
    return [...kept, ...lines];
  };
  const all = w.einsums.map((_, e) => e);
  const lines = nests.flatMap((nest) => {
    const body = bodyOf(nest, nest.einsums, 0);
    if (nests.length === 1 || !body[0]!.startsWith('keep')) return body;
    // What a nest keeps outside its loops is its own.
    const { name, size } = w.variables[w.einsums[nest.einsums[0]!]!.variables[0]!]!;
    return [`for ${name} by ${size} sequence`, ...body.map((l) => `  ${l}`)];
  });
  const atHome = tensorsOf(w, all)
    .filter(isHome)
    .map((t) => `keep ${w.tensors[t]!.name} in ${levelName(home)}`);
  const indented = [`cascade ${w.cascade.name}`, ...atHome, ...lines].map((l) => `  ${l}`);
  return `mapping nests\n${indented.join('\n')}\n`;
}
