import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type Span, span } from '../source.ts';
import { baseUnit, isPlain, type Measure, sameDimension } from '../units.ts';
import { readExpression } from './expression.ts';
import type { Field } from './fields.ts';
import { problemAt } from './problem-at.ts';
import { checkDimension, type Problem, wrongDimension } from './quantity.ts';
import type { Spec, SpecValue } from './spec.ts';
import { allValues } from './values.ts';

/** Every value of a spec as a number, in the units of `machine.ts`. */
export type Numbers = {
  readonly clock_hz: number;
  readonly parameters: ReadonlyMap<string, number>;
  readonly of: ReadonlyMap<SpecValue, number>;
};

type Scope = {
  /** Parameters read so far. */
  readonly symbols: ReadonlyMap<string, Measure>;
  /** Parameters that could not be read. */
  readonly broken: ReadonlySet<string>;
  readonly declared: ReadonlyMap<string, SpecValue>;
  readonly diagnostics: Diagnostic[];
};

/** Largest magnitude that anything physical needs; beyond it arithmetic would only overflow later. */
export const absurd = 1e30;

/**
 * Evaluates the parameters in order, with the overrides, then every other value. Reports all mistakes, but not those
 * that only follow from a parameter that could not be read.
 */
export async function evaluateSpec(spec: Spec, overrides: ReadonlyMap<string, string>): Promise<Result<Numbers>> {
  const diagnostics: Diagnostic[] = [];
  const scope = await readParameters(spec, overrides, diagnostics);
  const { symbols, broken } = scope;
  const of = new Map<SpecValue, number>();
  let clock_hz = Number.NaN;
  for (const { name, value, field } of allValues(spec)) {
    if (field === undefined || mentions(value.text, broken)) continue;
    const measure = await read(value.text, value.span, scope);
    if (measure === undefined) continue;
    const checked = checkDimension(measure, field.kind, name, value.text);
    if (!checked.ok) {
      diagnostics.push(...checked.problems.map((p) => problemAt(p, value.text, value.span)));
      continue;
    }
    const number = toMachineUnits(measure, field, clock_hz);
    if (value === spec.clock) clock_hz = number;
    const wrong = outOfRange(number, measure, field);
    if (wrong !== undefined) diagnostics.push(diagnostic('out-of-range', `"${name}" ${wrong}`, value.span));
    else of.set(value, number);
  }
  if (diagnostics.length > 0) return failure(diagnostics);
  return success({ clock_hz, parameters: new Map([...symbols].map(([name, { value }]) => [name, value])), of });
}

/** Parameters in order, with the overrides, in base units. Errors: those of `evaluateSpec` about parameters. */
export async function evaluateParameters(
  spec: Spec,
  overrides: ReadonlyMap<string, string>,
): Promise<Result<ReadonlyMap<string, Measure>>> {
  const diagnostics: Diagnostic[] = [];
  const { symbols } = await readParameters(spec, overrides, diagnostics);
  return diagnostics.length > 0 ? failure(diagnostics) : success(symbols);
}

async function readParameters(
  spec: Spec,
  overrides: ReadonlyMap<string, string>,
  diagnostics: Diagnostic[],
): Promise<Scope> {
  const symbols = new Map<string, Measure>();
  const broken = new Set<string>();
  const scope: Scope = { symbols, broken, declared: spec.parameters, diagnostics };
  for (const name of overrides.keys()) if (!spec.parameters.has(name)) diagnostics.push(unknownOverride(name, spec));
  for (const [name, value] of spec.parameters) {
    const found = await readParameter(name, value, overrides.get(name), scope);
    if (found === undefined) broken.add(name);
    else symbols.set(name, found);
  }
  return scope;
}

function unknownOverride(name: string, spec: Spec): Diagnostic {
  const help = didYouMean(name, spec.parameters.keys());
  return diagnostic('unknown-parameter', `"${spec.name.text}" has no parameter "${name}"`, undefined, { help });
}

async function readParameter(
  name: string,
  value: SpecValue,
  override: string | undefined,
  scope: Scope,
): Promise<Measure | undefined> {
  if (mentions(value.text, scope.broken)) return undefined;
  const declared = await read(value.text, value.span, scope);
  if (override === undefined || declared === undefined) return declared;
  const text = override;
  const at = span({ name: `--param ${name}`, text }, 0, text.length);
  const measure = await read(text, at, scope);
  if (measure === undefined || sameDimension(measure.dimension, declared.dimension)) return measure;
  const code = isPlain(measure.dimension) ? 'missing-unit' : 'wrong-dimension';
  const message = `the parameter "${name}" (${value.text}) ${wrongDimension(declared.dimension, measure.dimension)}`;
  scope.diagnostics.push(diagnostic(code, message, at, { related: [{ span: value.span, message: 'declared here' }] }));
  return undefined;
}

const mentions = (text: string, names: ReadonlySet<string>): boolean =>
  names.size > 0 && (text.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []).some((word) => names.has(word));

async function read(text: string, at: Span, scope: Scope): Promise<Measure | undefined> {
  const { symbols, declared, diagnostics } = scope;
  const reading = await readExpression(text, symbols);
  if (!reading.ok) {
    const later = (p: Problem): Problem =>
      p.name !== undefined && declared.has(p.name)
        ? { ...p, message: `"${p.name}" is declared further down`, help: 'a parameter may use only those above it' }
        : p;
    diagnostics.push(...reading.problems.map((p) => problemAt(later(p), text, at)));
    return undefined;
  }
  if (Number.isFinite(reading.value.value) && Math.abs(reading.value.value) <= absurd) return reading.value;
  const reason = Number.isFinite(reading.value.value) ? `is beyond any physical figure (${absurd})` : 'is not finite';
  const message = `"${text}" ${reason}`;
  diagnostics.push(diagnostic('out-of-range', message, at));
  return undefined;
}

/** Rounding noise of the conversion from seconds, which must not cost a cycle. */
const noise = 1e-9;

/** A measure as a number in the units of `machine.ts`. */
export function toMachineUnits(measure: Measure, field: Field, clock_hz: number): number {
  const { value, dimension } = measure;
  if (field.kind === 'bandwidth') return dimension.time === -1 ? value / clock_hz : value;
  if (field.kind !== 'duration') return value;
  const cycles = dimension.time === 1 ? value * clock_hz : value;
  return Math.ceil(cycles * (1 - noise));
}

/** What is wrong with a number of a field; undefined: nothing. */
export function outOfRange(number: number, measure: Measure, { kind, range }: Field): string | undefined {
  const shown = `is ${measure.value} ${baseUnit(measure.dimension)}`.trimEnd();
  const orZero = range === 'not negative' || range === 'share';
  if (orZero && measure.value < 0) return `${shown}; it cannot be negative`;
  if (range === 'share' && measure.value > 1) return `${shown}; it must not be above 1`;
  if (!orZero && measure.value <= 0) return `${shown}; it must be more than 0`;
  if (range === 'positive whole' && !Number.isInteger(number))
    return `${shown}; it must be a whole number${kind === 'size' ? ' of bytes' : ''}`;
  if ((range === 'positive whole' || kind === 'duration') && number > Number.MAX_SAFE_INTEGER)
    return `${shown}; it must not be above 2^53`;
  return undefined;
}
