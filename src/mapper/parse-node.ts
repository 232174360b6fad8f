import { parseArithmetic } from '../einsum/arithmetic.ts';
import type { Arithmetic } from '../einsum/ast.ts';
import type { TokenCursor } from '../einsum/cursor.ts';
import { type Span, spanning } from '../source.ts';
import {
  type Binding,
  type ComputeNode,
  dispatches,
  type KeepNode,
  type Schedule,
  type Spill,
  type Spread,
} from './mapping.ts';
import type { Named } from './parse-reader.ts';

/** The line of a loop, or of several nested ones: `for b, h, p by 256 across SM pipeline 2 priority 1 lag 1 trailing`. */
export type LoopLine = {
  readonly variables: readonly [Named, ...Named[]];
  readonly tile: Arithmetic | undefined;
  readonly across: Spread | undefined;
  readonly schedule: Schedule;
  readonly priority: Arithmetic | undefined;
  readonly lag: Arithmetic;
  readonly trailing: boolean;
  readonly span: Span;
};

export const number = (value: number, span: Span): Arithmetic => ({ kind: 'number', value, span });

function readName(cursor: TokenCursor, what: string): Named | undefined {
  const name = cursor.expectName(what);
  return name === undefined ? undefined : { name: name.text, span: name.span };
}

export function readNames(cursor: TokenCursor, what: string): [Named, ...Named[]] | undefined {
  const first = readName(cursor, what);
  if (first === undefined) return undefined;
  const names: [Named, ...Named[]] = [first];
  while (cursor.accept(',') !== undefined) {
    const name = readName(cursor, what);
    if (name === undefined) return undefined;
    names.push(name);
  }
  return names;
}

/** Value after a word, if the word is there; `otherwise` if it is not; undefined if the value cannot be read. */
function readAfter(cursor: TokenCursor, word: string, otherwise: Arithmetic): Arithmetic | undefined {
  return cursor.accept(word) === undefined ? otherwise : parseArithmetic(cursor);
}

/** What may come on the line of a loop after its schedule. */
const afterSchedule = ['priority', 'lag', 'trailing'] as const;

/** `sequence`, or `pipeline` with the number in flight (2 where none is given). */
export function readSchedule(cursor: TokenCursor): Schedule {
  const word = cursor.next();
  if (word.text === 'sequence') return { kind: 'sequence' };
  const { kind } = cursor.peek();
  const bare = kind === 'newline' || kind === 'end' || afterSchedule.some((word) => cursor.at(word));
  const inFlight = bare ? undefined : parseArithmetic(cursor);
  return { kind: 'pipeline', inFlight: inFlight ?? number(2, word.span) };
}

/** `keep K, V in GlobalBuffer stages 2 spill 1/8 to DRAM if BUFFERED`, `keep SN, A in GlobalBuffer over QK`, `cache K, V in L2` */
export function readKeep(cursor: TokenCursor): KeepNode | undefined {
  const first = cursor.next();
  const cache = first.text === 'cache';
  const tensors = readNames(cursor, 'the name of a tensor');
  if (tensors === undefined || cursor.expect('in') === undefined) return undefined;
  const level = readName(cursor, 'the name of a level');
  if (level === undefined) return undefined;
  const one = number(1, level.span);
  // What lies over another tensor has the stages of that one.
  const lies = !cache && cursor.accept('over') !== undefined;
  const over = lies ? readName(cursor, 'the name of a tensor') : undefined;
  if (lies && over === undefined) return undefined;
  const stages = cache || lies ? one : readAfter(cursor, 'stages', one);
  if (stages === undefined) return undefined;
  const demand = !cache && !lies && cursor.accept('on') !== undefined;
  if (demand && cursor.expect('demand') === undefined) return undefined;
  const spills = !cache && cursor.accept('spill') !== undefined;
  const spill = spills ? readSpill(cursor) : undefined;
  if (spills && spill === undefined) return undefined;
  const condition = readAfter(cursor, 'if', one);
  if (condition === undefined) return undefined;
  const last = spill?.level.span ?? over?.span ?? stages.span;
  const span = spanning(first.span, last);
  return { kind: 'keep', cache, tensors, level, stages, demand, over, spill, condition, span };
}

