import { combineDimensions, type Dimension, type Measure, noDimension, units } from '../units.ts';
import { type Formula, type OpenSymbols, type Operand, type Symbols, textMistake, unknownName } from './operand.ts';
import type { Problem, Reading } from './quantity.ts';

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

/** A factor with its value: a quotient, so that "1545 um^2" is 1545 x 10^6 / 10^12 mm^2, or the power of one to come. */
type Term = (
  | { readonly above: number; readonly below: number }
  | { readonly position: number; readonly power: number }
) & {
  readonly dimension: Dimension;
  readonly divides: boolean;
};

/** What a name stands for: a parameter, else a unit. */
function lookUp(
  { name, power, start, afterNumber, divides }: NameFactor & Factor,
  symbols: OpenSymbols,
): Term | Problem {
  const parameter = symbols.get(name);
  const place = { start, end: start + name.length };
  if (parameter !== undefined && 'texts' in parameter) return { ...textMistake(name), ...place };
  const found =
    parameter !== undefined && 'value' in parameter
      ? { above: parameter.value, below: 1, ...parameter }
      : (parameter ?? units.get(name));
  if (found === undefined) return { ...unknownName(name, afterNumber, symbols), ...place };
  const dimension = combineDimensions(noDimension, found.dimension, power);
  if ('position' in found) return { position: found.position, power, dimension, divides };
  return { above: found.above ** power, below: found.below ** power, dimension, divides };
}

/**
 * Reads a product of numbers, units and parameters with at most one division: "3.35 TB/s", "PE_DIM^2 * 24 B",
 * "249.6 pJ / 8 B". What stands side by side binds before a division does. Undefined: it is something else, for
 * `expression.ts`, whose library takes a tenth of a second to load.
 */
export function readProduct(text: string, symbols: Symbols): Reading<Measure> | undefined;
export function readProduct(text: string, symbols: OpenSymbols): Reading<Operand> | undefined;
export function readProduct(text: string, symbols: OpenSymbols): Reading<Operand> | undefined {
  const all = tokens(text);
  const negative = all?.[0]?.text === '-';
  const factors = all === undefined ? undefined : readFactors(negative ? all.slice(1) : all);
  if (factors === undefined) return undefined;
  const terms: Term[] = [];
  const problems: Problem[] = [];
  for (const factor of factors) {
    const { divides } = factor;
    const found =
      'number' in factor
        ? { above: factor.number, below: 1, dimension: noDimension, divides }
        : lookUp(factor, symbols);
    if ('code' in found) problems.push(found);
    else terms.push(found);
  }
  if (problems.length > 0) return { ok: false, problems };
  const dimension = terms.reduce((d, t) => combineDimensions(d, t.dimension, t.divides ? -1 : 1), noDimension);
  const positions = new Set(terms.flatMap((t) => ('position' in t ? [t.position] : [])));
  const run = multiply(terms, negative ? -1 : 1);
  if (positions.size === 0) return { ok: true, value: { value: run(nothing), dimension } };
  return { ok: true, value: { run, dimension, positions } };
}

const nothing = new Float64Array();

/** Both sides of the fraction are multiplied out, factor by factor, and divided once. */
function multiply(terms: readonly Term[], sign: number): Formula {
  return (values) => {
    let above = sign;
    let below = 1;
    for (const term of terms) {
      if ('position' in term) {
        const value = values[term.position]!;
        const raised = term.power === 1 ? value : value ** term.power;
        if (term.divides) below *= raised;
        else above *= raised;
      } else {
        above *= term.divides ? term.below : term.above;
        below *= term.divides ? term.above : term.below;
      }
    }
    return above / below;
  };
}
