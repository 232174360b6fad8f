import type { Memory } from '../../src/arch/machine.ts';
import type { Arithmetic } from '../../src/einsum/ast.ts';
import type { Workload } from '../../src/einsum/workload.ts';
import type { Constraint, Constraints, NamedSpan, UnitConstraint } from '../../src/search/constraints/constraints.ts';
import { homeOf, type NestKeep, type NestLoop, type Problem, type UnitChoice } from '../../src/search/plan.ts';

/** What lines say of a nest, choice by choice, in their own words: written apart from the search. Expressions are numbers here. */
export type Obedience = {
  readonly nest: (einsums: readonly number[]) => boolean;
  readonly loops: (einsums: readonly number[], loops: readonly NestLoop[]) => boolean;
  readonly keeps: (tensor: number, chain: readonly NestKeep[], atHome: boolean, loops: readonly NestLoop[]) => boolean;
  readonly units: (einsum: number, choice: readonly UnitChoice[]) => boolean;
  readonly inFlight: (einsums: readonly number[], n: number) => boolean;
};

/** `usual`: numbers of stages and of iterations in flight where nothing is said of them. */
export function obedience(
  lines: Constraints,
  { workload: w, machine }: Problem,
  usual: {
    readonly stages: readonly number[];
    readonly inFlight: readonly number[];
    readonly tiles: readonly number[];
  },
): Obedience {
  const has = (names: readonly NamedSpan[], name: string): boolean => names.some((n) => n.name === name);
  const about = (line: { readonly scope: readonly NamedSpan[] }, some: readonly number[]): boolean =>
    line.scope.length === 0 || some.some((e) => has(line.scope, w.einsums[e]!.name));
  const of = <K extends Constraint['kind']>(kind: K) =>
    lines.filter((l): l is Extract<Constraint, { kind: K }> => l.kind === kind);
  const nameOf = (variable: number): string => w.variables[variable]!.name;
  return {
    nest: (some) =>
      of('fuse').every(({ never, einsums }) => {
        const inside = new Set(
          einsums.filter((n) => some.some((e) => w.einsums[e]!.name === n.name)).map((n) => n.name),
        );
        return inside.size === 0 || (never ? inside.size === 1 : einsums.every((n) => inside.has(n.name)));
      }),
    loops: (some, loops) => {
      const ranks = new Set(some.flatMap((e) => w.einsums[e]!.variables));
      const names = loops.map((l) => nameOf(l.variable));
      const exact = of('loops').every(
        (line) =>
          !about(line, some) ||
          names.join() ===
            line.variables
              .map((v) => v.name)
              .filter((n) => w.variables.some((v, i) => v.name === n && v.size > 1 && ranks.has(i)))
              .join(),
      );
      const spread = loops.flatMap((l) => (l.across === undefined ? [] : [nameOf(l.variable)]));
      const across = of('across').every(
        (line) =>
          !about(line, some) ||
          spread.join() ===
            line.variables
              .flatMap(({ name }) =>
                w.variables.flatMap((v, i) => (v.name === name && v.size > 1 && ranks.has(i) ? name : [])),
              )
              .join(),
      );
      const ordered = of('order').every(
        (line) =>
          !about(line, some) ||
          names.every((a, i) =>
            names.every((b, j) => {
              const [x, y] = [a, b].map((n) => line.variables.findIndex((v) => v.name === n));
              return x! < 0 || y! < 0 || x! >= y! || i < j;
            }),
          ),
      );
      const cut = of('cut').every(
        (line) =>
          !about(line, some) ||
          line.variables.every(({ name }) => {
            if (![...ranks].some((v) => nameOf(v) === name)) return true;
            const n = names.filter((x) => x === name).length;
            if (line.never) return n === 0;
            return line.counts.length === 0 ? n > 0 : line.counts.some((c) => numberOf(c) === n);
          }),
      );
      const tiled = loops.every(({ variable, tile }) => {
        const mine = of('tile').filter((line) => about(line, some) && has(line.variables, nameOf(variable)));
        const listed = mine.some((l) => l.by.length > 0 || l.divisors || l.multiples !== undefined);
        const single = w.variables[variable]!.iterative || (isBatch(some, variable) && mine.length === 0);
        if (!listed && !(single ? [1] : usual.tiles).includes(tile)) return false;
        return mine.every(
          (l) =>
            (l.by.length === 0 || l.by.some((t) => numberOf(t) === tile)) &&
            (!l.divisors || w.variables[variable]!.size % tile === 0) &&
            (l.multiples === undefined || tile % numberOf(l.multiples) === 0) &&
            (l.from === undefined || tile >= numberOf(l.from)) &&
            (l.to === undefined || tile <= numberOf(l.to)),
        );
      });
      return exact && across && ordered && cut && tiled && batchesObey(some, loops);
    },
    keeps: (tensor, chain, atHome, loops) =>
      chain.every((k, i) => {
        const mine = of('keep').filter((l) => isAbout(l, tensor, k.level));
        const listed = mine.some((l) => !l.never && l.stages.length > 0);
        const stages = (l: (typeof mine)[number]): boolean => l.stages.some((s) => numberOf(s) === k.stages);
        const outer = chain[i - 1]?.level ?? (atHome ? homeOf(machine) : undefined);
        const slow = outer === undefined || [outer, k.level].some((l) => takesTime(machine.levels[l]!.memory!));
        const spread = loops.filter((l) => l.across !== undefined).length;
        const early = slow && (spread === 0 || k.depth > spread);
        if (!listed && !(early ? usual.stages : [1]).includes(k.stages)) return false;
        return mine.every((l) => (l.never ? l.stages.length > 0 && !stages(l) : l.stages.length === 0 || stages(l)));
      }) &&
      of('keep').every((l) => {
        const home = atHome && machine.levels[homeOf(machine)]!.name === l.level.name;
        const there = home || chain.some((k) => machine.levels[k.level]!.name === l.level.name);
        if (!has(l.tensors, w.tensors[tensor]!.name)) return true;
        return l.never ? !there || l.stages.length > 0 : there;
      }),
    units: (einsum, choice) => {
      const { name, operations } = w.einsums[einsum]!;
      const parts = operations.length === 0 ? [{ operator: '', part: choice[0]! }] : partsOf(operations, choice);
      return of('compute').every((l) => {
        if (!has(l.einsums, name)) return true;
        const meant = (b: UnitConstraint) =>
          parts.filter(({ operator }) =>
            b.operator === undefined
              ? !l.bindings.some((x) => x.operator?.name === operator)
              : b.operator.name === operator,
          );
        return l.bindings.every((b) => meant(b).every(({ part }) => runsOn(b, part) !== l.never));
      });
    },
    inFlight: (some, n) => {
      const mine = of('schedule').filter((l) => about(l, some));
      if (mine.length === 0) return usual.inFlight.includes(n);
      return mine.every((l) => l.inFlight.some((x) => (x === 'sequence' ? 1 : numberOf(x)) === n));
    },
  };

  function isAbout(l: Extract<Constraint, { kind: 'keep' }>, tensor: number, level: number): boolean {
    return has(l.tensors, w.tensors[tensor]!.name) && machine.levels[level]!.name === l.level.name;
  }

  function partsOf(operations: Workload['einsums'][number]['operations'], choice: readonly UnitChoice[]) {
    return operations.map(({ operator }) => ({
      operator,
      part: choice.find((c) => c.operator === operator) ?? choice.find((c) => c.operator === undefined)!,
    }));
  }

  function runsOn({ unit, dimensions }: UnitConstraint, part: UnitChoice): boolean {
    const own = machine.units[part.unit]!;
    return (
      own.name === unit.name &&
      dimensions.every(({ dimension }) => {
        const named = dimensions
          .filter((d) => d.dimension.name === dimension.name)
          .flatMap((d) => d.variable?.name ?? []);
        const laid = part.variables[own.dimensions.findIndex((d) => d.name === dimension.name)]!;
        return named.join() === laid.map(nameOf).join();
      })
    );
  }

  function isBatch(some: readonly number[], v: number): boolean {
    return some.every((e) => {
      const { variables, output, operands } = w.einsums[e]!;
      const moves = (a: typeof output): boolean =>
        a.indices.some((i, d) => i.terms.some((t) => t.variable === v) && !w.tensors[a.tensor]!.dimensions[d]!.carried);
      return variables.includes(v) && [output, ...operands].every(moves);
    });
  }

  /** Batches are outermost, in the order of the ranks, one coordinate a step, unless a line says where, or how far, they go. */
  function batchesObey(some: readonly number[], loops: readonly NestLoop[]): boolean {
    const named = (v: number, kinds: readonly string[]): boolean =>
      lines.some((l) => 'variables' in l && kinds.includes(l.kind) && about(l, some) && has(l.variables, nameOf(v)));
    const stands = (v: number): boolean => isBatch(some, v) && !named(v, ['loops', 'order']);
    return loops.every(({ variable, tile }, at) => {
      if (w.variables[variable]!.iterative && tile !== 1) return false;
      if (isBatch(some, variable) && !named(variable, ['tile']) && tile !== 1) return false;
      return !stands(variable) || loops.slice(0, at).every((l) => stands(l.variable) && l.variable < variable);
    });
  }
}

/** What comes in no time need not come early. */
const takesTime = (m: Memory): boolean =>
  m.latency_cycles > 0 || Math.min(m.read_bytes_per_cycle, m.write_bytes_per_cycle) < Number.POSITIVE_INFINITY;

function numberOf(a: Arithmetic): number {
  if (a.kind !== 'number') throw new Error('an expression');
  return a.value;
}
