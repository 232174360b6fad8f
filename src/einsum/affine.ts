import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { evaluateArithmetic, printArithmetic } from './arithmetic.ts';
import type { Arithmetic, Name } from './ast.ts';
import { collectTerms, type Term } from './constraint.ts';
import type { BoundIndex } from './workload.ts';

/** What names mean in indices and filters: index variables by position, and sizes. */
export type Scope = {
  readonly variables: ReadonlyMap<Name, number>;
  readonly sizes: ReadonlyMap<Name, number>;
};

/** Sum of coefficient x variable + offset, all integers. */
export type Affine = { readonly terms: readonly Term[]; readonly offset: number };

/** Names of index variables, left to right, with repetitions. */
export function variablesIn(a: Arithmetic, variables: ReadonlyMap<Name, unknown>): readonly Name[] {
  if (a.kind === 'number') return [];
  if (a.kind === 'name') return variables.has(a.name) ? [a.name] : [];
  return a.operands.flatMap((operand) => variablesIn(operand, variables));
}

const notAffine = (a: Arithmetic, why: string): Diagnostic =>
  diagnostic('not-affine', `"${printArithmetic(a)}" ${why}`, a.span, {
    help: 'an index or a comparison is a sum of index variables times whole numbers',
  });

export const scaled = (a: Affine, factor: number): Affine => ({
  terms: a.terms.map((t) => ({ variable: t.variable, coefficient: t.coefficient * factor })),
  offset: a.offset * factor,
});

export const sum = (a: Affine, b: Affine): Affine => ({
  terms: collectTerms([...a.terms, ...b.terms]),
  offset: a.offset + b.offset,
});

/** A part without index variables; it must be a whole number. */
function bindConstant(a: Arithmetic, scope: Scope): Result<number> {
  const value = evaluateArithmetic(a, scope.sizes);
  if (!value.ok || Number.isSafeInteger(value.value)) return value;
  return failure([notAffine(a, `is ${value.value}, which is not a whole number`)]);
}

/** The affine form of an expression over index variables, sizes and parameters. Errors: `not-affine`, arithmetic's. */
export function bindAffine(a: Arithmetic, scope: Scope): Result<Affine> {
  if (variablesIn(a, scope.variables).length === 0) {
    const value = bindConstant(a, scope);
    return value.ok ? success({ terms: [], offset: value.value }) : value;
  }
  if (a.kind === 'name')
    return success({ terms: [{ variable: scope.variables.get(a.name)!, coefficient: 1 }], offset: 0 });
  if (a.kind === 'number') return success({ terms: [], offset: a.value });
  const operands = a.operands.map((operand) => bindAffine(operand, scope));
  const failed = operands.flatMap((o) => (o.ok ? [] : o.diagnostics));
  if (failed.length > 0) return failure(failed);
  const [left, right] = operands.flatMap((o) => (o.ok ? [o.value] : []));
  if (left !== undefined && right === undefined && a.operator === '-') return success(scaled(left, -1));
  if (left !== undefined && right !== undefined) {
    if (a.operator === '+') return success(sum(left, right));
    if (a.operator === '-') return success(sum(left, scaled(right, -1)));
    if (a.operator === '*' && left.terms.length === 0) return success(scaled(right, left.offset));
    if (a.operator === '*' && right.terms.length === 0) return success(scaled(left, right.offset));
  }
  return failure([notAffine(a, 'is not linear in its index variables')]);
}

/** An operand's index: affine, or `(affine) div k`. Errors: those of `bindAffine`, `bad-divisor`. */
export function bindIndex(a: Arithmetic, scope: Scope): Result<BoundIndex> {
  const [dividend, divisor] = a.kind === 'call' && a.operator === 'div' ? a.operands : [];
  if (dividend === undefined || divisor === undefined || variablesIn(dividend, scope.variables).length === 0) {
    const affine = bindAffine(a, scope);
    return affine.ok ? success({ ...affine.value, divisor: 1 }) : affine;
  }
  const affine = bindAffine(dividend, scope);
  const by = bindConstant(divisor, scope);
  if (!affine.ok || !by.ok)
    return failure([...(affine.ok ? [] : affine.diagnostics), ...(by.ok ? [] : by.diagnostics)]);
  if (by.value >= 1) return success({ ...affine.value, divisor: by.value });
  const message = `"${printArithmetic(a)}" divides by ${by.value}; an index is divided by 1 or more`;
  return failure([diagnostic('bad-divisor', message, divisor.span)]);
}
