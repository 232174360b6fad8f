import { type Diagnostic, diagnostic } from '../../diagnostic.ts';
import type { Einsum, Selection } from '../ast.ts';
import { carriedDimension } from '../carried.ts';
import { type Facts, outputVariables, reducedVariables, variablesIn } from '../facts.ts';
import type { Rule } from '../rule.ts';

/** A selection decides which points of its output exist: those of one fibre, or each by itself. */
export const selectionForm: Rule = function* (facts) {
  for (const einsum of facts.cascade.einsums) {
    const { selection } = einsum;
    if (selection === undefined) continue;
    const found =
      ofOutput(einsum, selection, facts) ?? (selection.kind === 'rank' ? ofRank(einsum, selection, facts) : undefined);
    if (found !== undefined) yield found;
  }
};

const mistake = (s: Selection, message: string, help: string, span = s.span): Diagnostic =>
  diagnostic('selection-form', message, span, { help });

function ofOutput(einsum: Einsum, s: Selection, facts: Facts): Diagnostic | undefined {
  const { output } = einsum;
  const lacking = [...reducedVariables(facts, einsum)];
  if (lacking.length > 0)
    return mistake(
      s,
      `"${s.word}" selects, but "${output.tensor}" lacks ${lacking.map((v) => `"${v}"`).join(', ')}, so this would be summed as well`,
      'make an Einsum of the sum, and select from that',
    );
  if (carriedDimension(output) === undefined) return undefined;
  return mistake(
    s,
    `"${output.tensor}" is carried from version to version, so its elements always exist and cannot be selected`,
    'carry the values, and select from them in an Einsum of its own',
  );
}

function ofRank(einsum: Einsum, s: Selection & { kind: 'rank' }, facts: Facts): Diagnostic | undefined {
  const { output } = einsum;
  const indices = outputVariables(facts, einsum);
  const { name, span } = s.variable;
  if (!indices.has(name))
    return mistake(
      s,
      `"${s.word}" selects along "${name}", by which "${output.tensor}" is not indexed`,
      `its variables: ${[...indices].join(', ')}`,
      span,
    );
  const others = [...variablesIn(facts, [s.count])];
  const foreign = others.find((v) => v === name || !indices.has(v));
  if (foreign !== undefined)
    return mistake(
      s,
      foreign === name
        ? `how many are kept along "${name}" cannot depend on "${name}"`
        : `how many are kept depends on "${foreign}", by which "${output.tensor}" is not indexed`,
      'a count is arithmetic over sizes and at most one other index variable of the output',
      s.count.span,
    );
  if (others.length < 2) return undefined;
  return mistake(
    s,
    `how many are kept depends on ${others.map((v) => `"${v}"`).join(' and ')}`,
    'a count may depend on one index variable',
    s.count.span,
  );
}
