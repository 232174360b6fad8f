import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { parseArithmetic } from '../einsum/arithmetic.ts';
import type { Arithmetic } from '../einsum/ast.ts';
import { createTokenCursor, type TokenCursor } from '../einsum/cursor.ts';
import { lex, type Token } from '../einsum/lex.ts';
import { position, type Source, type Span, spanning } from '../source.ts';
import type {
  Binding,
  ComputeNode,
  KeepNode,
  LoopNode,
  Mapping,
  MappingNode,
  MappingParameter,
  Schedule,
} from './mapping.ts';

/** What the lines of a mapping begin with. */
const words = ['mapping', 'cascade', 'param', 'sequence', 'pipeline', 'keep', 'for', 'compute'] as const;

type Named = { readonly name: string; readonly span: Span };

/**
 * Reads a mapping file: one statement a line, bodies by indentation. Reports every line that it cannot read and
 * goes on with the next.
 *
 * Errors: `syntax`, `too-large`, `too-deep`, `number-range`.
 */
export function parseMapping(source: Source): Result<Mapping> {
  const tokens = lex(source);
  if (!tokens.ok) return tokens;
  const cursor = createTokenCursor(tokens.value);
  const mapping = readMapping(cursor, source);
  if (mapping === undefined || cursor.diagnostics.length > 0) return failure(cursor.diagnostics);
  return success(mapping);
}

/** Moves to the first token of the next line that is not empty; its column is the line's indentation. */
function nextLine(cursor: TokenCursor): { readonly token: Token; readonly indent: number } | undefined {
  while (cursor.peek().kind === 'newline') cursor.next();
  const token = cursor.peek();
  if (token.kind === 'end') return undefined;
  return { token, indent: position(token.span.source, token.span.start).column };
}

function endLine(cursor: TokenCursor): boolean {
  const { kind } = cursor.peek();
  if (kind === 'newline' || kind === 'end') {
    cursor.next();
    return true;
  }
  cursor.fail('the end of the line');
  cursor.skipLine();
  return false;
}

function readMapping(cursor: TokenCursor, source: Source): Mapping | undefined {
  nextLine(cursor);
  cursor.expect('mapping');
  const name = cursor.expectKebabName('the name of the mapping');
  if (name === undefined) return undefined;
  endLine(cursor);
  const cascades: Named[] = [];
  const parameters: MappingParameter[] = [];
  let schedule: Schedule = { kind: 'sequence' };
  for (let line = nextLine(cursor); line !== undefined; line = nextLine(cursor)) {
    const { token } = line;
    if (cursor.at('cascade')) cascades.push(...readCascades(cursor));
    else if (cursor.at('param')) parameters.push(...readParameters(cursor));
    else if (cursor.at('sequence') || cursor.at('pipeline')) schedule = readSchedule(cursor);
    else break;
    if (cursor.peek() === token) cursor.next();
    endLine(cursor);
  }
  const nodes = readBody(cursor, 0, 0);
  if (nodes.length === 0 && cursor.diagnostics.length === 0)
    cursor.report(diagnostic('syntax', `mapping "${name.text}" has no body`, name.span));
  const nameSpan = { ...name.span, source };
  return { name: name.text, nameSpan, cascades, parameters, schedule, nodes };
}

function readCascades(cursor: TokenCursor): Named[] {
  cursor.next();
  const names: Named[] = [];
  do {
    const name = cursor.expectKebabName('the name of a cascade');
    if (name === undefined) break;
    names.push({ name: name.text, span: name.span });
  } while (cursor.accept(',') !== undefined);
  return names;
}

function readParameters(cursor: TokenCursor): MappingParameter[] {
  cursor.next();
  const parameters: MappingParameter[] = [];
  do {
    const name = cursor.expectName('the name of a parameter');
    if (name === undefined || cursor.expect('=') === undefined) break;
    const value = parseArithmetic(cursor);
    if (value === undefined) break;
    parameters.push({ name: name.text, value, span: spanning(name.span, value.span) });
  } while (cursor.accept(',') !== undefined);
  return parameters;
}

/** `sequence`, or `pipeline` with the number in flight (2 where none is given). */
function readSchedule(cursor: TokenCursor): Schedule {
  const word = cursor.next();
  if (word.text === 'sequence') return { kind: 'sequence' };
  const { kind, text } = cursor.peek();
  const bare = kind === 'newline' || kind === 'end' || text === 'across' || text === 'trailing';
  const inFlight = bare ? number(2, word.span) : parseArithmetic(cursor);
  return { kind: 'pipeline', inFlight: inFlight ?? number(2, word.span) };
}

const number = (value: number, span: Span): Arithmetic => ({ kind: 'number', value, span });

/** Reads the lines that are indented further than `outside`; the first of them sets the body's indentation. */
function readBody(cursor: TokenCursor, outside: number, depth: number): MappingNode[] {
  const nodes: MappingNode[] = [];
  let indent: number | undefined;
  for (let line = nextLine(cursor); line !== undefined && line.indent > outside; line = nextLine(cursor)) {
    indent ??= line.indent;
    if (line.indent !== indent) {
      const message = `this line is indented by ${line.indent - 1}, but its body by ${indent - 1}`;
      cursor.report(diagnostic('syntax', message, line.token.span));
    }
    nodes.push(...readNode(cursor, line.token, line.indent, depth));
  }
  return nodes;
}

