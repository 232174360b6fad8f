import { type CompiledCondition, compileCondition } from '../arch/compile-condition.ts';
import { type CompiledExpression, compileExpression } from '../arch/compile-expression.ts';
import type { OpenSymbols, Slot, TextSlot } from '../arch/operand.ts';
import { problemAt } from '../arch/problem-at.ts';
import type { Problem, Reading } from '../arch/quantity.ts';
import { type Diagnostic, diagnostic, failure, inOrder, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import { baseUnit, isPlain, noDimension } from '../units.ts';
import { axesOf } from './axis-tree.ts';
import type { Axis, AxisTree, Choice, Experiment, Expression, Written } from './experiment.ts';

/** What an experiment says about the values of a point: axes, then derived values, then metrics, in order. */
export type CompiledValues = {
  /** Axes and derived values by name. */
  readonly symbols: OpenSymbols;
  readonly derived: ReadonlyMap<string, CompiledExpression>;
  readonly where: readonly CompiledCondition[];
  readonly set: ReadonlyMap<string, CompiledExpression>;
  readonly param: ReadonlyMap<string, CompiledExpression>;
  readonly density: ReadonlyMap<string, CompiledExpression>;
  /** Over metrics too, which follow the derived values. */
  readonly constraints: readonly CompiledCondition[];
};

type Scope = {
  readonly symbols: ReadonlyMap<string, Slot | TextSlot>;
  /** Names that are known where this is not. */
  readonly later: ReadonlyMap<string, string>;
  readonly diagnostics: Diagnostic[];
};

/** Compiles all expressions and conditions. Errors: those of `compileCondition`, `unknown-axis`, `unused-axis`. */
export async function compileValues(experiment: Experiment): Promise<Result<CompiledValues>> {
  const diagnostics: Diagnostic[] = [];
  const symbols = new Map<string, Slot | TextSlot>();
  axesOf(experiment.axes).forEach(({ name, values }, position) => {
    if (values.kind === 'numbers') symbols.set(name.text, { position, dimension: values.dimension });
    else symbols.set(name.text, { position, texts: values.texts.map(({ text }) => text) });
  });
  const metrics = experiment.metrics.map(({ text }) => text);
  const later = new Map<string, string>([
    ...metrics.map((name) => [name, 'is a metric, which only "constraints" see'] as const),
    ...[...experiment.derived.keys()].map((name) => [name, 'is derived further down'] as const),
  ]);
  const scope = { symbols, later, diagnostics };
  const derived = new Map<string, CompiledExpression>();
  for (const [name, written] of experiment.derived) {
    later.set(name, 'would be derived from itself');
    const compiled = await compile(written, compileExpression, scope);
    if (compiled !== undefined) derived.set(name, compiled);
    // What could not be read is not missed again where it is used.
    symbols.set(name, { position: symbols.size, dimension: compiled?.dimension ?? noDimension });
    later.delete(name);
  }
  const compiled = {
    symbols: new Map(symbols),
    derived,
    where: await conditions(experiment.where, scope),
    set: await expressions(experiment.set, scope, 'a size'),
    param: await expressions(experiment.param, scope),
    density: await expressions(experiment.density, scope, 'a density'),
  };
  metrics.forEach((name, i) => {
    symbols.set(name, { position: compiled.symbols.size + i, dimension: noDimension });
  });
  const constraints = await conditions(experiment.constraints, scope);
  if (diagnostics.length === 0) diagnostics.push(...unusedAxes(experiment, { ...compiled, constraints }));
  return diagnostics.length > 0 ? failure(inOrder(diagnostics)) : success({ ...compiled, constraints });
}

async function expressions(
  written: ReadonlyMap<string, Expression>,
  scope: Scope,
  plain?: string,
): Promise<ReadonlyMap<string, CompiledExpression>> {
  const found = new Map<string, CompiledExpression>();
  for (const [name, expression] of written) {
    const compiled = await compile(expression, compileExpression, scope);
    if (compiled === undefined) continue;
    found.set(name, compiled);
    if (plain === undefined || isPlain(compiled.dimension)) continue;
    const message = `${plain} is a plain number, but "${expression.text}" is in ${baseUnit(compiled.dimension)}`;
    scope.diagnostics.push(diagnostic('wrong-dimension', message, expression.span));
  }
  return found;
}

async function conditions(written: readonly Written[], scope: Scope): Promise<readonly CompiledCondition[]> {
  const found: CompiledCondition[] = [];
  for (const condition of written) {
    const compiled = await compile(condition, compileCondition, scope);
    if (compiled !== undefined) found.push(compiled);
  }
  return found;
}

async function compile<T>(
  { text, span }: Written,
  compiler: (text: string, symbols: OpenSymbols) => Promise<Reading<T>>,
  { symbols, later, diagnostics }: Scope,
): Promise<T | undefined> {
  const reading = await compiler(text, symbols);
  if (reading.ok) return reading.value;
  const told = (p: Problem): Problem => {
    if (p.code !== 'unknown-parameter' || p.name === undefined) return p;
    const why = later.get(p.name);
    const known = [...symbols.keys()];
    return why === undefined
      ? {
          ...p,
          code: 'unknown-axis',
          message: `"${p.name}" is no axis, no derived value and no unit`,
          help: p.help ?? didYouMean(p.name, known),
        }
      : { ...p, code: 'unknown-axis', message: `"${p.name}" ${why}`, help: undefined };
  };
  diagnostics.push(...reading.problems.map((p) => problemAt(told(p), text, span)));
  return undefined;
}

/** An axis that nothing depends on repeats every point as often as it has values; in a zip it may be a label. */
function unusedAxes(experiment: Experiment, compiled: Omit<CompiledValues, 'symbols'>): readonly Diagnostic[] {
  const { cascade, hardware, mapping, workload, format } = experiment;
  const { derived, where, set, param, density, constraints } = compiled;
  const used = new Set(
    [...derived.values(), ...where, ...set.values(), ...param.values(), ...density.values(), ...constraints].flatMap(
      ({ positions }) => [...positions],
    ),
  );
  const choices: readonly (Choice | undefined)[] = [cascade, hardware, mapping, workload, ...format.values()];
  const chosen = new Set(choices.flatMap((c) => (c?.kind === 'axis' ? [c.axis.text] : [])));
  const axes = axesOf(experiment.axes);
  const isUsed = (axis: Axis): boolean => used.has(axes.indexOf(axis)) || chosen.has(axis.name.text);
  const unused = (tree: AxisTree): readonly Axis[] => {
    if (tree.kind === 'product') return tree.parts.flatMap(unused);
    const together = axesOf(tree);
    return together.some(isUsed) ? [] : together.slice(0, 1);
  };
  return unused(experiment.axes).map(({ name: { text, span } }) =>
    diagnostic('unused-axis', `nothing depends on the axis "${text}"`, span, {
      help: `use it, as in "param": { "${text}": "${text}" }, or leave it out`,
    }),
  );
}
