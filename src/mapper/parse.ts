import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { parseArithmetic } from '../einsum/arithmetic.ts';
import { createTokenCursor, type TokenCursor } from '../einsum/cursor.ts';
import { lex } from '../einsum/lex.ts';
import { type Source, spanning } from '../source.ts';
import type { Mapping, MappingParameter, Schedule } from './mapping.ts';
import { readBody } from './parse-body.ts';
import { readNames, readSchedule } from './parse-node.ts';
import { endLine, isWord, moreThan, type Named, nextLine, type Reader } from './parse-reader.ts';

/** A text with more mistakes than this is no mapping; the rest of it is not read. */
const mostDiagnostics = 50;
/** Far more than any mapping has, and few enough for everything that looks at all pairs. */
const mostNodes = 1000;
const mostParameters = 200;

/**
 * Reads a mapping file: one statement a line, bodies by indentation. Reports every line that it cannot read and
 * goes on with the next.
 *
 * Errors: `syntax`, `reserved-word`, `too-large`, `too-deep`, `number-range`.
 */
export function parseMapping(source: Source): Result<Mapping> {
  const tokens = lex(source);
  if (!tokens.ok) return tokens;
  const cursor = createTokenCursor(tokens.value);
  const reader: Reader = { cursor, mostDiagnostics, mostNodes, nodes: 0 };
  const mapping = readMapping(reader, source);
  if (mapping === undefined || cursor.diagnostics.length > 0) return failure(cursor.diagnostics);
  return success(mapping);
}

function readMapping(reader: Reader, source: Source): Mapping | undefined {
  const { cursor } = reader;
  nextLine(reader);
  if (cursor.expect('mapping') === undefined) return undefined;
  const name = cursor.expectKebabName('the name of the mapping');
  if (name === undefined) return undefined;
  endLine(cursor);
  const cascades: Named[] = [];
  const parameters: MappingParameter[] = [];
  const ordered: Named[] = [];
  let schedule: Schedule = { kind: 'sequence' };
  for (let line = nextLine(reader); line !== undefined; line = nextLine(reader)) {
    if (cursor.at('cascade')) finishLine(cursor, readCascades(cursor, cascades));
    else if (cursor.at('param')) finishLine(cursor, readParameters(cursor, parameters));
    else if (cursor.at('ordered')) finishLine(cursor, readOrdered(cursor, ordered));
    else if (cursor.at('sequence') || cursor.at('pipeline')) {
      schedule = readSchedule(cursor);
      endLine(cursor);
    } else break;
  }
  if (parameters.length > mostParameters)
    cursor.report(moreThan(mostParameters, 'parameters', parameters[mostParameters]!.span));
  const nodes = readBody(reader, 0, 0);
  if (nodes.length === 0 && cursor.diagnostics.length === 0)
    cursor.report(diagnostic('syntax', `mapping "${name.text}" has no body`, name.span));
  return { name: name.text, nameSpan: { ...name.span, source }, cascades, parameters, schedule, ordered, nodes };
}

function finishLine(cursor: TokenCursor, read: boolean): void {
  if (read) endLine(cursor);
  else cursor.skipLine();
}

/** Reads names of cascades; false, with a diagnostic, where it cannot. */
function readCascades(cursor: TokenCursor, cascades: Named[]): boolean {
  cursor.next();
  do {
    const name = cursor.expectKebabName('the name of a cascade');
    if (name === undefined) return false;
    cascades.push({ name: name.text, span: name.span });
  } while (cursor.accept(',') !== undefined);
  return true;
}

/** Reads names of units; false, with a diagnostic, where it cannot. */
function readOrdered(cursor: TokenCursor, ordered: Named[]): boolean {
  cursor.next();
  const names = readNames(cursor, 'the name of a unit');
  if (names !== undefined) ordered.push(...names);
  return names !== undefined;
}

/** Reads `P1 = M / 2, P0 = 4`; false, with a diagnostic, where it cannot. */
function readParameters(cursor: TokenCursor, parameters: MappingParameter[]): boolean {
  cursor.next();
  do {
    const name = cursor.expectName('the name of a parameter');
    if (name === undefined) return false;
    if (isWord(name.text)) {
      const message = `"${name.text}" is a word of the language and cannot be a name`;
      cursor.report(diagnostic('reserved-word', message, name.span));
      return false;
    }
    if (cursor.expect('=') === undefined) return false;
    const value = parseArithmetic(cursor);
    if (value === undefined) return false;
    parameters.push({ name: name.text, value, span: spanning(name.span, value.span) });
  } while (cursor.accept(',') !== undefined);
  return true;
}
