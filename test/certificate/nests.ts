import type { Certificate, Machine, Workload } from 'attnsim';

/**
 * The space of nests, written from its description in docs/search.md and apart from the search: which nests there are, as texts of
 * mappings.
 */

export type Problem = { readonly workload: Workload; readonly machine: Machine };
export type Limits = Extract<Certificate['spaces'][number], { kind: 'nests' }>['limits'];
/** With the level over whose instances the steps are spread, where they are. */
export type Loop = readonly [variable: string, tile: number, across?: string];
export type Place = {
  readonly tensor: number;
  readonly level: number;
  readonly depth: number;
  readonly stages: number;
};
export type Nest = {
  readonly einsums: readonly number[];
  readonly loops: readonly Loop[];
  readonly places: readonly Place[];
  /** The text after `compute X` of each Einsum. */
  readonly units: readonly string[];
  readonly inFlight: number;
};

type Einsum = Workload['einsums'][number];
type Access = Einsum['output'];

const accesses = (e: Einsum): readonly Access[] => [e.output, ...e.operands];
const positionOf = (w: Workload, name: string): number => w.variables.findIndex((v) => v.name === name);
const indexes = (a: Access, v: number): boolean => a.indices.some((i) => i.terms.some((t) => t.variable === v));

/** Whether another coordinate of a variable is another element in storage: versions replace each other. */
const moves = (w: Workload, a: Access, v: number): boolean =>
  a.indices.some((i, d) => !w.tensors[a.tensor]!.dimensions[d]!.carried && i.terms.some((t) => t.variable === v));

export const tensorsOf = (w: Workload, einsums: readonly number[]): readonly number[] =>
  w.tensors.flatMap((_, t) => (einsums.some((e) => uses(w, e, t)) ? [t] : []));

const uses = (w: Workload, e: number, tensor: number): boolean =>
  accesses(w.einsums[e]!).some((a) => a.tensor === tensor);

export const range = (first: number, end: number): readonly number[] =>
  Array.from({ length: end - first }, (_, i) => first + i);

/** One of each list, in all ways. */
export function* combinations<T>(lists: readonly (readonly T[])[], at = 0): Generator<readonly T[]> {
  if (at === lists.length) yield [];
  else for (const one of lists[at]!) for (const others of combinations(lists, at + 1)) yield [one, ...others];
}

/** Loops that can be next inside some. */
export function nextLoops(
  { workload: w, machine }: Problem,
  limits: Limits,
  einsums: readonly number[],
  loops: readonly Loop[],
): Loop[] {
  const some = einsums.map((e) => w.einsums[e]!);
  const isBatch = (v: number): boolean =>
    some.every((e) => e.variables.includes(v) && accesses(e).every((a) => moves(w, a, v)));
  return w.variables.flatMap(({ name, size, iterative }, v) => {
    if (!some.some((e) => e.variables.includes(v))) return [];
    const mine = loops.filter(([variable]) => variable === name);
    const above = mine.at(-1)?.[1] ?? size;
    // Batches are outermost, in the order of the cascade.
    const isFree = isBatch(v)
      ? loops.every(([variable]) => isBatch(positionOf(w, variable)) && positionOf(w, variable) < v)
      : mine.length < limits.loops_each;
    const tiles = isBatch(v) || iterative ? [1] : (limits.tiles[name] ?? []);
    const kinds = isApart(w, einsums, v) ? spreads(machine, loops) : [];
    const next = (t: number): Loop[] => [[name, t], ...kinds.map((across): Loop => [name, t, across])];
    return isFree ? tiles.filter((t) => t < above).flatMap(next) : [];
  });
}

/** Whether instances can share the steps of a loop: it is around all, and nothing is combined over it. */
const isApart = (w: Workload, einsums: readonly number[], v: number): boolean =>
  branches(w, einsums, v).length === 1 &&
  einsums.every((e) => {
    const { variables, reduced, carried } = w.einsums[e]!;
    return variables.includes(v) && !reduced.includes(v) && carried !== v;
  });

/** Levels over which the next loop can be spread: that of the loops around, or, for the first, any of which there are several. */
function spreads(machine: Machine, loops: readonly Loop[]): readonly string[] {
  const around = loops.at(-1);
  if (around !== undefined) return around[2] === undefined ? [] : [around[2]];
  const home = machine.levels.findIndex((l) => l.memory !== undefined);
  return machine.levels.flatMap((l, at) => (l.instances > 1 && isUnder(machine, at, home) ? [l.name] : []));
}

const gridOf = (loops: readonly Loop[]): readonly Loop[] => loops.filter(([, , across]) => across !== undefined);

