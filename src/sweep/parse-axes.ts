import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { DocumentEntry, DocumentNode } from '../document.ts';
import { sameDimension } from '../units.ts';
import { combinations } from './axis-tree.ts';
import type { AxisTree, AxisValues, Written } from './experiment.ts';
import { mostAxes } from './limits.ts';
import { type AxisContext, readRange } from './parse-range.ts';
import { otherDimension, readQuantity, textOf } from './read-quantity.ts';

type Entries = ReadonlyMap<string, DocumentEntry>;
type DocumentMap = DocumentNode & { readonly kind: 'map' };

/** Reads the axes of an experiment, whose form is right where it is not broken. */
export function readAxes(node: DocumentNode, context: AxisContext): AxisTree {
  return { kind: 'product', parts: readParts(node, context) };
}

const readParts = (node: DocumentNode, context: AxisContext): AxisTree[] =>
  node.kind === 'list' ? node.items.flatMap((item) => readTree(item, context) ?? []) : [];

function readTree(node: DocumentNode, context: AxisContext): AxisTree | undefined {
  if (node.kind !== 'map') return undefined;
  const zip = node.entries.get('zip');
  const product = node.entries.get('product');
  if (product !== undefined) return { kind: 'product', parts: readParts(product.node, context) };
  if (zip === undefined) return readAxis(node, context);
  const parts = readParts(zip.node, { ...context, sampled: false });
  checkLengths(parts, zip.node, context);
  return { kind: 'zip', parts };
}

function checkLengths(parts: readonly AxisTree[], zip: DocumentNode, { isBroken, diagnostics }: AxisContext): void {
  if (zip.kind !== 'list' || parts.length < zip.items.length || isBroken(zip.span)) return;
  const lengths = parts.map(combinations);
  const other = lengths.findIndex((length) => length !== lengths[0]);
  if (other < 0) return;
  const message = `what goes together must be equally long, but the first has ${lengths[0]} and the ${ordinal(other)} ${lengths[other]}`;
  diagnostics.push(diagnostic('unlike-lengths', message, zip.items[other]!.span));
}

const ordinal = (i: number): string => ['first', 'second', 'third'][i] ?? `${i + 1}th`;

function readAxis({ entries, span }: DocumentMap, context: AxisContext): AxisTree | undefined {
  if (context.room.axes-- === 0)
    context.diagnostics.push(diagnostic('too-large', `an experiment has at most ${mostAxes} axes`, span));
  if (context.room.axes < 0) return undefined;
  const node = entries.get('name')!.node;
  const name = { text: textOf(node), span: node.span };
  const list = entries.get('values');
  const values = context.isBroken(span)
    ? undefined
    : list === undefined
      ? readRange(name, entries, span, context)
      : readList(list, entries, context);
  if (values !== undefined) return { kind: 'axis', axis: { name, values } };
  context.unread.add(name.text);
  return undefined;
}

const rangeFields = ['from', 'to', 'step', 'factor', 'count', 'scale', 'whole'] as const;

function readList({ node }: DocumentEntry, entries: Entries, context: AxisContext): AxisValues | undefined {
  const { diagnostics } = context;
  const other = rangeFields.find((field) => entries.has(field));
  if (other !== undefined) {
    const message = `an axis has "values" or a range, but this one has "${other}" too`;
    diagnostics.push(diagnostic('conflicting-fields', message, entries.get(other)!.key));
    return undefined;
  }
  const items = node.kind === 'list' ? node.items : [];
  context.room.values -= items.length;
  const texts = items.flatMap((item) => (isText(item) ? [{ text: textOf(item), span: item.span }] : []));
  if (texts.length === items.length) return { kind: 'texts', texts };
  if (texts.length > 0) {
    diagnostics.push(mixed(texts[0]!));
    return undefined;
  }
  const measures = items.flatMap((item) => readQuantity(item, diagnostics) ?? []);
  const first = measures[0];
  if (first === undefined || measures.length < items.length) return undefined;
  measures.forEach(({ dimension }, i) => {
    if (!sameDimension(dimension, first.dimension))
      diagnostics.push(otherDimension(items[i]!, dimension, textOf(items[0]), first.dimension));
  });
  const numbers = Float64Array.from(measures, ({ value }) => value);
  return { kind: 'numbers', dimension: first.dimension, numbers, interval: undefined };
}

/** A number, and a text that begins as one ("64 KiB"), is a quantity; any other text is a name. */
const isText = (node: DocumentNode): boolean =>
  node.kind === 'scalar' && typeof node.value === 'string' && !/^\s*[-+.]?\d/.test(node.value);

const mixed = ({ text, span }: Written): Diagnostic =>
  diagnostic('wrong-type', `"${text}" is a text, but the axis has numbers`, span, {
    help: 'an axis has numbers of one unit, which begin with a digit, or texts',
  });
