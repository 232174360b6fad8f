import type { Diagnostic } from '../diagnostic.ts';
import type { SourceEinsum } from './cascade-builder.ts';
import { parseEinsum, parseIndex, type RawAccess, type RawIndex } from './einsum-text.ts';
import { at, entriesOf, itemsOf, type Ledger, type Place, problem } from './ledger.ts';

type Reading = { readonly ledger: Ledger; readonly diagnostics: Diagnostic[]; readonly derived: string[] };

/** What an Einsum computes at a point, and how points are joined. */
type Operators = { readonly map: string; readonly reduce: string };

const infix: Readonly<Record<string, string>> = { add: '+', sub: '-', mul: '*', div: '/' };
const reductions: Readonly<Record<string, string>> = { add: 'sum', sum: 'sum', max: 'max', min: 'min', mul: 'prod' };

/** An Einsum as text, as text with more about it, or as a list of accesses. */
export function readAccelforgeEinsum(place: Place, reading: Reading): SourceEinsum | undefined {
  if (place.node.kind === 'scalar') return fromText(place, place, reading);
  const text = at(place, 'einsum');
  return text === undefined ? fromAccesses(place, reading) : fromText(text, place, reading);
}

function fromText(text: Place, whole: Place, reading: Reading): SourceEinsum | undefined {
  const { ledger, diagnostics, derived } = reading;
  const written = text.node.kind === 'scalar' ? text.node.text : '';
  const read = parseEinsum(written);
  if ('message' in read) {
    const message = `this is no Einsum that can be read: ${read.message}`;
    diagnostics.push(problem('syntax', message, text, 'such as "Z[m, n] = A[m, k] * W[k, n]"'));
    return undefined;
  }
  const [only] = read.sum;
  if (only === undefined || read.sum.length > 1 || (only.call !== undefined && only.call !== 'copy')) {
    diagnostics.push(problem('syntax', 'an Einsum of AccelForge is a product of tensors, or a copy', text));
    return undefined;
  }
  ledger.take(text);
  const isCopy = only.call === 'copy' || takeTrue(at(whole, 'is_copy_operation'), ledger);
  const operators = readOperators(whole, reading);
  return einsumOf(read.output, only.factors, isCopy, operators, derived);
}

function takeTrue(place: Place | undefined, ledger: Ledger): boolean {
  const isTrue = place?.node.kind === 'scalar' && /^true$/i.test(place.node.text);
  if (isTrue) ledger.take(place);
  return isTrue;
}

function fromAccesses(place: Place, all: Reading): SourceEinsum | undefined {
  const { ledger, diagnostics, derived } = all;
  ledger.take(at(place, 'name'));
  const accesses = itemsOf(at(place, 'tensor_accesses')).map((access) => ({
    isOutput: takeTrue(at(access, 'output'), ledger),
    access: readAccess(access, all),
  }));
  const outputs = accesses.filter(({ isOutput }) => isOutput);
  const operands = accesses.filter(({ isOutput }) => !isOutput).map(({ access }) => access);
  if (outputs.length !== 1 || operands.length === 0) {
    const message = 'an Einsum reads tensors and writes one, which has "output: True"';
    const help = 'an Einsum as text stands in quotes: without them, ": " in it makes it a map';
    const list = at(place, 'tensor_accesses');
    diagnostics.push(problem('missing-field', message, list ?? place, list === undefined ? help : undefined));
    return undefined;
  }
  const isCopy = takeTrue(at(place, 'is_copy_operation'), ledger);
  return einsumOf(outputs[0]!.access, operands, isCopy, readOperators(place, all), derived);
}

/** A projection is a list of variables, or a map from ranks to indices. */
function readAccess(place: Place, { ledger, diagnostics }: Reading): RawAccess {
  const tensor = ledger.text(at(place, 'name')) ?? '';
  if (tensor === '') diagnostics.push(problem('missing-field', 'an access names its tensor', place));
  const projection = at(place, 'projection');
  const index = (value: Place, rank?: string): readonly RawIndex[] => {
    const text = value.node.kind === 'scalar' && typeof value.node.value === 'string' ? value.node.value : '';
    const terms = parseIndex(text);
    if (terms === undefined)
      diagnostics.push(problem('syntax', 'an index is a sum of variables, such as p + r', value));
    else ledger.take(value);
    return terms === undefined ? [] : [rank === undefined ? { terms } : { rank, terms }];
  };
  const indices = [
    ...itemsOf(projection).flatMap((item) => index(item)),
    ...entriesOf(projection).flatMap(([rank, value]) => index(value, rank)),
  ];
  return { tensor, indices };
}

/** Operators that the file names; undefined if it names none that we have. */
function readOperators(place: Place, { ledger, diagnostics }: Reading): Operators | undefined {
  const [map, reduce] = [at(place, 'map_op'), at(place, 'reduce_op')];
  if (map === undefined && reduce === undefined) return undefined;
  const name = (given: Place | undefined, usual: string): string =>
    given?.node.kind === 'scalar' ? given.node.text : usual;
  const operators = { map: name(map, 'mul'), reduce: name(reduce, 'add') };
  const known = (operators.map in infix || ['max', 'min'].includes(operators.map)) && operators.reduce in reductions;
  if (!known) {
    const pair = `maps with "${operators.map}" and reduces with "${operators.reduce}"`;
    const message = `an Einsum that ${pair} has no counterpart`;
    diagnostics.push(problem('unknown-operator', message, map ?? reduce ?? place));
    return undefined;
  }
  ledger.take(map);
  ledger.take(reduce);
  return operators;
}

function einsumOf(
  output: RawAccess,
  operands: readonly RawAccess[],
  isCopy: boolean,
  operators: Operators | undefined,
  derived: string[],
): SourceEinsum {
  const { map, reduce } = operators ?? { map: 'mul', reduce: 'add' };
  const right = (texts: readonly string[], reduced: readonly string[]): string => {
    const mapped = infix[map] === undefined ? calls(map, texts) : texts.join(` ${infix[map]} `);
    if (texts.length === 1 && reduced.length === 0 && !isCopy) {
      derived.push(`${output.tensor} is one operation an element, and the file does not say which: written as exp`);
      return `exp(${texts[0]})`;
    }
    return reduced.length > 0 && reductions[reduce] !== 'sum'
      ? `${reductions[reduce]}(${reduced.join(', ')}) ${mapped}`
      : mapped;
  };
  return { output, operands, right };
}

/** `max(max(A, B), C)`. */
const calls = (operator: string, texts: readonly string[]): string =>
  texts.reduce((inner, text) => `${operator}(${inner}, ${text})`);
