import { type Diagnostic, type DiagnosticCode, diagnostic } from '../diagnostic.ts';
import type { DocumentEntry, DocumentNode } from '../document.ts';
import type { Span } from '../source.ts';
import { baseUnit, isPlain, type Measure, sameDimension } from '../units.ts';
import type { AxisValues, Written } from './experiment.ts';
import { factorCount, fromInterval, risingByFactor, risingByStep, stepCount } from './interval.ts';
import { mostValues } from './limits.ts';
import { otherDimension, readQuantity, textOf } from './read-quantity.ts';

export type AxisContext = {
  /** Points are drawn: a range needs no steps. */
  readonly sampled: boolean;
  /** Whether the form of what stands there is wrong, which has been said. */
  readonly isBroken: (at: Span) => boolean;
  readonly diagnostics: Diagnostic[];
  /** Axes and values that may still come. */
  readonly room: { axes: number; values: number };
  /** Names of axes whose values are wrong, which has been said. */
  readonly unread: Set<string>;
};

type Entries = ReadonlyMap<string, DocumentEntry>;

/** An end of a range, as written and as a number. */
type End = { readonly node: DocumentNode; readonly measure: Measure };
type Ends = { readonly from: End; readonly to: End };

/** How a range goes on, with its value; a draw is from all between its ends. */
type Way = { readonly by: 'step' | 'factor' | 'count'; readonly node: DocumentNode } | { readonly by: 'draw' };

const ways = ['step', 'factor', 'count'] as const;

const mistake = (code: DiagnosticCode, message: string, at: Span, help?: string): Diagnostic =>
  diagnostic(code, message, at, { help });

/** Reads an axis from one value to another: by step, by factor, or so many, evenly or on a log scale. */
export function readRange(name: Written, entries: Entries, at: Span, context: AxisContext): AxisValues | undefined {
  const ends = readEnds(name, entries, at, context.diagnostics);
  if (ends === undefined) return undefined;
  const way = readWay(name, entries, at, context.sampled);
  const found = 'code' in way ? way : readValues(ends, way, entries, context);
  if (found === undefined || !('code' in found)) return found;
  context.diagnostics.push(found);
  return undefined;
}

function readEnds(name: Written, entries: Entries, at: Span, diagnostics: Diagnostic[]): Ends | undefined {
  const [from, to] = [entries.get('from')?.node, entries.get('to')?.node];
  if (from === undefined || to === undefined) {
    const missing = from === undefined && to === undefined ? '"values"' : from === undefined ? '"from"' : '"to"';
    const help = 'an axis has "values", or "from" and "to"';
    diagnostics.push(mistake('missing-field', `the axis "${name.text}" has no ${missing}`, at, help));
    return undefined;
  }
  const [first, last] = [readQuantity(from, diagnostics), readQuantity(to, diagnostics)];
  if (first === undefined || last === undefined) return undefined;
  if (!sameDimension(first.dimension, last.dimension))
    diagnostics.push(otherDimension(to, last.dimension, textOf(from), first.dimension));
  else if (first.value < last.value) return { from: { node: from, measure: first }, to: { node: to, measure: last } };
  else {
    const message = `"to" must be above "from" (${textOf(from)}), but is ${textOf(to)}`;
    diagnostics.push(mistake('bad-range', message, to.span));
  }
  return undefined;
}

function readWay(name: Written, entries: Entries, at: Span, sampled: boolean): Way | Diagnostic {
  const [by, other] = ways.filter((field) => entries.has(field));
  if (other !== undefined)
    return mistake('conflicting-fields', `an axis has a "${by}" or a "${other}", not both`, entries.get(other)!.key);
  if (by === undefined) {
    const message = `the axis "${name.text}" does not say which values there are between its ends`;
    if (!sampled) return mistake('missing-field', message, at, 'give it a "step", a "factor" or a "count"');
    return { by: 'draw' };
  }
  const spread = (['scale', 'whole'] as const).find((field) => entries.has(field));
  if (spread !== undefined && by !== 'count')
    return mistake('conflicting-fields', `"${spread}" goes with "count", not with "${by}"`, entries.get(spread)!.key);
  return { by, node: entries.get(by)!.node };
}

