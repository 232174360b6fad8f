import type { Machine } from '../arch/machine.ts';
import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type ArithmeticFunction, builtInFunctions, evaluateArithmetic } from '../einsum/arithmetic.ts';
import type { Arithmetic } from '../einsum/ast.ts';
import type { Workload } from '../einsum/workload.ts';
import type { Span } from '../source.ts';
import type { Mapping } from './mapping.ts';

/** Value of an expression of the mapping; undefined, with a diagnostic reported once, if it has none. */
export type Evaluate = (a: Arithmetic) => number | undefined;

type Bound = { readonly parameters: ReadonlyMap<string, number>; readonly evaluate: Evaluate };

/**
 * Computes a mapping's parameters in their order. Expressions may use rank sizes and parameters of the cascade,
 * parameters of the mapping defined above, and besides the built-in functions:
 * `capacity(LEVEL)` bytes of one instance, `instances(LEVEL)` in the whole machine, `lanes(UNIT, DIMENSION)`,
 * `bytes(TENSOR)` of an element, `largest_divisor(n, limit)`: the largest divisor of n that is at most limit (at least 1).
 * What is wrong, now and at later evaluations, is added to `diagnostics`.
 */
export function bindParameters(
  mapping: Mapping,
  workload: Workload,
  machine: Machine,
  overrides: ReadonlyMap<string, number>,
  diagnostics: Diagnostic[],
): Bound {
  const known = new Map(workload.sizes);
  const functions = new Map([...builtInFunctions, ...mappingFunctions(workload, machine)]);
  const evaluate: Evaluate = (a) => {
    const value = evaluateArithmetic(a, known, functions);
    if (value.ok) return value.value;
    diagnostics.push(...value.diagnostics);
    return undefined;
  };
  const parameters = new Map<string, number>();
  for (const p of mapping.parameters) {
    if (known.has(p.name)) {
      diagnostics.push(
        diagnostic(
          'parameter-twice',
          `"${p.name}" is already a rank, a parameter of the cascade or of this mapping`,
          p.span,
        ),
      );
      continue;
    }
    const value = overrides.get(p.name) ?? evaluate(p.value);
    // A parameter without a value has been reported; 1 keeps what depends on it from being reported too.
    known.set(p.name, value ?? 1);
    parameters.set(p.name, value ?? 1);
  }
  for (const name of overrides.keys()) {
    if (parameters.has(name)) continue;
    const help = didYouMean(name, parameters.keys());
    diagnostics.push(
      diagnostic('unknown-override', `mapping "${mapping.name}" has no parameter "${name}"`, undefined, { help }),
    );
  }
  return { parameters, evaluate };
}

type NamedSpan = { readonly name: string; readonly span: Span };

function mappingFunctions(workload: Workload, machine: Machine): ReadonlyMap<string, ArithmeticFunction> {
  const lookUp = <T extends { readonly name: string }>(
    what: string,
    wanted: NamedSpan,
    all: readonly T[],
  ): Result<T> => {
    const found = all.find((x) => x.name === wanted.name);
    if (found !== undefined) return success(found);
    const help = didYouMean(
      wanted.name,
      all.map((x) => x.name),
    );
    return failure([diagnostic('unknown-name', `there is no ${what} "${wanted.name}"`, wanted.span, { help })]);
  };
  const level = (wanted: NamedSpan): Result<Machine['levels'][number]> => lookUp('level', wanted, machine.levels);
  return new Map<string, ArithmeticFunction>([
    [
      'capacity',
      {
        of: 'names',
        arity: 1,
        evaluate: ([name]) => {
          const found = level(name!);
          if (!found.ok) return found;
          const capacity = found.value.memory?.capacity_bytes ?? 0;
          if (Number.isFinite(capacity)) return success(capacity);
          return failure([
            diagnostic('unknown-name', `level "${name!.name}" has no stated capacity to compute with`, name!.span),
          ]);
        },
      },
    ],
    [
      'instances',
      {
        of: 'names',
        arity: 1,
        evaluate: ([name]) => {
          const found = level(name!);
          return found.ok ? success(found.value.totalInstances) : found;
        },
      },
    ],
    [
      'lanes',
      {
        of: 'names',
        arity: 2,
        evaluate: ([name, dimension]) => {
          const unit = lookUp('unit', name!, machine.units);
          if (!unit.ok) return unit;
          const found = lookUp(`dimension of unit "${name!.name}" named`, dimension!, unit.value.dimensions);
          return found.ok ? success(found.value.size) : found;
        },
      },
    ],
    [
      'bytes',
      {
        of: 'names',
        arity: 1,
        evaluate: ([name]) => {
          const found = lookUp('tensor', name!, workload.tensors);
          return found.ok ? success(found.value.bitsPerElement / 8) : found;
        },
      },
    ],
    ['largest_divisor', { of: 'numbers', arity: 2, evaluate: largestDivisor }],
  ]);
}

function largestDivisor(n: number, limit: number): number {
  if (!Number.isSafeInteger(n) || n < 1) return Number.NaN;
  let best = 1;
  for (let d = 1; d * d <= n; d++) {
    if (n % d !== 0) continue;
    if (d <= limit && d > best) best = d;
    if (n / d <= limit && n / d > best) best = n / d;
  }
  return best;
}
