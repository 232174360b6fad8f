import { isAlias, isMap, isPair, isScalar, isSeq, Lexer, type Node, Parser, parseDocument } from 'yaml';
import { type Diagnostic, diagnostic, failure, type Result, success } from './diagnostic.ts';
import { type Source, type Span, span } from './source.ts';

/** What a YAML or JSON text says, with the place of every node. */
export type DocumentNode =
  | {
      readonly kind: 'scalar';
      readonly value: string | number | boolean | null;
      /** As written, without quotes. */
      readonly text: string;
      readonly span: Span;
    }
  | {
      readonly kind: 'map';
      readonly entries: ReadonlyMap<string, DocumentEntry>;
      /** Such as "!Memory"; only where tags are kept. */
      readonly tag?: string;
      readonly span: Span;
    }
  | { readonly kind: 'list'; readonly items: readonly DocumentNode[]; readonly tag?: string; readonly span: Span };

export type DocumentEntry = { readonly key: Span; readonly node: DocumentNode };

/** `tags: 'kept'`: tags of the file's own on maps and lists ("!Memory"), which some formats say kinds of blocks with. */
export type DocumentOptions = { readonly tags?: 'kept' };

const maxCharacters = 1 << 20;
const maxTokens = 200_000;
const maxDepth = 50;

/**
 * Reads one YAML document (JSON is a subset) as plain data. Refused, because a spec needs none of them and each is a
 * way to surprise a reader or to exhaust memory: anchors and aliases, tags, several documents, repeated keys, keys that
 * are not text, keys that name parts of a JavaScript object.
 */
export function readDocument(source: Source, options: DocumentOptions = {}): Result<DocumentNode> {
  const tooBig = checkExtent(source);
  if (tooBig !== undefined) return failure([tooBig]);
  const document = parseDocument(source.text, { schema: 'core', uniqueKeys: false, prettyErrors: false });
  const found = [...document.errors, ...document.warnings].filter(
    ({ code, message }) => !(options.tags === 'kept' && code === 'TAG_RESOLVE_FAILED' && unresolvedTag.test(message)),
  );
  const diagnostics = found.map(({ code, message, pos }) => {
    const at = span(source, pos[0], Math.max(pos[1], pos[0] + 1));
    if (code === 'MULTIPLE_DOCS')
      return diagnostic('unsupported-yaml', 'the file has several documents; a spec is one', at);
    if (code === 'TAG_RESOLVE_FAILED') return diagnostic('unsupported-yaml', 'a tag ("!...") is not allowed', at);
    return diagnostic('syntax', `the ${language(source)} is broken here: ${firstSentence(message)}`, at);
  });
  if (diagnostics.length > 0) return failure(diagnostics.slice(0, 20));
  if (document.contents === null) return failure([diagnostic('syntax', 'the file is empty', span(source, 0, 0))]);
  const root = convert(document.contents as Node, { source, diagnostics, options });
  return diagnostics.length > 0 ? failure(diagnostics) : success(root);
}

/** What the parser says of a tag of the file's own, which it reads as if it were not there. */
const unresolvedTag = /^Unresolved tag: ![A-Za-z]\w*$/;

const language = (source: Source): string => (source.name.endsWith('.json') ? 'JSON' : 'YAML');
const firstSentence = (message: string): string => message.split('\n')[0]!.replace(/[:\s]+$/, '');

/** Checks size and depth token by token, before anything recursive sees the text. */
function checkExtent(source: Source): Diagnostic | undefined {
  const size = source.text.length;
  if (size > maxCharacters)
    return diagnostic(
      'too-large',
      `the file has ${size} characters; the limit is ${maxCharacters}`,
      span(source, 0, 0),
    );
  const parser = new Parser();
  let count = 0;
  for (const token of new Lexer().lex(source.text)) {
    const { offset } = parser;
    if (++count > maxTokens)
      return diagnostic('too-large', `the file has more than ${maxTokens} tokens`, span(source, offset, offset));
    for (const _ of parser.next(token));
    if (parser.stack.length > maxDepth) {
      const at = span(source, offset, offset + 1);
      return diagnostic('too-deep', `values are nested more than ${maxDepth} levels deep`, at);
    }
  }
  return undefined;
}

type Conversion = {
  readonly source: Source;
  readonly diagnostics: Diagnostic[];
  readonly options: DocumentOptions;
};

/** `missingAt` is the place of a value that is not there (`levels:` and nothing after it). */
function convert(node: Node | null, conversion: Conversion, missingAt = 0): DocumentNode {
  const { source, diagnostics, options } = conversion;
  const [start, end] = node?.range ?? [missingAt, missingAt];
  const at = span(source, start, end);
  const refuse = (what: string): void => {
    const message = `${what} is not allowed; write the value out`;
    // A text that uses them at all uses them often: one of each kind is enough to say so.
    if (!diagnostics.some((d) => d.message === message)) diagnostics.push(diagnostic('unsupported-yaml', message, at));
  };
  if (isAlias(node)) refuse('an alias ("*...")');
  else if (node !== null && 'anchor' in node && node.anchor !== undefined) refuse('an anchor ("&...")');
  const isKept = options.tags === 'kept' && (isMap(node) || isSeq(node)) && /^![A-Za-z]\w*$/.test(node.tag ?? '');
  if (node?.tag !== undefined && !isKept) refuse('a tag ("!...")');
  const tag = isKept && node?.tag !== undefined ? { tag: node.tag } : {};
  if (isMap(node)) return { kind: 'map', entries: convertEntries(node.items, conversion), ...tag, span: at };
  if (isSeq(node))
    return { kind: 'list', items: node.items.map((item) => convert(item as Node, conversion)), ...tag, span: at };
  const value = isScalar(node) ? node.value : null;
  const written = isScalar(node) && typeof value === 'number' ? node.source : undefined;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return { kind: 'scalar', value, text: written ?? String(value), span: at };
  return { kind: 'scalar', value: null, text: '', span: at };
}

const unsafeKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

function convertEntries(items: readonly unknown[], conversion: Conversion): ReadonlyMap<string, DocumentEntry> {
  const { source, diagnostics } = conversion;
  const entries = new Map<string, DocumentEntry>();
  for (const pair of items) {
    if (!isPair(pair)) continue;
    const keyNode = pair.key as Node;
    const [start, end] = keyNode.range ?? [0, 0];
    const key = span(source, start, end);
    const node = convert(pair.value as Node | null, conversion, end);
    if (!isScalar(keyNode) || typeof keyNode.value !== 'string') {
      diagnostics.push(diagnostic('wrong-type', 'a key must be text', key));
      continue;
    }
    const name = keyNode.value;
    const first = entries.get(name);
    if (unsafeKeys.has(name)) diagnostics.push(diagnostic('unsafe-key', `"${name}" is not allowed as a key`, key));
    else if (first !== undefined)
      diagnostics.push(
        diagnostic('duplicate-key', `"${name}" is given twice`, key, {
          related: [{ span: first.key, message: 'first given here' }],
        }),
      );
    else entries.set(name, { key, node });
  }
  return entries;
}
