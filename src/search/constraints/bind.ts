import type { Machine } from '../../arch/machine.ts';
import { type Diagnostic, type DiagnosticCode, diagnostic, failure, type Result, success } from '../../diagnostic.ts';
import { didYouMean } from '../../did-you-mean.ts';
import { builtInFunctions, evaluateArithmetic } from '../../einsum/arithmetic.ts';
import type { Arithmetic } from '../../einsum/ast.ts';
import type { Workload } from '../../einsum/workload.ts';
import { mappingFunctions } from '../../mapper/functions.ts';
import type { Span } from '../../source.ts';
import { innerVariables } from '../dense.ts';
import type { BoundConstraint, BoundConstraints, BoundUnit, Rule, TileRule } from './bound.ts';
import type { Constraint, Constraints, NamedSpan, TileConstraint, UnitConstraint } from './constraints.ts';

/** Numbers of tiles, loops, stages and iterations in flight: more would only cost memory. */
const mostLoops = 8;
const mostStages = 64;
const mostTiles = 4096;

/**
 * Binds constraints to each of some workloads. A line is about the workloads that have all that it names; one that is about
 * none is a mistake.
 *
 * Errors: `unknown-name`, `no-memory`, `bad-count`, `too-large`, `foreign-rank`, `not-cut`, those of arithmetic.
 */
export function bindConstraints(
  constraints: Constraints,
  workloads: readonly Workload[],
  machine: Machine,
): Result<readonly BoundConstraints[]> {
  const diagnostics: Diagnostic[] = [];
  const bound: BoundConstraint[][] = workloads.map(() => []);
  for (const line of constraints) {
    const tried = workloads.map((w) => bindLine(line, w, machine));
    const about = tried.filter((t) => t.foreign.length === 0);
    const report = about.length === 0 ? (tried[0]?.foreign ?? []) : about.flatMap((t) => t.wrong);
    // Workloads that a line is wrong for alike say so once.
    const said = new Set<string>();
    for (const d of report) {
      const key = `${d.span?.start} ${d.message}`;
      if (!said.has(key)) diagnostics.push(d);
      said.add(key);
    }
    tried.forEach((t, i) => {
      if (t.foreign.length === 0 && t.rule !== undefined) bound[i]!.push({ line, scope: t.scope, ...t.rule });
    });
  }
  return diagnostics.length > 0 ? failure(diagnostics) : success(bound);
}

type Tried = {
  readonly rule: Rule | undefined;
  readonly scope: BoundConstraint['scope'];
  /** What the workload lacks. */
  readonly foreign: readonly Diagnostic[];
  readonly wrong: readonly Diagnostic[];
};

type Binding = {
  readonly workload: Workload;
  readonly machine: Machine;
  readonly foreign: Diagnostic[];
  readonly wrong: Diagnostic[];
};

function bindLine(line: Constraint, workload: Workload, machine: Machine): Tried {
  const b: Binding = { workload, machine, foreign: [], wrong: [] };
  const scoped = 'scope' in line ? line.scope : [];
  const scope = scoped.length === 0 ? undefined : einsumsOf(b, scoped);
  const rule = bindRule(b, line);
  return { rule, scope, foreign: b.foreign, wrong: b.wrong };
}

function bindRule(b: Binding, line: Constraint): Rule | undefined {
  switch (line.kind) {
    case 'fuse':
      return { kind: 'fuse', never: line.never, einsums: einsumsOf(b, line.einsums) };
    case 'loops':
    case 'order':
    case 'across':
      return { kind: line.kind, variables: variablesOf(b, line.variables, true) };
    case 'cut': {
      const given = line.counts.map((a) => count(b, a, 'the number of loops', 0, mostLoops));
      const counts = line.never ? [0] : given.length > 0 ? given : undefined;
      const cuts = counts?.every((n) => n === 0) !== true;
      return { kind: 'cut', variables: new Set(variablesOf(b, line.variables, cuts)), counts };
    }
    case 'tile':
      return bindTile(b, line);
    case 'keep': {
      const tensors = positions(b.foreign, 'tensor', line.tensors, b.workload.tensors);
      const [level] = positions(b.wrong, 'level', [line.level], b.machine.levels);
      if (level !== undefined && b.machine.levels[level]!.memory === undefined)
        wrong(b, 'no-memory', `level "${line.level.name}" has no memory to keep a tensor in`, line.level.span);
      const given = line.stages.map((a) => count(b, a, 'the number of stages', 1, mostStages));
      if (level === undefined) return undefined;
      const stages = given.length > 0 ? given : undefined;
      return { kind: 'keep', never: line.never, tensors: new Set(tensors), level, stages };
    }
    case 'compute': {
      const einsums = einsumsOf(b, line.einsums);
      const bindings = line.bindings.flatMap((u) => bindUnit(b, u, einsums) ?? []);
      return { kind: 'compute', never: line.never, einsums, bindings };
    }
    case 'schedule': {
      const inFlight = line.inFlight.map((n) =>
        n === 'sequence' ? 1 : count(b, n, 'the number of iterations in flight', 2, mostStages),
      );
      return { kind: 'schedule', inFlight };
    }
    case 'dataflow':
      // It is no rule of nests, but a space of its own.
      return undefined;
  }
}

