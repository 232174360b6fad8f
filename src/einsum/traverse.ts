import type { Arithmetic, Einsum, Expression, Filter, TensorAccess } from './ast.ts';

/** The expression and all its parts, outermost first. */
export function* expressionParts(e: Expression): Generator<Expression> {
  yield e;
  if (e.kind === 'map') for (const operand of e.operands) yield* expressionParts(operand);
}

/** The tensors that an Einsum reads, in order of the text, its filter's last; the same access may come twice. */
export function* accessesOf(e: Einsum): Generator<TensorAccess> {
  for (const part of expressionParts(e.body)) if (part.kind === 'access') yield part;
  if (e.filter !== undefined) yield* filterAccesses(e.filter);
}

/** The elements of which a filter asks whether they exist. */
export function* filterAccesses(f: Filter): Generator<TensorAccess> {
  if (f.kind === 'exists') yield f.access;
  else if (f.kind === 'not') yield* filterAccesses(f.operand);
  else if (f.kind !== 'compare') for (const operand of f.operands) yield* filterAccesses(operand);
}

/** The expression and all its parts, outermost first. */
export function* arithmeticParts(a: Arithmetic): Generator<Arithmetic> {
  yield a;
  if (a.kind === 'call') for (const operand of a.operands) yield* arithmeticParts(operand);
}

export function* comparisonsIn(f: Filter): Generator<Filter & { kind: 'compare' }> {
  if (f.kind === 'compare') yield f;
  else if (f.kind === 'exists') return;
  else if (f.kind === 'not') yield* comparisonsIn(f.operand);
  else for (const operand of f.operands) yield* comparisonsIn(operand);
}

/** Both sides of every comparison of a filter. */
export function* filterSides(f: Filter): Generator<Arithmetic> {
  for (const { left, right } of comparisonsIn(f)) yield* [left, right];
}

/** All arithmetic of an Einsum: indices of the output, of the operands, the filter's, and the count of a selection. */
export function* arithmeticOf(e: Einsum): Generator<Arithmetic> {
  yield* e.output.indices;
  for (const access of accessesOf(e)) yield* access.indices;
  if (e.filter !== undefined) yield* filterSides(e.filter);
  if (e.selection?.kind === 'rank') yield e.selection.count;
}
