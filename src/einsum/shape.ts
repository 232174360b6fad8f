import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type Scope, variablesIn } from './affine.ts';
import type { Cascade, Einsum, Name, TensorDeclaration } from './ast.ts';
import { tensorPositions } from './bind-access.ts';
import { bindEinsums, iterationNames } from './bind-einsum.ts';
import { bindGates } from './bind-shares.ts';
import { carriedDimension, isInitialValue } from './carried.ts';
import type { CheckedCascade } from './check.ts';
import { executionSteps, type OrderConflict } from './iteration.ts';
import { formatList, numberFormats } from './number-format.ts';
import { bindNames } from './sizes.ts';
import type { BoundEinsum, BoundPlane, Density, Dimension, Tensor, Variable, Workload } from './workload.ts';

/** Format of a tensor where neither it nor the first input says one. */
const defaultFormat = 'fp32';

/** The Einsums of the text that a workload's `einsums` are, in the same order. */
export const computedEinsums = (cascade: Cascade): readonly Einsum[] =>
  cascade.einsums.filter((e) => !isInitialValue(e));

/**
 * Binds all sizes of a cascade. `sizes` are what the user set and must all be of use; `presets` are
 * those of a workload file, of which a cascade takes what it has.
 *
 * `densities` are those of its gates, which a workload may be without as long as it is not costed.
 * `formats` go before those that the cascade declares; a tensor without either has that of the first input.
 *
 * Errors: those of `bindNames` and `bindDomain`, `unknown-tensor`, `bad-format`, `too-many-elements`, `iteration-order`.
 */
export function bindSizes(
  cascade: CheckedCascade,
  sizes: ReadonlyMap<Name, number>,
  presets: ReadonlyMap<Name, number> = new Map(),
  formats: ReadonlyMap<Name, Name> = new Map(),
  densities: ReadonlyMap<Name, Density> = new Map(),
): Result<Workload> {
  const names = bindNames(cascade, sizes, presets);
  if (!names.ok) return names;
  const einsums = computedEinsums(cascade);
  const variables = indexVariables(cascade, names.value, einsums);
  const scope: Scope = { variables: new Map(variables.map((v, i) => [v.name, i])), sizes: names.value };
  const tensors = bindTensors(cascade, einsums, variables, scope, formats);
  const wrong = wrongFormats(cascade, tensors, formats);
  if (wrong.length > 0) return failure(wrong);
  const diagnostics: Diagnostic[] = tensors.flatMap((t) => tooManyElements(cascade, t));
  if (diagnostics.length > 0) return failure(diagnostics);

  const gates = bindGates(einsums, tensors, densities);
  if (!gates.ok) return gates;
  const positions = tensorPositions(tensors);
  const bound = bindEinsums(einsums, { variables, tensors, positions, scope, gates: gates.value });
  if (!bound.ok) return bound;
  const conflict = executionSteps({ einsums: bound.value, tensors, variables });
  if ('reader' in conflict) return failure([iterationOrder(conflict, bound.value, variables, einsums)]);
  return success(
    { cascade, sizes: names.value, variables, tensors, einsums: bound.value, gates: gates.value },
    bound.warnings,
  );
}

function iterationOrder(
  conflict: OrderConflict,
  bound: readonly BoundEinsum[],
  variables: readonly Variable[],
  einsums: readonly Einsum[],
): Diagnostic {
  const [reader, producer] = [bound[conflict.reader]!, bound[conflict.producer]!];
  const along = variables[conflict.variable]!.name;
  const needed = einsums[conflict.producer]!.output.span;
  const at = einsums[conflict.reader]!.output.span;
  if (producer.carried !== undefined && producer.carried !== conflict.variable) {
    const other = variables[producer.carried]!.name;
    const message = `"${reader.name}" and "${producer.name}" need each other, but are carried along different ranks, "${along}" and "${other}"`;
    return diagnostic('iteration-order', message, at, {
      related: [{ span: needed, message: `carried along "${other}"` }],
      help: 'tensors that need each other advance together, along one rank',
    });
  }
  const message = `"${reader.name}" needs elements of "${producer.name}" that later steps along "${along}" make, but is needed for these steps`;
  const related = [{ span: needed, message: `made step by step along "${along}"` }];
  return diagnostic('iteration-order', message, at, { related });
}

/** One variable a rank that some index uses, in the order in which the ranks are declared. */
function indexVariables(
  cascade: Cascade,
  sizes: ReadonlyMap<Name, number>,
  einsums: readonly Einsum[],
): readonly Variable[] {
  const names = new Map(cascade.ranks.map((r) => [r.name.toLowerCase(), r.name]));
  const used = new Set(einsums.flatMap((e) => iterationNames(e, names)));
  const carried = new Set(einsums.map((e) => carriedDimension(e.output)?.variable));
  return [...names]
    .filter(([name]) => used.has(name))
    .map(([name, rank]) => ({ name, rank, size: sizes.get(rank)!, iterative: carried.has(name) }));
}

