import { diagnostic } from '../../diagnostic.ts';
import { parseArithmetic } from '../../einsum/arithmetic.ts';
import type { Arithmetic } from '../../einsum/ast.ts';
import type { TokenCursor } from '../../einsum/cursor.ts';
import { readNames } from '../../mapper/parse-node.ts';
import { type Span, spanning } from '../../source.ts';
import { type Choosable, choosable } from '../dataflow/dataflow.ts';
import type {
  Constraint,
  DataflowConstraint,
  NamedSpan,
  ScheduleConstraint,
  TileConstraint,
  UnitConstraint,
} from './constraints.ts';

/** What stands before what is said of it: `never keep`. */
export type Opening = { readonly word: string; readonly never: boolean; readonly span: Span };

/** The rest of a line; undefined, with a diagnostic, where it cannot be read. */
export function readLine(cursor: TokenCursor, { word, never, span }: Opening): Constraint | undefined {
  switch (word) {
    case 'fuse': {
      const einsums = readNames(cursor, 'the name of an Einsum');
      if (einsums === undefined) return undefined;
      return { kind: 'fuse', never, einsums, span: spanning(span, einsums.at(-1)!.span) };
    }
    case 'keep':
      return readKeep(cursor, never, span);
    case 'compute':
      return readCompute(cursor, never, span);
    case 'across':
      return readAcross(cursor, span);
    case 'schedule':
      return readSchedules(cursor, span);
    case 'dataflow':
      return readDataflow(cursor, span);
    default:
      return readLoops(cursor, { word, never, span });
  }
}

/** `loops`, `order`, `cut` and `tile`: lines on index variables. */
function readLoops(cursor: TokenCursor, { word, never, span: first }: Opening): Constraint | undefined {
  const variables = readNames(cursor, 'an index variable');
  if (variables === undefined) return undefined;
  const span = spanning(first, variables.at(-1)!.span);
  if (word === 'tile') return readTile(cursor, variables, span);
  const counted = word === 'cut' && !never && !isOver(cursor) && !cursor.at('with');
  const counts = counted ? readValues(cursor) : [];
  const scope = counts && readScope(cursor);
  if (counts === undefined || scope === undefined) return undefined;
  if (word === 'cut') return { kind: 'cut', never, variables, counts, scope, span };
  return { kind: word === 'order' ? 'order' : 'loops', variables, scope, span };
}

/** `across h, p`, `across none` */
function readAcross(cursor: TokenCursor, first: Span): Constraint | undefined {
  const none = cursor.accept('none');
  const variables = none === undefined ? readNames(cursor, 'an index variable, or "none"') : [];
  const scope = variables && readScope(cursor);
  if (variables === undefined || scope === undefined) return undefined;
  return { kind: 'across', variables, scope, span: spanning(first, none?.span ?? variables.at(-1)!.span) };
}

/** `by 64, 128`, `divisors`, `multiples 16`, `from 32`, `to 512`, each at most once, and at least one. */
function readTile(cursor: TokenCursor, variables: readonly NamedSpan[], span: Span): TileConstraint | undefined {
  const by = cursor.accept('by') === undefined ? [] : readValues(cursor);
  if (by === undefined) return undefined;
  const divisors = cursor.accept('divisors') !== undefined;
  const multiples = readAfter(cursor, 'multiples');
  const from = multiples && readAfter(cursor, 'from');
  const to = from && readAfter(cursor, 'to');
  if (multiples === undefined || from === undefined || to === undefined) return undefined;
  if (
    by.length === 0 &&
    !divisors &&
    multiples.value === undefined &&
    from.value === undefined &&
    to.value === undefined
  )
    return cursor.fail('"by", "divisors", "multiples", "from" or "to", in this order');
  const scope = readScope(cursor);
  if (scope === undefined) return undefined;
  return {
    kind: 'tile',
    variables,
    by,
    divisors,
    multiples: multiples.value,
    from: from.value,
    to: to.value,
    scope,
    span,
  };
}

/** `keep A, B in GlobalBuffer stages 1, 2` */
function readKeep(cursor: TokenCursor, never: boolean, first: Span): Constraint | undefined {
  const tensors = readNames(cursor, 'the name of a tensor');
  if (tensors === undefined || cursor.expect('in') === undefined) return undefined;
  const level = readName(cursor, 'the name of a level');
  if (level === undefined) return undefined;
  const stages = cursor.accept('stages') === undefined ? [] : readValues(cursor);
  if (stages === undefined) return undefined;
  return { kind: 'keep', never, tensors, level, stages, span: spanning(first, level.span) };
}

