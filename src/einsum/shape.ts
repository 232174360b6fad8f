import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import { invariant } from '../invariant.ts';
import { bindIndex, type Scope, variablesIn } from './affine.ts';
import type { Cascade, Einsum, Name, TensorAccess, TensorDeclaration } from './ast.ts';
import { bindDomain, type Operand, type Operands } from './bind-domain.ts';
import { bindSelection } from './bind-selection.ts';
import { bindGates, bindShares, blurredBy, gatedVariables } from './bind-shares.ts';
import { carriedDimension, isInitialValue } from './carried.ts';
import type { CheckedCascade } from './check.ts';
import { type Presences, presenceIn, type TensorPresence } from './existence.ts';
import { executionSteps, type OrderConflict } from './iteration.ts';
import { formatList, numberFormats } from './number-format.ts';
import { operationsPerPoint } from './operations.ts';
import { outputPacking } from './packing.ts';
import { bindNames } from './sizes.ts';
import { accessesOf, arithmeticOf } from './traverse.ts';
import type {
  BoundAccess,
  BoundEinsum,
  BoundIndex,
  BoundPlane,
  Density,
  Dimension,
  Gate,
  GateCondition,
  Tensor,
  Variable,
  Workload,
} from './workload.ts';

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

/** Index variables of an Einsum in order of appearance, the output's first. */
function iterationNames(e: Einsum, names: ReadonlyMap<Name, unknown>): readonly Name[] {
  return [...new Set([...arithmeticOf(e)].flatMap((a) => variablesIn(a, names)))];
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

type BindingContext = {
  readonly variables: readonly Variable[];
  readonly tensors: readonly Tensor[];
  readonly positions: ReadonlyMap<Name, number>;
  readonly scope: Scope;
  readonly gates: readonly Gate[];
};

function bindEinsums(einsums: readonly Einsum[], context: BindingContext): Result<readonly BoundEinsum[]> {
  const bound: BoundEinsum[] = [];
  const presences = new Map<number, TensorPresence>();
  const diagnostics: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  for (const einsum of einsums) {
    const result = bindEinsum(einsum, context, presences);
    if (!result.ok) {
      diagnostics.push(...result.diagnostics);
      continue;
    }
    bound.push(result.value.einsum);
    warnings.push(...result.warnings);
    presences.set(result.value.einsum.output.tensor, result.value.presence);
  }
  return diagnostics.length > 0 ? failure(diagnostics) : success(bound, warnings);
}

function bindEinsum(
  einsum: Einsum,
  context: BindingContext,
  presences: Presences,
): Result<{ readonly einsum: BoundEinsum; readonly presence: TensorPresence }> {
  const { scope } = context;
  const output = bindAccess(einsum.output, context);
  const accesses = [...accessesOf(einsum)].map((access) => ({ access, bound: bindAccess(access, context) }));
  const failed = [output, ...accesses.map((a) => a.bound)].flatMap((a) => (a.ok ? [] : a.diagnostics));
  if (failed.length > 0 || !output.ok) return failure(failed);

  const byKey = new Map<string, Operand>();
  const byAccess = new Map<TensorAccess, Operand>();
  for (const { access, bound } of accesses) {
    if (!bound.ok) continue;
    const key = accessKey(bound.value);
    const operand = byKey.get(key) ?? { access, bound: bound.value };
    byKey.set(key, operand);
    byAccess.set(access, operand);
  }
  const operands: Operands = { all: [...byKey.values()], of: (access) => byAccess.get(access)! };
  const variables = iterationNames(einsum, scope.variables).map((name) => scope.variables.get(name)!);
  const kept = output.value.indices.flatMap((i) => i.terms.map((t) => t.variable));
  const reduced = variables.filter((v) => !kept.includes(v));
  const carriedVariable = carriedDimension(einsum.output)?.variable;
  const carried = carriedVariable === undefined ? undefined : scope.variables.get(carriedVariable);
  const selected = einsum.selection && bindSelection(einsum.selection, scope, context.variables);
  if (selected?.ok === false) return selected;
  const selection = selected?.value;
  const domain = bindDomain(einsum, operands, { variables, reduced, carried, selection }, context, presences);
  if (!domain.ok) return domain;
  const { expected, candidates, packing } = domain.value;
  const shares = bindShares(einsum, operands, domain.value, context, presences);
  if (!shares.ok) return shares;
  const { conditions, density, readShares } = shares.value;
  const reduceOperator = reduced.length === 0 ? undefined : (einsum.reduce?.operator ?? 'add');
  const conditional = operands.all.some((o) => presenceIn(presences, o.bound.tensor).conditional);
  const own: readonly GateCondition[] =
    selection?.kind === 'threshold' ? [{ tensor: output.value.tensor, exists: true }] : [];
  const gated = gatedVariables(operands, presences);
  return success(
    {
      einsum: {
        name: einsum.output.tensor,
        output: output.value,
        operands: operands.all.map((o) => o.bound),
        variables,
        reduced,
        carried,
        reduceOperator,
        operations: operationsPerPoint(einsum, reduceOperator),
        selection,
        domain: expected.domain,
        candidates: candidates.domain,
        conditional,
        density,
        readShares,
        packing,
        conditions,
      },
      presence:
        carried === undefined
          ? {
              existing: { variables: kept, domain: expected.existing },
              candidates: { variables: kept, domain: candidates.existing },
              conditions: [...conditions, ...own],
              conditional: conditional || selection !== undefined,
              packing: outputPacking(packing, output.value, kept, selection),
              gated: own.length > 0 ? kept : gated.filter((v) => kept.includes(v)),
              blurred: blurredBy(packing, kept, reduced, conditions.length > 0 ? gated : [], context.variables),
            }
          : presenceIn(new Map(), output.value.tensor),
    },
    domain.warnings,
  );
}

export const tensorPositions = (tensors: readonly Tensor[]): ReadonlyMap<Name, number> =>
  new Map(tensors.map((t, i) => [t.name, i]));

/** Two accesses are one operand if they read the same element at every point. */
export const accessKey = (a: BoundAccess): string => JSON.stringify([a.tensor, a.indices]);

export function bindAccess(
  access: TensorAccess,
  { positions, scope }: Pick<BindingContext, 'positions' | 'scope'>,
): Result<BoundAccess> {
  const tensor = positions.get(access.tensor);
  invariant(tensor !== undefined, `tensor ${access.tensor} passed the checks but is unknown`);
  const indices: BoundIndex[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const index of access.indices) {
    const bound = bindIndex(index, scope);
    if (bound.ok) indices.push(bound.value);
    else diagnostics.push(...bound.diagnostics);
  }
  return diagnostics.length > 0 ? failure(diagnostics) : success({ tensor, indices });
}
