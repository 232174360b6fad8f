import { type Diagnostic, type DiagnosticCode, diagnostic } from '../diagnostic.ts';
import type { DocumentNode } from '../document.ts';
import { position } from '../source.ts';

/** A value of a document, and how one gets there: `arch.nodes[2].size`. */
export type Place = { readonly node: DocumentNode; readonly path: string };

/** What of a file has no counterpart, where it stands, and why. */
export type Untranslated = {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
  readonly value: string;
  readonly reason: string;
};

/** The value under a key; undefined if there is none, or if this is no map. */
export function at(place: Place | undefined, key: string): Place | undefined {
  const entry = place?.node.kind === 'map' ? place.node.entries.get(key) : undefined;
  return entry === undefined ? undefined : { node: entry.node, path: joined(place!.path, key) };
}

/** The first of some keys that is there. */
export const atAny = (place: Place | undefined, ...keys: readonly string[]): Place | undefined =>
  keys.map((key) => at(place, key)).find((found) => found !== undefined);

const joined = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

/** The items of a list; none if it is another value. */
export const itemsOf = (place: Place | undefined): readonly Place[] =>
  place?.node.kind === 'list' ? place.node.items.map((node, i) => ({ node, path: `${place.path}[${i}]` })) : [];

/** The values of a map with their keys; none if it is another value. */
export const entriesOf = (place: Place | undefined): readonly (readonly [string, Place])[] =>
  place?.node.kind === 'map'
    ? [...place.node.entries].map(([key, { node }]) => [key, { node, path: joined(place.path, key) }] as const)
    : [];

export const childrenOf = (place: Place): readonly Place[] => [
  ...entriesOf(place).map(([, child]) => child),
  ...itemsOf(place),
];

/** Says what is wrong at a place of the file. */
export const problem = (code: DiagnosticCode, message: string, place: Place, help?: string): Diagnostic =>
  diagnostic(code, message, place.node.span, { help });

/**
 * What has been read of a document. Every value is either taken, which means that what is written says it, or left with
 * a reason; what is neither is found in the end. So nothing is lost by forgetting it.
 */
export class Ledger {
  private readonly taken = new Set<DocumentNode>();
  private readonly left = new Map<DocumentNode, string>();

  /** All of the value is in what is written. */
  take(place: Place | undefined): void {
    if (place === undefined) return;
    this.taken.add(place.node);
    for (const child of childrenOf(place)) this.take(child);
  }

  /** The value has no counterpart. */
  leave(place: Place | undefined, reason: string): void {
    if (place !== undefined) this.left.set(place.node, reason);
  }

  /** Text, which is taken; undefined if there is none or it is something else. */
  text(place: Place | undefined): string | undefined {
    const value = place?.node.kind === 'scalar' ? place.node.value : undefined;
    if (typeof value !== 'string') return undefined;
    this.take(place);
    return value;
  }

  /** What is not taken, in the order of the file; a block of which nothing is read is one entry. */
  untranslated(root: Place, otherwise: (path: string) => string): readonly Untranslated[] {
    const found = this.childrenLeft(root, otherwise);
    return found.toSorted((a, b) => a.line - b.line || a.column - b.column);
  }

  private childrenLeft(place: Place, otherwise: (path: string) => string): readonly Untranslated[] {
    return childrenOf(place).flatMap((child) => this.leftAt(child, otherwise));
  }

  private leftAt(place: Place, otherwise: (path: string) => string): readonly Untranslated[] {
    const reason = this.left.get(place.node);
    if (reason !== undefined) return [untranslated(place, reason)];
    if (this.taken.has(place.node)) return [];
    if (!this.isTouched(place)) return [untranslated(place, isImpossible(place) ? impossible : otherwise(place.path))];
    return this.childrenLeft(place, otherwise);
  }

  private isTouched(place: Place): boolean {
    return this.taken.has(place.node) || this.left.has(place.node) || childrenOf(place).some((c) => this.isTouched(c));
  }
}

const impossible = 'no such amount is possible';

/** No number of these files may be negative. */
const isImpossible = ({ node }: Place): boolean =>
  node.kind === 'scalar' && typeof node.value === 'number' && !(node.value >= 0);

const mostShown = 60;

/** A value on one line, cut where it is long. */
function shown(node: DocumentNode): string {
  const { source, start, end } = node.span;
  const text = source.text.slice(start, end).replace(/\s+/g, ' ').trim();
  return text.length > mostShown ? `${text.slice(0, mostShown)}...` : text;
}

function untranslated({ node, path }: Place, reason: string): Untranslated {
  return { path, ...position(node.span.source, node.span.start), value: shown(node), reason };
}
