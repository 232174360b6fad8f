import { type Diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import { at, atAny, itemsOf, type Ledger, type Place, problem } from './ledger.ts';
import { Names, parameterShape, rankShape, tensorShape } from './names.ts';
import {
  accessText,
  type CascadeDraft,
  type CascadeRank,
  type CascadeTensor,
  type IndexTerm,
  reachOf,
} from './write-cascade.ts';

type Reading = {
  readonly ledger: Ledger;
  readonly diagnostics: Diagnostic[];
  /** As the file names them. */
  readonly dimensions: ReadonlySet<string>;
  readonly ranks: Names;
  readonly parameters: Names;
  /** Ranks of tensors that an index of several variables reaches, by its text. */
  readonly reached: Map<string, CascadeRank>;
};

type DataSpace = { readonly tensor: CascadeTensor; readonly access: string };

const wholeNumber = (place: Place | undefined): number | undefined =>
  place?.node.kind === 'scalar' && typeof place.node.value === 'number' && Number.isSafeInteger(place.node.value)
    ? place.node.value
    : undefined;

const scalarText = (place: Place | undefined): string | undefined =>
  place?.node.kind === 'scalar' && place.node.value !== null ? place.node.text : undefined;

/** The problem of a file as one Einsum, if it has one. Errors: `missing-field`, `wrong-type`. */
export function readProblem(
  root: Place,
  ledger: Ledger,
  format: string,
): Result<Omit<CascadeDraft, 'name'> | undefined> {
  const whole = at(root, 'problem');
  if (whole === undefined) return success(undefined);
  const shape = at(whole, 'shape');
  const spaces = atAny(shape, 'data-spaces', 'data_spaces');
  if (shape?.node.kind !== 'map' || spaces === undefined) {
    const help = 'write out "shape" with "dimensions" and "data_spaces": a shape by name is in a file of Timeloop';
    return failure([problem('missing-field', 'the problem does not say its dimensions and data spaces', whole, help)]);
  }
  ledger.take(at(whole, 'version'));
  ledger.take(at(shape, 'name'));
  const reading: Reading = {
    ledger,
    diagnostics: [],
    dimensions: new Set(itemsOf(at(shape, 'dimensions')).flatMap((place) => scalarText(place) ?? [])),
    ranks: new Names(rankShape),
    parameters: new Names(parameterShape),
    reached: new Map(),
  };
  const instance = at(whole, 'instance') ?? whole;
  const ranks = readDimensions(shape, instance, reading);
  const parameters = readCoefficients(shape, instance, reading);
  const tensors = readDataSpaces(itemsOf(spaces), reading, format);
  const [output, ...others] = tensors.filter(({ tensor }) => tensor.role === 'output');
  if (output === undefined || others.length > 0)
    reading.diagnostics.push(problem('no-output', 'one data space must be read and written', spaces));
  if (reading.diagnostics.length > 0 || output === undefined) return failure(reading.diagnostics);
  const operands = tensors.filter(({ tensor }) => tensor.role === 'input').map(({ access }) => access);
  return success({
    ranks: [...ranks, ...reading.reached.values()],
    parameters,
    tensors: tensors.map(({ tensor }) => tensor),
    einsums: [`${output.access} = ${operands.join(' * ')}`],
  });
}

function readDimensions(
  shape: Place,
  instance: Place,
  { ledger, ranks, diagnostics }: Reading,
): readonly CascadeRank[] {
  return itemsOf(at(shape, 'dimensions')).flatMap((place) => {
    const name = scalarText(place);
    if (name === undefined) {
      diagnostics.push(problem('wrong-type', 'a dimension is a name', place));
      return [];
    }
    ledger.take(place);
    const given = at(instance, name);
    const size = wholeNumber(given);
    if (size === undefined || size < 1) return [{ name: ranks.of(name) }];
    ledger.take(given);
    return [{ name: ranks.of(name), size }];
  });
}

/** Strides and dilations: parameters of the cascade. */
function readCoefficients(shape: Place, instance: Place, { ledger, parameters }: Reading): CascadeDraft['parameters'] {
  return itemsOf(at(shape, 'coefficients')).flatMap((place) => {
    const name = scalarText(at(place, 'name'));
    if (name === undefined) return [];
    ledger.take(at(place, 'name'));
    const [given, usual] = [at(instance, name), at(place, 'default')];
    const value = wholeNumber(given) ?? wholeNumber(usual);
    if (wholeNumber(given) === undefined) ledger.take(usual);
    else {
      ledger.take(given);
      ledger.leave(usual, 'the instance says otherwise');
    }
    return [{ name: parameters.of(name), value: value ?? 1 }];
  });
}

function readDataSpaces(places: readonly Place[], reading: Reading, format: string): readonly DataSpace[] {
  const names = new Names(tensorShape);
  const { ledger } = reading;
  return places.map((place) => {
    const theirs = scalarText(at(place, 'name')) ?? 'tensor';
    ledger.take(at(place, 'name'));
    const written = atAny(place, 'read-write', 'read_write');
    ledger.take(written);
    const isOutput = written?.node.kind === 'scalar' && /^true$/i.test(written.node.text);
    const projection = at(place, 'projection');
    const indices = readProjection(projection, reading);
    const name = names.of(theirs);
    const ranks = indices.map((terms) => rankOfIndex(terms, reading, isOutput, place));
    const role = isOutput ? 'output' : 'input';
    return { tensor: { name, role, ranks, format }, access: accessText(name, indices) };
  });
}

/** A projection is a list of indices, each a list of terms: a dimension, perhaps with a coefficient. */
function readProjection(projection: Place | undefined, reading: Reading): readonly (readonly IndexTerm[])[] {
  return itemsOf(projection).map((index) =>
    itemsOf(index).map((term) => {
      const [dimension, coefficient] = itemsOf(term).map(scalarText);
      reading.ledger.take(term);
      if (dimension !== undefined && !reading.dimensions.has(dimension)) {
        const message = `the problem has no dimension "${dimension}"`;
        reading.diagnostics.push(problem('unknown-rank', message, term, didYouMean(dimension, reading.dimensions)));
      }
      if (dimension === undefined)
        reading.diagnostics.push(
          problem('wrong-type', 'a term of a projection is [DIMENSION] or [DIMENSION, COEFFICIENT]', term),
        );
      const variable = reading.ranks.of(dimension ?? 'unknown').toLowerCase();
      return coefficient === undefined ? { variable } : { variable, factor: reading.parameters.of(coefficient) };
    }),
  );
}

/** The rank that an index goes through: that of its variable, or one that is as large as a sum can get. */
function rankOfIndex(terms: readonly IndexTerm[], reading: Reading, isOutput: boolean, place: Place): string {
  const single = terms.length === 1 && terms[0]!.factor === undefined ? terms[0] : undefined;
  const rankOf = (variable: string): string => variable.toUpperCase();
  if (single !== undefined) return rankOf(single.variable);
  if (isOutput || terms.length === 0)
    reading.diagnostics.push(problem('output-index-form', 'each index of a result must be one dimension', place));
  const key = JSON.stringify(terms);
  const known = reading.reached.get(key);
  if (known !== undefined) return known.name;
  const name = reading.ranks.of(`in ${terms.map(({ variable }) => variable).join('')}`);
  reading.reached.set(key, { name, formula: reachOf(terms, rankOf) });
  return name;
}
