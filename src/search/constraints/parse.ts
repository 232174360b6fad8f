import { type Diagnostic, diagnostic, failure, type Result, success } from '../../diagnostic.ts';
import { didYouMean } from '../../did-you-mean.ts';
import { createTokenCursor, type TokenCursor } from '../../einsum/cursor.ts';
import { lex } from '../../einsum/lex.ts';
import { type Source, type Span, span, spanning } from '../../source.ts';
import type { Constraint, Constraints } from './constraints.ts';
import { type Opening, readLine } from './parse-line.ts';

/** A text with more mistakes than this is not read to its end. */
const mostDiagnostics = 50;
/** Far more than anybody writes, and few enough to ask each of them at every step of a search. */
const mostLines = 200;
const mostNames = 1000;

const negatable = ['fuse', 'cut', 'keep', 'compute'];
const statements = ['anything', 'never', 'loops', 'order', 'across', 'tile', 'schedule', 'dataflow', ...negatable];

/**
 * Reads a constraints file: one line each, in any order; every nest of the space obeys them all.
 *
 * Errors: `syntax`, `too-large`, `too-deep`, `number-range`.
 */
export function parseConstraints(source: Source): Result<Constraints> {
  const tokens = lex(source);
  if (!tokens.ok) return tokens;
  const names = tokens.value.filter((t) => t.kind === 'name');
  if (names.length > mostNames)
    return failure([diagnostic('too-large', `constraints have at most ${mostNames} words`, names[mostNames]!.span)]);
  const cursor = createTokenCursor(tokens.value);
  const lines: Constraint[] = [];
  let any: Span | undefined;
  let read = 0;
  while (cursor.diagnostics.length < mostDiagnostics) {
    while (cursor.peek().kind === 'newline') cursor.next();
    if (cursor.peek().kind === 'end') break;
    if (read++ === mostLines) {
      cursor.report(diagnostic('too-large', `constraints have at most ${mostLines} lines`, cursor.peek().span));
      break;
    }
    if (cursor.at('anything')) any = readAnything(cursor) ?? any;
    else {
      const line = readConstraint(cursor);
      if (line === undefined) cursor.skipLine();
      else if (endLine(cursor, line)) lines.push(line);
    }
  }
  if (cursor.diagnostics.length > 0) return failure(cursor.diagnostics);
  const misfit = any === undefined ? nothingSaid(source, lines) : alone(any, lines);
  return misfit === undefined ? success(lines) : failure([misfit]);
}

function nothingSaid(source: Source, lines: Constraints): Diagnostic | undefined {
  if (lines.length > 0) return undefined;
  const help = 'write "anything goes" if nothing is to be constrained';
  return diagnostic('syntax', `"${source.name}" has no line`, span(source, 0, 0), { help });
}

function alone(any: Span, lines: Constraints): Diagnostic | undefined {
  if (lines.length === 0) return undefined;
  return diagnostic('syntax', '"anything goes" stands alone: here something does not', any, {
    related: [{ span: lines[0]!.span, message: 'this constrains mappings' }],
    help: 'leave it out',
  });
}

/** `anything goes`: no constraints. */
function readAnything(cursor: TokenCursor): Span | undefined {
  const first = cursor.next();
  const goes = cursor.expect('goes');
  if (goes === undefined) cursor.skipLine();
  return goes && spanning(first.span, goes.span);
}

function readConstraint(cursor: TokenCursor): Constraint | undefined {
  const first = cursor.peek().span;
  const never = cursor.accept('never') !== undefined;
  const words = never ? negatable : statements;
  const word = words.find((w) => cursor.at(w));
  if (word === undefined) {
    const what = never ? `one of ${words.map((w) => `"${w}"`).join(', ')} after "never"` : 'a constraint';
    return cursor.fail(what, didYouMean(cursor.peek().text, words) ?? `a line begins with ${words.join(', ')}`);
  }
  cursor.next();
  const opening: Opening = { word, never, span: first };
  return readLine(cursor, opening);
}

/** Takes the end of the line, or reports what is there instead and skips it. */
function endLine(cursor: TokenCursor, { kind }: Constraint): boolean {
  const next = cursor.peek().kind;
  if (next === 'newline' || next === 'end') return true;
  const help = cursor.at('with')
    ? `"${kind}" is not about nests, and says itself which Einsums or tensors it means`
    : kind === 'tile'
      ? 'the order is "tile m by 64, 128 divisors multiples 16 from 32 to 512 with Z", each of which may be left out'
      : undefined;
  if (cursor.diagnostics.at(-1)?.span?.start !== cursor.peek().span.start) cursor.fail('the end of the line', help);
  cursor.skipLine();
  return false;
}