/** Undefined where the mistake has been told. */
function readValues(ends: Ends, way: Way, entries: Entries, context: AxisContext): AxisValues | Diagnostic | undefined {
  const [from, to] = [ends.from.measure.value, ends.to.measure.value];
  const { dimension } = ends.from.measure;
  const listed = (numbers: Float64Array): AxisValues => ({ kind: 'numbers', dimension, numbers, interval: undefined });
  if (way.by === 'step') {
    const step = readQuantity(way.node, context.diagnostics);
    if (step === undefined) return undefined;
    if (!sameDimension(step.dimension, dimension))
      return otherDimension(way.node, step.dimension, textOf(ends.from.node), dimension);
    if (step.value <= 0) return mistake('bad-range', `a step of ${textOf(way.node)} never arrives`, way.node.span);
    const count = stepCount(from, to, step.value);
    return beyond(count, 'step', way.node, context) ?? listed(risingByStep(from, to, step.value, count));
  }
  const log = way.by === 'factor' || textOf(entries.get('scale')?.node) === 'log';
  if (log && from <= 0) {
    const what = way.by === 'factor' ? 'factors begin' : 'a log scale begins';
    return mistake('bad-range', `${what} above 0, not at ${textOf(ends.from.node)}`, ends.from.node.span);
  }
  if (way.by === 'factor') {
    const factor = Number(textOf(way.node));
    if (!(factor > 1)) return mistake('bad-range', `a factor of ${textOf(way.node)} never arrives`, way.node.span);
    const count = factorCount(from, to, factor);
    return beyond(count, 'factor', way.node, context) ?? listed(risingByFactor(from, to, factor, count));
  }
  const asked = entries.get('whole')?.node;
  // Nothing has half a byte: a range from a whole number of bytes to another has whole ones unless it says otherwise.
  const isBytes = baseUnit(dimension) === 'B' && Number.isSafeInteger(from) && Number.isSafeInteger(to);
  const interval = {
    from,
    to,
    scale: log ? 'log' : 'linear',
    whole: asked === undefined ? isBytes : isTrue(asked),
  } as const;
  const wrong = interval.whole && asked !== undefined ? notWhole(ends, asked) : undefined;
  if (wrong !== undefined) return wrong;
  if (way.by === 'draw' || context.sampled)
    return { kind: 'numbers', dimension, numbers: new Float64Array(), interval };
  const count = Number(textOf(way.node));
  return beyond(count, 'count', way.node, context) ?? listed(fromInterval(interval, count));
}

const isTrue = (node: DocumentNode | undefined): boolean => node?.kind === 'scalar' && node.value === true;

/** Takes room for values; a mistake if there is none. */
function beyond(count: number, field: string, node: DocumentNode, { room }: AxisContext): Diagnostic | undefined {
  if (count < 2)
    return mistake('bad-range', `after a ${field} of ${textOf(node)} the axis is beyond its end`, node.span);
  room.values -= count;
  if (room.values >= 0) return undefined;
  const message = `with a ${field} of ${textOf(node)} this axis has ${count} values; all axes may have ${mostValues}`;
  return mistake('too-many-points', message, node.span);
}

/** Whole is what is counted: plain numbers, bytes, cycles. */
function notWhole({ from, to }: Ends, whole: DocumentNode): Diagnostic | undefined {
  const { dimension } = from.measure;
  const unit = baseUnit(dimension);
  if (!isPlain(dimension) && unit !== 'B' && unit !== 'cycle')
    return mistake(
      'wrong-dimension',
      `plain numbers, bytes and cycles can be whole, not numbers in ${unit}`,
      whole.span,
    );
  const end = [from, to].find(({ measure }) => !Number.isSafeInteger(measure.value));
  return end === undefined
    ? undefined
    : mistake('bad-range', `an axis of whole numbers has whole ends, but ${textOf(end.node)} is none`, end.node.span);
}
