import type { DiagnosticCode } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import {
  baseUnit,
  caseHelp,
  combineDimensions,
  type Dimension,
  isPlain,
  type Measure,
  noDimension,
  sameDimension,
  unitHelp,
  units,
} from '../units.ts';

/** What is wrong with a value's text, with offsets into that text. The reader of the file adds the place. */
export type Problem = {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly help?: string | undefined;
  /** The unknown name that it is about. */
  readonly name?: string;
  readonly start: number;
  readonly end: number;
};

export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const problem = (
  code: DiagnosticCode,
  message: string,
  start: number,
  end: number,
  help?: string,
): { readonly ok: false; readonly problems: readonly Problem[] } => ({
  ok: false,
  problems: [{ code, message, help, start, end }],
});

/** The quantities that a field of a spec can ask for. */
export type QuantityKind = keyof typeof quantityKinds;

type Kind = {
  /** Completes "needs ...". */
  readonly noun: string;
  readonly example: string;
  readonly accepts: readonly Dimension[];
};

const of = (part: Partial<Dimension>): Dimension => ({ ...noDimension, ...part });

export const quantityKinds = {
  count: { noun: 'a plain whole number', example: '132', accepts: [noDimension] },
  operationCycles: { noun: 'a number of cycles', example: '6', accepts: [noDimension, of({ cycles: 1 })] },
  size: { noun: 'an amount of data', example: '64 KiB', accepts: [of({ data: 1 })] },
  bandwidth: {
    noun: 'a bandwidth',
    example: '3.35 TB/s" or "128 B/cycle',
    accepts: [of({ data: 1, cycles: -1 }), of({ data: 1, time: -1 })],
  },
  duration: { noun: 'a time', example: '256 cycles" or "250 ns', accepts: [of({ cycles: 1 }), of({ time: 1 })] },
  frequency: { noun: 'a frequency', example: '1.83 GHz', accepts: [of({ time: -1 })] },
  energy: { noun: 'an energy', example: '17.2 pJ', accepts: [of({ energy: 1 })] },
  energyPerData: { noun: 'an energy per amount of data', example: '3.9 pJ/b', accepts: [of({ energy: 1, data: -1 })] },
  power: { noun: 'a power', example: '700 W', accepts: [of({ energy: 1, time: -1 })] },
  wallTime: { noun: 'a time in seconds', example: '20 ms', accepts: [of({ time: 1 })] },
  share: { noun: 'a plain number', example: '0.8', accepts: [noDimension] },
  ratio: { noun: 'a plain number', example: '1.2', accepts: [noDimension] },
  area: { noun: 'an area', example: '12.08 cm^2', accepts: [of({ length: 2 })] },
} as const satisfies Record<string, Kind>;

/** "a frequency (1/s)": what a dimension is, in words. */
function inWords(d: Dimension): string {
  if (isPlain(d)) return 'a plain number';
  const kind = Object.values(quantityKinds).find((k) => k.accepts.some((a) => !isPlain(a) && sameDimension(a, d)));
  return kind === undefined ? `in ${baseUnit(d)}` : `${kind.noun} (in ${baseUnit(d)})`;
}

/** Checks that a measure is what a field asks for; the problem covers the whole text. */
export function checkDimension(measure: Measure, kind: QuantityKind, field: string, text: string): Reading<Measure> {
  const { noun, example, accepts } = quantityKinds[kind];
  if (accepts.some((a) => sameDimension(a, measure.dimension))) return { ok: true, value: measure };
  if (isPlain(measure.dimension))
    return problem(
      'missing-unit',
      `"${field}" must be ${noun}, but "${text}" has no unit`,
      0,
      text.length,
      `write a unit, as in "${example}"`,
    );
  const message = `"${field}" must be ${noun}, but "${text}" is ${inWords(measure.dimension)}`;
  return problem('wrong-dimension', message, 0, text.length, `write a value such as "${example}"`);
}

export const wrongDimension = (wanted: Dimension, found: Dimension): string =>
  `must be ${inWords(wanted)}, but the new value is ${inWords(found)}`;

type Token = { readonly kind: 'number' | 'name' | 'sign'; readonly text: string; readonly start: number };

const tokenPattern = /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![.])|([A-Za-z_][A-Za-z0-9_]*)|([*/^-]))/y;