/** `compute QK, AV on Array2D (rows e), exp on SFU` */
function readCompute(cursor: TokenCursor, never: boolean, first: Span): Constraint | undefined {
  const einsums = readNames(cursor, 'the name of an Einsum');
  if (einsums === undefined) return undefined;
  const bindings: UnitConstraint[] = [];
  do {
    const binding = readUnit(cursor);
    if (binding === undefined) return undefined;
    bindings.push(binding);
  } while (cursor.accept(',') !== undefined);
  return { kind: 'compute', never, einsums, bindings, span: spanning(first, bindings.at(-1)!.unit.span) };
}

function readUnit(cursor: TokenCursor): UnitConstraint | undefined {
  const operator = cursor.at('on') ? undefined : readName(cursor, '"on" or the name of an operator');
  if (cursor.expect('on') === undefined) return undefined;
  const unit = readName(cursor, 'the name of a unit');
  if (unit === undefined) return undefined;
  const dimensions: UnitConstraint['dimensions'][number][] = [];
  const open = cursor.accept('(');
  if (open === undefined) return { operator, unit, dimensions };
  do {
    const dimension = readName(cursor, 'a dimension of the unit');
    const variable = dimension && readName(cursor, 'the index variable that runs along it, or "none"');
    if (dimension === undefined || variable === undefined) return undefined;
    dimensions.push({ dimension, variable: variable.name === 'none' ? undefined : variable });
  } while (cursor.accept(',') !== undefined);
  return cursor.expect(')', open) === undefined ? undefined : { operator, unit, dimensions };
}

/** `schedule sequence, pipeline 2 with QK` */
function readSchedules(cursor: TokenCursor, first: Span): ScheduleConstraint | undefined {
  const inFlight: ScheduleConstraint['inFlight'][number][] = [];
  let last = first;
  do {
    const sequence = cursor.accept('sequence');
    if (sequence === undefined && cursor.accept('pipeline') === undefined)
      return cursor.fail('"sequence" or "pipeline"');
    const one = sequence === undefined ? parseArithmetic(cursor) : 'sequence';
    if (one === undefined) return undefined;
    last = one === 'sequence' ? sequence!.span : one.span;
    inFlight.push(one);
  } while (cursor.accept(',') !== undefined);
  const scope = readScope(cursor);
  return scope && { kind: 'schedule', inFlight, scope, span: spanning(first, last) };
}

const choices = choosable.map((c) => `"${c}"`).join(', ');

/** `dataflow flash-attention-3 choose tiles, stages` */
function readDataflow(cursor: TokenCursor, first: Span): DataflowConstraint | undefined {
  const mapping = cursor.expectKebabName('the name of a mapping');
  if (mapping === undefined) return undefined;
  const choose: Choosable[] = [];
  if (cursor.accept('choose') !== undefined)
    do {
      const word = cursor.expectKebabName(choices);
      const choice = choosable.find((c) => c === word?.text);
      if (word === undefined) return undefined;
      if (choice === undefined)
        return cursor.report(diagnostic('syntax', `expected ${choices}, but found "${word.text}"`, word.span));
      choose.push(choice);
    } while (cursor.accept(',') !== undefined);
  const named = { name: mapping.text, span: mapping.span };
  return { kind: 'dataflow', mapping: named, choose, span: spanning(first, mapping.span) };
}

function readName(cursor: TokenCursor, what: string): NamedSpan | undefined {
  const name = cursor.expectName(what);
  return name && { name: name.text, span: name.span };
}

const isOver = (cursor: TokenCursor): boolean => cursor.peek().kind === 'newline' || cursor.peek().kind === 'end';

/** `with QK, AV`, or nothing. */
const readScope = (cursor: TokenCursor): readonly NamedSpan[] | undefined =>
  cursor.accept('with') === undefined ? [] : readNames(cursor, 'the name of an Einsum');

function readValues(cursor: TokenCursor): readonly Arithmetic[] | undefined {
  const values: Arithmetic[] = [];
  do {
    const value = parseArithmetic(cursor);
    if (value === undefined) return undefined;
    values.push(value);
  } while (cursor.accept(',') !== undefined);
  return values;
}

/** The value after a word, if the word is there; undefined if the value cannot be read. */
function readAfter(cursor: TokenCursor, word: string): { readonly value: Arithmetic | undefined } | undefined {
  if (cursor.accept(word) === undefined) return { value: undefined };
  const value = parseArithmetic(cursor);
  return value && { value };
}