function bindTile(b: Binding, line: TileConstraint): TileRule {
  const variables = variablesOf(b, line.variables, true);
  const most = Number.MAX_SAFE_INTEGER;
  const tile = (a: Arithmetic): number => count(b, a, 'the tile', 1, most);
  const multiples = line.multiples && tile(line.multiples);
  const tried = (v: number): number => (multiples === undefined ? 0 : b.workload.variables[v]!.size / multiples);
  if (line.by.length > mostTiles || (!line.divisors && variables.some((v) => tried(v) > mostTiles)))
    wrong(b, 'too-large', `a rank has at most ${mostTiles} tiles to try`, line.span);
  return {
    kind: 'tile',
    variables: new Set(variables),
    by: line.by.length > 0 ? line.by.map(tile) : undefined,
    divisors: line.divisors,
    multiples,
    from: line.from === undefined ? 1 : tile(line.from),
    to: line.to === undefined ? most : tile(line.to),
  };
}

function bindUnit(b: Binding, line: UnitConstraint, einsums: ReadonlySet<string>): BoundUnit | undefined {
  const [unit] = positions(b.wrong, 'unit', [line.unit], b.machine.units);
  const named = b.workload.einsums.filter((e) => einsums.has(e.name));
  const operator = line.operator?.name;
  if (operator !== undefined && !named.some((e) => e.operations.some((o) => o.operator === operator))) {
    const known = named.flatMap((e) => e.operations.map((o) => o.operator));
    const message = `no Einsum of this line has an operation "${operator}"`;
    b.foreign.push(diagnostic('unknown-name', message, line.operator!.span, { help: didYouMean(operator, known) }));
  }
  if (unit === undefined) return undefined;
  const { name, dimensions } = b.machine.units[unit]!;
  const along = new Map<number, readonly number[]>();
  for (const d of line.dimensions) {
    const [at] = positions(b.wrong, `dimension of unit "${name}" named`, [d.dimension], dimensions);
    const [variable] = d.variable === undefined ? [] : variablesOf(b, [d.variable], false);
    if (at === undefined || (variable === undefined) !== (d.variable === undefined)) continue;
    const lacking = variable === undefined ? undefined : named.find((e) => !e.variables.includes(variable));
    if (lacking !== undefined) {
      const message = `Einsum "${lacking.name}" has no rank "${d.variable!.name}" to lay along "${d.dimension.name}"`;
      wrong(b, 'foreign-rank', message, d.variable!.span);
    }
    along.set(at, variable === undefined ? [] : [...(along.get(at) ?? []), variable]);
  }
  return { operator, unit, along };
}

const einsumsOf = (b: Binding, wanted: readonly NamedSpan[]): ReadonlySet<string> => {
  positions(b.foreign, 'Einsum', wanted, b.workload.einsums);
  return new Set(wanted.map((w) => w.name));
};

function variablesOf(b: Binding, wanted: readonly NamedSpan[], cuts: boolean): readonly number[] {
  const inner = innerVariables(b.workload);
  return wanted.flatMap((w) => {
    const found = positions(b.foreign, 'index variable', [w], b.workload.variables);
    if (cuts && found.some((v) => inner.has(v)))
      wrong(
        b,
        'not-cut',
        `"${w.name}" counts inside the steps of another rank, and the search cuts no such rank`,
        w.span,
      );
    return found;
  });
}

function positions(
  to: Diagnostic[],
  what: string,
  wanted: readonly NamedSpan[],
  known: readonly { readonly name: string }[],
): readonly number[] {
  return wanted.flatMap(({ name, span }) => {
    const at = known.findIndex((k) => k.name === name);
    if (at >= 0) return [at];
    const help = didYouMean(
      name,
      known.map((k) => k.name),
    );
    to.push(diagnostic('unknown-name', `there is no ${what} "${name}"`, span, { help }));
    return [];
  });
}

const wrong = (b: Binding, code: DiagnosticCode, message: string, span: Span): void => {
  b.wrong.push(diagnostic(code, message, span));
};

/** A whole number of a range; its least, with a diagnostic, where it is none. */
function count(b: Binding, a: Arithmetic, what: string, least: number, most: number): number {
  const functions = new Map([...builtInFunctions, ...mappingFunctions(b.workload, b.machine)]);
  const value = evaluateArithmetic(a, b.workload.sizes, functions);
  if (!value.ok) {
    b.foreign.push(...value.diagnostics);
    return least;
  }
  if (Number.isSafeInteger(value.value) && value.value >= least && value.value <= most) return value.value;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `of ${least} to ${most}`;
  wrong(b, 'bad-count', `${what} is ${value.value}, but must be a whole number ${range}`, a.span);
  return least;
}
