import type { Machine } from '../arch/machine.ts';
import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import { builtInFunctions, evaluateArithmetic } from '../einsum/arithmetic.ts';
import type { Arithmetic } from '../einsum/ast.ts';
import type { Workload } from '../einsum/workload.ts';
import { mappingFunctions } from './functions.ts';
import type { Mapping } from './mapping.ts';

/** Value of an expression of the mapping; undefined, with a diagnostic reported once, if it has none. */
export type Evaluate = (a: Arithmetic) => number | undefined;

type Bound = { readonly parameters: ReadonlyMap<string, number>; readonly evaluate: Evaluate };

/**
 * Computes a mapping's parameters in their order. Expressions may use rank sizes and parameters of the cascade,
 * parameters of the mapping defined above, and besides the built-in functions:
 * `capacity(LEVEL)` bytes of one instance, `instances(LEVEL)` in the whole machine, `lanes(UNIT, DIMENSION)`,
 * `bytes(TENSOR)` of an element, `largest_divisor(n, limit)`: the largest divisor of n that is at most limit, or 1.
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
    diagnostics.push(...value.diagnostics.map(sayDivisor));
    return undefined;
  };
  const parameters = new Map<string, number>();
  for (const p of mapping.parameters) {
    if (known.has(p.name)) {
      const message = `"${p.name}" is already a rank, a parameter of the cascade or of this mapping`;
      diagnostics.push(diagnostic('parameter-twice', message, p.span));
      continue;
    }
    const value = overrides.get(p.name) ?? evaluate(p.value);
    // A parameter without a value has been reported; 1 keeps what depends on it from being reported too.
    known.set(p.name, value ?? 1);
    parameters.set(p.name, value ?? 1);
  }
  diagnostics.push(...unknownOverrides(mapping, parameters, overrides));
  return { parameters, evaluate };
}

/** Of all functions of finite numbers, only `largest_divisor` can have no value. */
function sayDivisor(d: Diagnostic): Diagnostic {
  if (d.code !== 'number-range' || !d.message.includes(' = NaN ')) return d;
  return diagnostic('number-range', 'the first operand of largest_divisor must be a whole number of 1 to 2^40', d.span);
}

function unknownOverrides(
  mapping: Mapping,
  parameters: ReadonlyMap<string, number>,
  overrides: ReadonlyMap<string, number>,
): readonly Diagnostic[] {
  return [...overrides.keys()]
    .filter((name) => !parameters.has(name))
    .map((name) =>
      diagnostic('unknown-override', `mapping "${mapping.name}" has no parameter "${name}"`, undefined, {
        help: didYouMean(name, parameters.keys()),
      }),
    );
}