function bindTensors(
  cascade: Cascade,
  einsums: readonly Einsum[],
  variables: readonly Variable[],
  scope: Scope,
  formats: ReadonlyMap<Name, Name>,
): readonly Tensor[] {
  const declared = new Map(cascade.tensors.map((t) => [t.name, t]));
  const first = cascade.tensors.find((t) => t.role === 'input');
  const inherited = (first && formats.get(first.name)) ?? first?.format?.name ?? defaultFormat;
  const producers = new Map(einsums.map((e, i) => [e.output.tensor, i]));
  const initials = new Map(cascade.einsums.filter(isInitialValue).map((e) => [e.output.tensor, e.body]));
  const inputs = cascade.tensors.filter((t) => t.role === 'input').map((t) => t.name);
  return [...inputs, ...producers.keys()].map((name) => {
    const declaration = declared.get(name);
    const producer = producers.get(name);
    const format = formats.get(name) ?? declaration?.format?.name ?? inherited;
    const initial = initials.get(name);
    const ranks = declaration?.ranks?.map((r) => r.name);
    return {
      name,
      role: declaration?.role ?? 'intermediate',
      dimensions:
        producer === undefined
          ? ranks!.map((rank) => ({ rank, size: scope.sizes.get(rank)!, carried: false }))
          : outputDimensions(einsums[producer]!, ranks, variables, scope),
      format,
      bitsPerElement: numberFormats.get(format)?.bits ?? Number.NaN,
      plane: bindPlane(declaration, cascade),
      producer,
      initial: initial?.kind === 'constant' ? initial.value : undefined,
    };
  });
}

/** Lower planes begin where higher ones end. */
function bindPlane(declaration: TensorDeclaration | undefined, { tensors }: Cascade): BoundPlane | undefined {
  const plane = declaration?.plane;
  if (plane === undefined) return undefined;
  const bitsOf = (format: { readonly name: Name } | undefined): number =>
    numberFormats.get(format?.name ?? '')?.bits ?? 0;
  const shift = tensors
    .filter((t) => t.plane?.operand.name === plane.operand.name && t.plane.position > plane.position)
    .reduce((bits, t) => bits + bitsOf(t.format), 0);
  const [operandBits, bits] = [bitsOf(plane.format), bitsOf(declaration?.format)];
  return { operand: plane.operand.name, operandBits, bits, shift, signed: plane.position === 0 };
}

/** Formats that there are not, and of tensors that there are not. */
function wrongFormats(
  { name }: Cascade,
  tensors: readonly Tensor[],
  formats: ReadonlyMap<Name, Name>,
): readonly Diagnostic[] {
  const known = tensors.map((t) => t.name);
  return [...formats].flatMap(([tensor, format]) => {
    if (!known.includes(tensor)) {
      const help = didYouMean(tensor, known) ?? `known: ${known.join(', ')}`;
      return [diagnostic('unknown-tensor', `cascade "${name}" has no tensor "${tensor}"`, undefined, { help })];
    }
    if (numberFormats.has(format)) return [];
    const help = didYouMean(format, numberFormats.keys()) ?? `known: ${formatList}`;
    return [diagnostic('bad-format', `"${format}" is no number format`, undefined, { help })];
  });
}

/** A rank that the declaration calls by another name of the same rank keeps the declared name. */
function outputDimensions(
  e: Einsum,
  ranks: readonly Name[] | undefined,
  variables: readonly Variable[],
  scope: Scope,
): readonly Dimension[] {
  const carriedAt = carriedDimension(e.output)?.position;
  return e.output.indices.map((index, position) => {
    const variable = variables[scope.variables.get(variablesIn(index, scope.variables)[0]!)!]!;
    const carried = position === carriedAt;
    return { rank: ranks?.[position] ?? variable.rank, size: variable.size + (carried ? 1 : 0), carried };
  });
}

/** Elements of a tensor in a memory: a carried dimension takes no storage. */
export const storedElements = (t: Tensor): number => t.dimensions.reduce((n, d) => n * (d.carried ? 1 : d.size), 1);

function tooManyElements(cascade: Cascade, t: Tensor): readonly Diagnostic[] {
  const elements = storedElements(t);
  if (elements <= Number.MAX_SAFE_INTEGER) return [];
  const shape = t.dimensions.map((d) => `${d.rank}=${d.size}`).join(' x ');
  const message = `tensor "${t.name}" has ${shape} elements, which is more than 2^53`;
  const at =
    cascade.tensors.find((d) => d.name === t.name) ?? cascade.einsums.find((e) => e.output.tensor === t.name)?.output;
  return [diagnostic('too-many-elements', message, at?.span)];
}
