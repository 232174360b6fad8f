import { diagnostic } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import { dispatches, type LoopNode, lateKeep, type MappingNode } from './mapping.ts';
import { type LoopLine, number, readCompute, readKeep, readLoopLine } from './parse-node.ts';
import { endLine, type Line, moreThan, nextLine, type Reader } from './parse-reader.ts';

const deepest = 64;
const statements = ['keep', 'cache', 'for', 'compute'];

/** Reads the lines that are indented further than `outside`; the first of them sets the body's indentation. */
export function readBody(reader: Reader, outside: number, depth: number): readonly MappingNode[] {
  const nodes: MappingNode[] = [];
  let indent: number | undefined;
  for (let line = nextLine(reader); line !== undefined && line.indent > outside; line = nextLine(reader)) {
    indent ??= line.indent;
    if (line.indent !== indent) {
      const message = `this line is indented by ${line.indent - 1}, but its body by ${indent - 1}`;
      reader.cursor.report(diagnostic('syntax', message, line.token.span));
    }
    const read = readNode(reader, line, depth);
    if (read[0]?.kind === 'keep' && nodes.some(({ kind }) => kind !== 'keep'))
      reader.cursor.report(diagnostic('late-keep', lateKeep, read[0].span));
    nodes.push(...read);
  }
  return nodes;
}

function readNode(reader: Reader, line: Line, depth: number): readonly MappingNode[] {
  const { cursor } = reader;
  if (!statements.some((word) => cursor.at(word))) {
    cursor.fail('"keep", "cache", "for" or "compute"', helpFor(line));
    cursor.skipLine();
    skipBody(reader, line.indent);
    return [];
  }
  if (cursor.at('for')) return readLoops(reader, line, depth);
  const node = cursor.at('compute') ? readCompute(cursor) : readKeep(cursor);
  count(reader, node === undefined ? 1 : node.kind === 'keep' ? node.tensors.length : node.bindings.length, line);
  if (node !== undefined) return endLine(cursor, helpForKeep(node, cursor.peek().text)) ? [node] : [];
  cursor.skipLine();
  return [];
}

/** Counts what a line holds, and reports the first line that holds too much. */
function count(reader: Reader, nodes: number, line: Line): void {
  const before = reader.nodes;
  reader.nodes += nodes;
  if (before <= reader.mostNodes && reader.nodes > reader.mostNodes)
    reader.cursor.report(moreThan(reader.mostNodes, 'loops, keeps and computes', line.token.span));
}

function helpFor({ token }: Line): string | undefined {
  const early = ['cascade', 'param', 'ordered', 'sequence', 'pipeline'];
  if (early.includes(token.text)) return `"${token.text}" comes before the first keep, for or compute`;
  return didYouMean(token.text, statements);
}

/** What is left of a line stands in the wrong order, or twice, if it begins with a word of keeps. */
function helpForKeep(node: MappingNode, word: string): string | undefined {
  if (node.kind !== 'keep' || node.cache || !['stages', 'on', 'over', 'spill', 'if'].includes(word)) return undefined;
  return 'the order is "keep QK in L1 stages 2 spill 1/8 to L2 if A", or "keep SN in L1 over QK spill 1/8 to L2 if A"';
}

function helpForDispatch(word: string): string | undefined {
  const known = ['persistent', 'adding', ...dispatches].includes(word);
  return known
    ? `how steps are given out is said after the level, as in "across SM static persistent adding Z"`
    : undefined;
}

/** A loop a rank, nested. What is under a line that cannot be read is read too, for its mistakes. */
function readLoops(reader: Reader, line: Line, depth: number): readonly MappingNode[] {
  const { cursor } = reader;
  const read = readLoopLine(cursor);
  if (read === undefined) cursor.skipLine();
  else endLine(cursor, helpForDispatch(cursor.peek().text));
  const deeper = depth + (read?.variables.length ?? 1);
  if (deeper > deepest) {
    cursor.report(diagnostic('too-deep', `loops are nested more than ${deepest} levels deep`, line.token.span));
    skipBody(reader, line.indent);
    return [];
  }
  count(reader, read?.variables.length ?? 1, line);
  const body = readBody(reader, line.indent, deeper);
  return read === undefined ? [] : [nest(read, body)];
}

function skipBody(reader: Reader, outside: number): void {
  for (let line = nextLine(reader); line !== undefined && line.indent > outside; line = nextLine(reader))
    reader.cursor.skipLine();
}

/** The step, how it is given out and what is added belong to the innermost of the loops of a line, `trailing` to the outermost. */
function nest(line: LoopLine, body: readonly MappingNode[]): LoopNode {
  const { variables, tile, across, schedule, priority, lag, trailing, span } = line;
  const [first, ...rest] = variables;
  const innermost = rest.length === 0;
  return {
    kind: 'loop',
    variable: first,
    tile: innermost && tile !== undefined ? tile : number(1, first.span),
    across: innermost ? across : across && { level: across.level, dispatch: undefined, persistent: false, adding: [] },
    schedule,
    priority,
    lag,
    trailing,
    body: isNotEmpty(rest) ? [nest({ ...line, variables: rest, lag: number(0, span), trailing: false }, body)] : body,
    span,
  };
}

const isNotEmpty = <T>(list: readonly T[]): list is readonly [T, ...T[]] => list.length > 0;