function readNode(cursor: TokenCursor, first: Token, indent: number, depth: number): MappingNode[] {
  if (cursor.at('keep')) return finish(cursor, readKeep(cursor, first));
  if (cursor.at('compute')) return finish(cursor, readCompute(cursor, first));
  if (cursor.at('for')) return readLoops(cursor, first, indent, depth);
  const known = words.slice(5).map((w) => `"${w}"`);
  cursor.fail(`${known.slice(0, -1).join(', ')} or ${known.at(-1)!}`);
  cursor.skipLine();
  return [];
}

function finish(cursor: TokenCursor, node: MappingNode | undefined): MappingNode[] {
  if (node === undefined) {
    cursor.skipLine();
    return [];
  }
  return endLine(cursor) ? [node] : [];
}

function readNames(cursor: TokenCursor, what: string): Named[] | undefined {
  const names: Named[] = [];
  do {
    const name = cursor.expectName(what);
    if (name === undefined) return undefined;
    names.push({ name: name.text, span: name.span });
  } while (cursor.accept(',') !== undefined);
  return names;
}

function readKeep(cursor: TokenCursor, first: Token): KeepNode | undefined {
  cursor.next();
  const tensors = readNames(cursor, 'the name of a tensor');
  if (tensors === undefined || cursor.expect('in') === undefined) return undefined;
  const level = cursor.expectName('the name of a level');
  if (level === undefined) return undefined;
  const stages = cursor.accept('stages') === undefined ? number(1, level.span) : parseArithmetic(cursor);
  if (stages === undefined) return undefined;
  const span = spanning(first.span, stages.span);
  return { kind: 'keep', tensors, level: { name: level.text, span: level.span }, stages, span };
}

/** `for b, h, p by 256 across SM pipeline 2 trailing`: one loop a rank, nested; only the last may have a step. */
function readLoops(cursor: TokenCursor, first: Token, indent: number, depth: number): MappingNode[] {
  cursor.next();
  const variables = readNames(cursor, 'an index variable');
  const tile = variables === undefined ? undefined : cursor.accept('by') && parseArithmetic(cursor);
  if (
    variables === undefined ||
    (tile === undefined && cursor.diagnostics.length > 0 && cursor.peek().kind === 'end')
  ) {
    cursor.skipLine();
    return [];
  }
  const across = cursor.accept('across') && cursor.expectName('the name of a level');
  const schedule: Schedule =
    cursor.at('pipeline') || cursor.at('sequence') ? readSchedule(cursor) : { kind: 'sequence' };
  const trailing = cursor.accept('trailing') !== undefined;
  endLine(cursor);
  if (depth > 64) {
    cursor.report(diagnostic('too-deep', 'loops are nested more than 64 levels deep', first.span));
    return [];
  }
  const body = cursor.nested(() => readBody(cursor, indent, depth + 1)) ?? [];
  const last = variables.at(-1)!;
  const span = spanning(first.span, last.span);
  const node = (variable: Named, inner: readonly MappingNode[]): LoopNode => ({
    kind: 'loop',
    variable,
    tile: variable === last && tile !== undefined ? tile : number(1, variable.span),
    across: across === undefined ? undefined : { name: across.text, span: across.span },
    schedule,
    trailing: trailing && variable === variables[0],
    body: inner,
    span,
  });
  return variables.reduceRight<readonly MappingNode[]>((inner, v) => [node(v, inner)], body) as MappingNode[];
}

/** `compute SLN on FP32 (lanes p), exp on SFU (lanes p) ramp 1 trailing` */
function readCompute(cursor: TokenCursor, first: Token): ComputeNode | undefined {
  cursor.next();
  const einsum = cursor.expectName('the name of an Einsum');
  if (einsum === undefined) return undefined;
  const bindings: Binding[] = [];
  do {
    const binding = readBinding(cursor, bindings.length > 0);
    if (binding === undefined) return undefined;
    bindings.push(binding);
  } while (cursor.accept(',') !== undefined);
  const ramp = cursor.accept('ramp') === undefined ? number(0, einsum.span) : parseArithmetic(cursor);
  if (ramp === undefined) return undefined;
  const trailing = cursor.accept('trailing') !== undefined;
  const span = spanning(first.span, einsum.span);
  return { kind: 'compute', einsum: { name: einsum.text, span: einsum.span }, bindings, ramp, trailing, span };
}

function readBinding(cursor: TokenCursor, named: boolean): Binding | undefined {
  const operator = named ? cursor.expectName('the name of an operator') : undefined;
  if (named && operator === undefined) return undefined;
  if (cursor.expect('on') === undefined) return undefined;
  const unit = cursor.expectName('the name of a unit');
  if (unit === undefined) return undefined;
  const dimensions = cursor.at('(') ? readDimensions(cursor) : [];
  if (dimensions === undefined) return undefined;
  return {
    operator: operator === undefined ? undefined : { name: operator.text, span: operator.span },
    unit: { name: unit.text, span: unit.span },
    dimensions,
  };
}

function readDimensions(cursor: TokenCursor): Binding['dimensions'] | undefined {
  const open = cursor.next();
  const dimensions: Binding['dimensions'][number][] = [];
  do {
    const dimension = cursor.expectName('a dimension of the unit');
    const variable = dimension && cursor.expectName('the index variable that runs along it');
    if (dimension === undefined || variable === undefined) return undefined;
    dimensions.push({
      dimension: { name: dimension.text, span: dimension.span },
      variable: { name: variable.text, span: variable.span },
    });
  } while (cursor.accept(',') !== undefined);
  return cursor.expect(')', open) === undefined ? undefined : dimensions;
}
