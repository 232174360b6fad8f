import { type Diagnostic, failure, type Result, success } from '../diagnostic.ts';
import type { Span } from '../source.ts';
import type { Cascade } from './ast.ts';
import { type Facts, factsOf } from './facts.ts';
import type { Rule } from './rule.ts';
import { badFormat } from './rules/bad-format.ts';
import { badPlanes } from './rules/bad-planes.ts';
import { carriedIndex } from './rules/carried-index.ts';
import { dependencyCycle } from './rules/dependency-cycle.ts';
import { divisionByZero } from './rules/division-by-zero.ts';
import { duplicateName } from './rules/duplicate-name.ts';
import { filterVariable } from './rules/filter-variable.ts';
import { functionArity } from './rules/function-arity.ts';
import { indexOutOfRange } from './rules/index-out-of-range.ts';
import { initialValueForm } from './rules/initial-value-form.ts';
import { inputAssigned } from './rules/input-assigned.ts';
import { missingInitialValue } from './rules/missing-initial-value.ts';
import { missingRanks } from './rules/missing-ranks.ts';
import { nameCase } from './rules/name-case.ts';
import { noIdentity } from './rules/no-identity.ts';
import { noOutput } from './rules/no-output.ts';
import { notAffine } from './rules/not-affine.ts';
import { numberRange } from './rules/number-range.ts';
import { operatorArity } from './rules/operator-arity.ts';
import { outputIndexForm } from './rules/output-index-form.ts';
import { outputNeverProduced } from './rules/output-never-produced.ts';
import { producedTwice } from './rules/produced-twice.ts';
import { rankArity } from './rules/rank-arity.ts';
import { rankMismatch } from './rules/rank-mismatch.ts';
import { readBeforeProduced } from './rules/read-before-produced.ts';
import { reduceMismatch } from './rules/reduce-mismatch.ts';
import { reservedWord } from './rules/reserved-word.ts';
import { selectionForm } from './rules/selection-form.ts';
import { sizeCycle } from './rules/size-cycle.ts';
import { unknownFunction } from './rules/unknown-function.ts';
import { unknownInitial } from './rules/unknown-initial.ts';
import { unknownOperator } from './rules/unknown-operator.ts';
import { unknownParameter } from './rules/unknown-parameter.ts';
import { unknownRank } from './rules/unknown-rank.ts';
import { unknownTensor } from './rules/unknown-tensor.ts';
import { unknownVariable } from './rules/unknown-variable.ts';
import { unusedParameter } from './rules/unused-parameter.ts';
import { unusedRank } from './rules/unused-rank.ts';
import { unusedTensor } from './rules/unused-tensor.ts';

declare const checked: unique symbol;

/** A cascade that makes sense; only `checkCascade` makes one. */
export type CheckedCascade = Cascade & { readonly [checked]: true };

/**
 * In an order that leads to the clearest output: a statement in which a rule has found an error is
 * not looked at by the rules after it, since what they would find is most often a consequence.
 */
const errors: readonly Rule[] = Object.freeze([
  nameCase,
  reservedWord,
  duplicateName,
  badFormat,
  badPlanes,
  missingRanks,
  unknownRank,
  unknownParameter,
  unknownFunction,
  functionArity,
  sizeCycle,
  divisionByZero,
  numberRange,
  inputAssigned,
  unknownTensor,
  unknownVariable,
  unknownOperator,
  operatorArity,
  rankArity,
  initialValueForm,
  outputIndexForm,
  notAffine,
  unknownInitial,
  rankMismatch,
  filterVariable,
  noIdentity,
  selectionForm,
  reduceMismatch,
  producedTwice,
  noOutput,
  outputNeverProduced,
  missingInitialValue,
  carriedIndex,
  readBeforeProduced,
  dependencyCycle,
  indexOutOfRange,
]);

/** Only looked at in a cascade without errors. */
const warnings: readonly Rule[] = Object.freeze([unusedTensor, unusedRank, unusedParameter]);

/** More would not be read. */
const maxDiagnostics = 50;

/** Start and end of every statement, in order of the text. */
function statements(cascade: Cascade): readonly Span[] {
  const all = [...cascade.ranks, ...cascade.parameters, ...cascade.tensors, ...cascade.einsums];
  return all.map((s) => s.span).sort((a, b) => a.start - b.start);
}

function findErrors(facts: Facts): readonly Diagnostic[] {
  const places = statements(facts.cascade);
  const statementAt = (at: Span): Span | undefined => places.find((s) => s.start <= at.start && at.start < s.end);
  const found: Diagnostic[] = [];
  const blamed = new Set<Span>();
  for (const rule of errors) {
    const blamedNow = new Set<Span>();
    for (const mistake of rule(facts)) {
      const statement = mistake.span && statementAt(mistake.span);
      if (statement !== undefined && blamed.has(statement)) continue;
      if (statement !== undefined) blamedNow.add(statement);
      found.push(mistake);
      if (found.length >= maxDiagnostics) return found;
    }
    for (const statement of blamedNow) blamed.add(statement);
  }
  return found;
}

function findWarnings(facts: Facts): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const rule of warnings)
    for (const warning of rule(facts)) {
      found.push(warning);
      if (found.length >= maxDiagnostics) return found;
    }
  return found;
}

const inTextOrder = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] =>
  diagnostics.toSorted((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));

/** Looks for every mistake that can be found before sizes are known; each rule is a file of `rules/`. */
export function checkCascade(cascade: Cascade): Result<CheckedCascade> {
  const facts = factsOf(cascade);
  const found = findErrors(facts);
  if (found.length > 0) return failure(inTextOrder(found));
  return success(cascade as CheckedCascade, inTextOrder(findWarnings(facts)));
}