/** What comes after `spill`: `1/129 to DRAM` */
function readSpill(cursor: TokenCursor): Spill | undefined {
  const share = parseArithmetic(cursor);
  if (share === undefined || cursor.expect('to') === undefined) return undefined;
  const level = readName(cursor, 'the name of a level');
  return level === undefined ? undefined : { share, level };
}

/** What comes after `across`: `SM longest persistent adding DQ` */
function readSpread(cursor: TokenCursor): Spread | undefined {
  const level = readName(cursor, 'the name of a level');
  if (level === undefined) return undefined;
  const dispatch = dispatches.find((word) => cursor.accept(word) !== undefined);
  const persistent = cursor.accept('persistent') !== undefined;
  const adding = cursor.accept('adding') === undefined ? [] : readNames(cursor, 'the name of a tensor');
  return adding === undefined ? undefined : { level, dispatch, persistent, adding };
}

export function readLoopLine(cursor: TokenCursor): LoopLine | undefined {
  const first = cursor.next();
  const variables = readNames(cursor, 'an index variable');
  if (variables === undefined) return undefined;
  const stepped = cursor.accept('by') !== undefined;
  const tile = stepped ? parseArithmetic(cursor) : undefined;
  if (stepped && tile === undefined) return undefined;
  const spread = cursor.accept('across') !== undefined;
  const across = spread ? readSpread(cursor) : undefined;
  if (spread && across === undefined) return undefined;
  const schedule: Schedule =
    cursor.at('pipeline') || cursor.at('sequence') ? readSchedule(cursor) : { kind: 'sequence' };
  const ranked = cursor.accept('priority') !== undefined;
  const priority = ranked ? parseArithmetic(cursor) : undefined;
  if (ranked && priority === undefined) return undefined;
  const span = spanning(first.span, variables.at(-1)!.span);
  const lag = readAfter(cursor, 'lag', number(0, span));
  if (lag === undefined) return undefined;
  const trailing = cursor.accept('trailing') !== undefined;
  return { variables, tile, across, schedule, priority, lag, trailing, span };
}

/** `compute SLN on FP32 (lanes p), exp on SFU (lanes p) ramp 1 lag 1 trailing` */
export function readCompute(cursor: TokenCursor): ComputeNode | undefined {
  const first = cursor.next();
  const einsum = readName(cursor, 'the name of an Einsum');
  if (einsum === undefined) return undefined;
  const bindings: Binding[] = [];
  do {
    const binding = readBinding(cursor, bindings.length > 0);
    if (binding === undefined) return undefined;
    bindings.push(binding);
  } while (cursor.accept(',') !== undefined);
  const ramp = readAfter(cursor, 'ramp', number(0, einsum.span));
  if (ramp === undefined) return undefined;
  const lag = readAfter(cursor, 'lag', number(0, einsum.span));
  if (lag === undefined) return undefined;
  const trailing = cursor.accept('trailing') !== undefined;
  return { kind: 'compute', einsum, bindings, ramp, lag, trailing, span: spanning(first.span, einsum.span) };
}

function readBinding(cursor: TokenCursor, named: boolean): Binding | undefined {
  const operator = named ? readName(cursor, 'the name of an operator') : undefined;
  if (named && operator === undefined) return undefined;
  if (cursor.expect('on') === undefined) return undefined;
  const unit = readName(cursor, 'the name of a unit');
  const dimensions = unit === undefined || !cursor.at('(') ? [] : readDimensions(cursor);
  if (unit === undefined || dimensions === undefined) return undefined;
  return { operator, unit, dimensions };
}

/** `(rows m0, columns k by 4, columns p)` */
function readDimensions(cursor: TokenCursor): Binding['dimensions'] | undefined {
  const open = cursor.next();
  const dimensions: Binding['dimensions'][number][] = [];
  do {
    const dimension = readName(cursor, 'a dimension of the unit');
    const variable = dimension && readName(cursor, 'the index variable that runs along it');
    if (dimension === undefined || variable === undefined) return undefined;
    const shared = cursor.accept('by') !== undefined;
    const lanes = shared ? parseArithmetic(cursor) : undefined;
    if (shared && lanes === undefined) return undefined;
    dimensions.push({ dimension, variable, lanes });
  } while (cursor.accept(',') !== undefined);
  return cursor.expect(')', open) === undefined ? undefined : dimensions;
}