/** Tokens of a plain product, or undefined where another character stands (then it is an expression). */
function tokens(text: string): Token[] | undefined {
  const trimmed = text.trimEnd();
  const found: Token[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < trimmed.length) {
    const match = tokenPattern.exec(trimmed);
    if (match === null) return undefined;
    const [whole, digits, name, sign] = match;
    const inner = digits ?? name ?? sign!;
    const kind = digits !== undefined ? 'number' : name !== undefined ? 'name' : 'sign';
    found.push({ kind, text: inner, start: match.index + whole.length - inner.length });
  }
  return found;
}

/** Names that a value may use: the parameters declared before it. */
export type Symbols = ReadonlyMap<string, Measure>;

/** A measure as a quotient, so that exact figures stay exact: "1545 um^2" is 1545 x 10^6 / 10^12 mm^2. */
type Quotient = { readonly above: number; readonly below: number; readonly dimension: Dimension };

/** What a name stands for: a parameter, else a unit. */
function lookUp(factor: NameFactor, symbols: Symbols): Quotient | Problem {
  const { name, power, start } = factor;
  const parameter = symbols.get(name);
  const found = parameter === undefined ? units.get(name) : { above: parameter.value, below: 1, ...parameter };
  if (found !== undefined) {
    const dimension = combineDimensions(noDimension, found.dimension, power);
    return { above: found.above ** power, below: found.below ** power, dimension };
  }
  return { ...unknownName(name, factor.afterNumber, symbols), start, end: start + name.length };
}

/** The problem of a name that is neither a parameter nor a unit; after a number a unit is what was meant. */
export function unknownName(name: string, afterNumber: boolean, symbols: Symbols): Omit<Problem, 'start' | 'end'> {
  if (afterNumber) return { code: 'unknown-unit', message: `"${name}" is not a unit`, help: unitHelp(name), name };
  const help = caseHelp(name) ?? didYouMean(name, symbols.keys());
  return { code: 'unknown-parameter', message: `"${name}" is neither a parameter nor a unit`, help, name };
}

type NameFactor = {
  readonly name: string;
  readonly power: number;
  readonly start: number;
  readonly afterNumber: boolean;
};
type Factor = ({ readonly number: number } | NameFactor) & { readonly divides: boolean };

/** The factors of a plain product with at most one division, or undefined where the text is something else. */
function readFactors(all: readonly Token[]): Factor[] | undefined {
  const factors: Factor[] = [];
  let divides = false;
  let wanted = true;
  for (let i = 0; i < all.length; i++) {
    const { kind, text, start } = all[i]!;
    const next = all[i + 1];
    if (kind === 'sign') {
      // "1/2 B" means (1/2) B; that rule is left to the expression reader.
      const bare = all[i - 1]?.kind === 'number' && next?.kind === 'number';
      if (wanted || divides || !(text === '*' || (text === '/' && !bare))) return undefined;
      divides = text === '/';
      wanted = true;
    } else if (kind === 'number') {
      if (!wanted) return undefined;
      factors.push({ number: Number(text), divides });
      wanted = false;
    } else {
      const raised = next?.text === '^';
      const exponent = all[i + 2]?.text ?? '';
      if (raised && !/^[1-9]$/.test(exponent)) return undefined;
      const power = raised ? Number(exponent) : 1;
      factors.push({ name: text, power, start, afterNumber: all[i - 1]?.kind === 'number', divides });
      if (raised) i += 2;
      wanted = false;
    }
  }
  return wanted ? undefined : factors;
}

/**
 * Reads a product of numbers, units and parameters with at most one division: "3.35 TB/s", "PE_DIM^2 * 24 B",
 * "249.6 pJ / 8 B". What stands side by side binds before a division does. Undefined: it is something else, for
 * `expression.ts`, whose library takes a tenth of a second to load.
 */
export function readProduct(text: string, symbols: Symbols): Reading<Measure> | undefined {
  const all = tokens(text);
  const negative = all?.[0]?.text === '-';
  const factors = all === undefined ? undefined : readFactors(negative ? all.slice(1) : all);
  if (factors === undefined) return undefined;
  let above = negative ? -1 : 1;
  let below = 1;
  let dimension = noDimension;
  const problems: Problem[] = [];
  for (const factor of factors) {
    const found =
      'number' in factor ? { above: factor.number, below: 1, dimension: noDimension } : lookUp(factor, symbols);
    if ('code' in found) {
      problems.push(found);
      continue;
    }
    above *= factor.divides ? found.below : found.above;
    below *= factor.divides ? found.above : found.below;
    dimension = combineDimensions(dimension, found.dimension, factor.divides ? -1 : 1);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: { value: above / below, dimension } };
}
