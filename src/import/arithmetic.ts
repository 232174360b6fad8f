import { readExpression } from '../arch/expression.ts';
import { isPlain, type Measure, noDimension } from '../units.ts';
import { entriesOf, type Ledger, type Place } from './ledger.ts';

/** Names that expressions of a file may use, with their values. */
export type Variables = ReadonlyMap<string, number>;

const infinite: ReadonlySet<string> = new Set(['inf', '.inf', 'infinity', "float('inf')"]);

/**
 * The amount that a value says: as such, or as arithmetic over names that are known. Undefined if it says none, or a
 * negative one; nothing of the text is ever executed.
 */
export async function numberAt(place: Place | undefined, variables: Variables): Promise<number | undefined> {
  const value = place?.node.kind === 'scalar' ? place.node.value : undefined;
  const number = typeof value === 'string' ? await evaluateText(value, variables) : value;
  return typeof number === 'number' && number >= 0 ? number : undefined;
}

/** The same where infinity says nothing. */
export async function finiteAt(place: Place | undefined, variables: Variables): Promise<number | undefined> {
  const number = await numberAt(place, variables);
  return number === Number.POSITIVE_INFINITY ? undefined : number;
}

/** The number that an expression has; undefined if it cannot be told. Powers are written "**" or "^". */
export async function evaluateText(text: string, variables: Variables): Promise<number | undefined> {
  const written = text.trim().replaceAll('**', '^');
  if (infinite.has(written.toLowerCase())) return Number.POSITIVE_INFINITY;
  const symbols = new Map<string, Measure>(
    [...variables].map(([name, value]) => [name, { value, dimension: noDimension }] as const),
  );
  const read = await readExpression(written, symbols);
  return read.ok && isPlain(read.value.dimension) && Number.isFinite(read.value.value) ? read.value.value : undefined;
}

/** The numbers of a block of names, which those below may use; those that the file uses somewhere are taken. */
export async function readVariables(block: Place | undefined, ledger: Ledger): Promise<Variables> {
  const variables = new Map<string, number>();
  for (const [name, place] of entriesOf(block)) {
    const value = await numberAt(place, variables);
    if (value === undefined || !/^[A-Za-z_]\w*$/.test(name)) continue;
    variables.set(name, value);
    const uses = place.node.span.source.text.match(new RegExp(`\\b${name}\\b`, 'g')) ?? [];
    if (uses.length > 1) ledger.take(place);
  }
  return variables;
}

/** Without the last digits, which are noise where a number has been multiplied. */
export const tidy = (value: number): number => Number(value.toPrecision(12));
