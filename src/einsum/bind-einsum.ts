import { type Diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { type Scope, variablesIn } from './affine.ts';
import type { Einsum, Name, TensorAccess } from './ast.ts';
import { accessKey, bindAccess } from './bind-access.ts';
import { bindDomain } from './bind-domain.ts';
import { bindSelection } from './bind-selection.ts';
import { bindShares, blurredBy, gatedVariables } from './bind-shares.ts';
import { carriedDimension } from './carried.ts';
import { wholeBox } from './domain.ts';
import { type Presences, presenceIn, type TensorPresence } from './existence.ts';
import type { Operand, Operands } from './operands.ts';
import { operationsPerPoint } from './operations.ts';
import { outputPacking, type Packing } from './packing.ts';
import { positionLimits } from './position-limits.ts';
import { accessesOf, arithmeticOf } from './traverse.ts';
import {
  type BoundAccess,
  type BoundEinsum,
  type BoundSelection,
  type Domain,
  type Gate,
  type GateCondition,
  gateDensity,
  type PositionLimit,
  type Tensor,
  type Variable,
} from './workload.ts';

/** Index variables of an Einsum in order of appearance, the output's first. */
export function iterationNames(e: Einsum, names: ReadonlyMap<Name, unknown>): readonly Name[] {
  return [...new Set([...arithmeticOf(e)].flatMap((a) => variablesIn(a, names)))];
}

type BindingContext = {
  readonly variables: readonly Variable[];
  readonly tensors: readonly Tensor[];
  readonly positions: ReadonlyMap<Name, number>;
  readonly scope: Scope;
  readonly gates: readonly Gate[];
};

export function bindEinsums(einsums: readonly Einsum[], context: BindingContext): Result<readonly BoundEinsum[]> {
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
  const limited = limitedAccesses(output.value, operands, expected, packing, selection, context.variables);
  const own: readonly GateCondition[] =
    selection?.kind === 'threshold' ? [{ tensor: output.value.tensor, exists: true }] : [];
  const gated = gatedVariables(operands, presences);
  return success(
    {
      einsum: {
        name: einsum.output.tensor,
        ...limited,
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
        writeShare: density * gateDensity(context.gates, output.value.tensor),
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

/** The accesses of an Einsum, with how far positions go that it reads and writes at. */
function limitedAccesses(
  output: BoundAccess,
  operands: Operands,
  { domain, existing }: { readonly domain: Domain; readonly existing: Domain },
  packing: Packing,
  selection: BoundSelection | undefined,
  variables: readonly Variable[],
): Pick<BoundEinsum, 'output' | 'operands'> {
  const box = wholeBox(variables.map((v) => v.size));
  const read = positionLimits(domain, packing.keys(), box);
  const own = selection?.kind === 'rank' ? positionLimits(existing, [selection.variable], box) : [];
  const written = [...read.filter((l) => !own.some((o) => o.variable === l.variable)), ...own];
  const withLimits = (access: BoundAccess, limits: readonly PositionLimit[]): BoundAccess =>
    limits.length === 0 ? access : { ...access, limits };
  return { output: withLimits(output, written), operands: operands.all.map((o) => withLimits(o.bound, read)) };
}