/** Whether a reader wants more of a tensor than the iteration of a loop has made so far. */
function isUnfinished(w: Workload, v: number, producer: Einsum, read: Access): boolean {
  if (producer.reduced.includes(v)) return true;
  const d = producer.output.indices.findIndex((i) => i.terms.some((t) => t.variable === v));
  if (d < 0) return false;
  const { terms, offset, divisor } = read.indices[d]!;
  const isSame = divisor === 1 && terms.length === 1 && terms[0]!.variable === v && terms[0]!.coefficient === 1;
  return !isSame || !(offset === 0 || (w.tensors[read.tensor]!.dimensions[d]!.carried && offset === 1));
}

/**
 * Whether loops are those of a nest: what is read version by version, as another Einsum makes it, has a loop along the versions.
 */
export const isWhole = (w: Workload, einsums: readonly number[], loops: readonly Loop[]): boolean =>
  einsums.every((e) =>
    w.einsums[e]!.operands.every(({ tensor, indices }) => {
      const { producer, dimensions } = w.tensors[tensor]!;
      if (producer === undefined || producer === e || !einsums.includes(producer)) return true;
      const along = dimensions.flatMap((d, i) =>
        d.carried ? indices[i]!.terms.map((t) => w.variables[t.variable]!) : [],
      );
      return along.every((v) => v.size === 1 || loops.some(([name]) => name === v.name));
    }),
  );

type Branch = { readonly isLooped: boolean; readonly einsums: readonly number[] };

/** Einsums at a loop: those that have its rank are under it, which begins anew where a result has to be complete. */
function branches(w: Workload, einsums: readonly number[], v: number): readonly Branch[] {
  const has = (e: number): boolean => w.einsums[e]!.variables.includes(v);
  const round = new Map<number, number>();
  for (const e of einsums) {
    const waits = w.einsums[e]!.operands.map((read) => {
      const producer = w.tensors[read.tensor]!.producer;
      const before = producer === undefined || producer === e ? undefined : round.get(producer);
      if (producer === undefined || before === undefined) return 0;
      const isTogether = has(producer) === has(e) && !(has(e) && isUnfinished(w, v, w.einsums[producer]!, read));
      return isTogether ? before : before + 1;
    });
    round.set(e, Math.max(0, ...waits));
  }
  const rounds = [...new Set(round.values())].sort((a, b) => a - b);
  return rounds
    .flatMap((r) =>
      [false, true].map((isLooped) => ({
        isLooped,
        einsums: einsums.filter((e) => round.get(e) === r && has(e) === isLooped),
      })),
    )
    .filter((b) => b.einsums.length > 0);
}

/** How many loops all users of a tensor share. */
function sharedDepth(w: Workload, einsums: readonly number[], loops: readonly Loop[], tensor: number): number {
  let body = einsums;
  for (const [depth, [variable]] of loops.entries()) {
    const mine = branches(w, body, positionOf(w, variable)).filter((b) => b.einsums.some((e) => uses(w, e, tensor)));
    if (mine.length > 1) return depth;
    body = mine[0]!.einsums;
  }
  return loops.length;
}

/** All ways to keep a tensor. */
export function placesOf(
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
  const made = producer === undefined ? undefined : w.einsums[producer];
  // A loop that goes on with a result finds it outside.
  const back = loops.findIndex(([v]) => [...(made?.reduced ?? []), made?.carried].includes(positionOf(w, v)));
  const shared = Math.min(sharedDepth(w, einsums, loops, tensor), back < 0 ? loops.length : back);
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

const isUnder = (machine: Machine, level: number, above: number): boolean => {
  const { parent } = machine.levels[level]!;
  return parent !== undefined && (parent === above || isUnder(machine, parent, above));
};

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
export function unitsOf(
  { workload: w, machine }: Problem,
  position: number,
  loops: readonly Loop[],
): readonly string[] {
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
export function textOf(
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

/** Whether some Einsums can be apart from the others: who reads a tensor version by version goes along with its producer. */
export const isSeparable = (w: Workload, first: number, end: number): boolean =>
  w.einsums.every((einsum, reader) =>
    einsum.operands.every(({ tensor, indices }) => {
      const { producer, dimensions } = w.tensors[tensor]!;
      const isStepwise = dimensions.some(
        (d, i) => d.carried && indices[i]!.terms.some((t) => w.variables[t.variable]!.size > 1),
      );
      const isHere = (e: number): boolean => first <= e && e < end;
      return producer === undefined || !isStepwise || isHere(reader) === isHere(producer);
    }),
  );
