import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import type { Span } from '../source.ts';
import { type Affine, scaled, sum } from './affine.ts';
import { countPoints } from './domain.ts';
import { intersect, isRefusal, project, type Refusal, type Space } from './domain-algebra.ts';
import type { BoundIndex, BoundSelection, Domain, Origin, Variable } from './workload.ts';

/**
 * Which elements of a fibre a ranked selection keeps is up to data, so its points are counted as positions: what it keeps
 * comes first, then the rest of what it was offered. That is exact as long as nothing else asks where along the fibre an
 * element is. Here is what asks; what does is refused.
 */

/** By variable: its selections, each made of what the one before kept. */
export type Packing = ReadonlyMap<number, readonly Origin[]>;

/** What an Einsum reads, as far as its packing is concerned. */
type PackedOperand = {
  readonly name: string;
  readonly indices: readonly BoundIndex[];
  readonly span: Span;
  /** Of the tensor, by variables of its producer, of which each dimension has one; and along which of them gates decide. */
  readonly packing: Packing;
  readonly gated: readonly number[];
  readonly producerVariables: readonly number[];
  /** Where it exists: as positions, and whatever is selected. */
  readonly existing: Domain | Refusal;
  readonly candidates: Domain | Refusal;
};

type Reader = {
  readonly output: string;
  readonly operands: readonly PackedOperand[];
  readonly selection: BoundSelection | undefined;
  readonly selectionSpan: Span;
  /** Where each comparison of its filter holds. */
  readonly comparisons: readonly { readonly span: Span; readonly domain: Domain | Refusal }[];
  readonly variables: readonly Variable[];
  readonly space: Space;
};

const uncountable = (message: string, at: Span, help: string): Diagnostic =>
  diagnostic('not-countable', message, at, { help });

/** The packing of the variables of an Einsum. Errors: `not-countable`. */
export function bindPacking(reader: Reader): Result<Packing> {
  const found = joinPackings(reader);
  if (!found.ok) return found;
  const mistake =
    offeredMistake(reader, found.value) ??
    [...found.value.keys()].map((v) => placeMistake(reader, v)).find((d) => d !== undefined);
  return mistake === undefined ? found : failure([mistake]);
}

/** What of a packing the output of an Einsum has, with its own selection. */
export function outputPacking(
  packing: Packing,
  { tensor, indices }: Origin,
  kept: readonly number[],
  selection: BoundSelection | undefined,
): Packing {
  const own = new Map([...packing].filter(([v]) => kept.includes(v)));
  if (selection?.kind === 'rank')
    own.set(selection.variable, [...(own.get(selection.variable) ?? []), { tensor, indices }]);
  return own;
}

/** A variable that is kept, and one that is reduced and decides what exists along it: how much is left depends on data. */
export function blurredAlong(
  packing: Packing,
  kept: readonly number[],
  reduced: readonly number[],
): { readonly kept: number; readonly reduced: number } | undefined {
  for (const [v, chain] of packing) {
    const by = kept.includes(v) ? reduced.find((r) => chain.some((o) => isReadBy(o, r))) : undefined;
    if (by !== undefined) return { kept: v, reduced: by };
  }
  return undefined;
}

const isReadBy = ({ indices }: Origin, variable: number): boolean =>
  indices.some((index) => index.terms.some((t) => t.variable === variable));

const keyOf = (o: Origin): string => JSON.stringify([o.tensor, o.indices]);

function joinPackings({ operands, variables }: Reader): Result<Packing> {
  const packing = new Map<number, { readonly chain: readonly Origin[]; readonly of: PackedOperand }>();
  for (const of of operands)
    for (const [own, chain] of of.packing) {
      const variable = plainVariable(of.indices[of.producerVariables.indexOf(own)]!);
      const read = chain.map((o) => readAt(o, of));
      if (variable === undefined || read.some((o) => o === undefined)) {
        const name = variables[own]!.name;
        const message = `which elements of "${of.name}" exist along "${name}" depends on data, so at other indices than plain variables their number is not known`;
        return failure([uncountable(message, of.span, `read it at "${name}"`)]);
      }
      const known = packing.get(variable);
      const next = { chain: read as Origin[], of };
      const [short, long] =
        known === undefined || known.chain.length <= next.chain.length ? [known, next] : [next, known];
      const keys = new Set(long.chain.map(keyOf));
      if (short !== undefined && !short.chain.every((o) => keys.has(keyOf(o)))) {
        const message = `which elements "${short.of.name}" and "${long.of.name}" have in common along "${variables[variable]!.name}" depends on data, so their number is not known`;
        return failure([uncountable(message, of.span, 'select one from what the other has kept')]);
      }
      packing.set(variable, long);
    }
  return success(new Map([...packing].map(([v, { chain }]) => [v, chain])));
}

const plainVariable = ({ terms, offset, divisor }: BoundIndex): number | undefined =>
  terms.length === 1 && terms[0]!.coefficient === 1 && offset === 0 && divisor === 1 ? terms[0]!.variable : undefined;

/** A selection as a reader of its tensor, or of what was made of it, sees it; undefined where a quotient is in the way. */
function readAt({ tensor, indices }: Origin, { producerVariables, indices: at }: PackedOperand): Origin | undefined {
  const read: BoundIndex[] = [];
  for (const index of indices) {
    const plain = plainVariable(index);
    const inner = index.terms.map((t) => at[producerVariables.indexOf(t.variable)]!);
    if (plain === undefined && inner.some((i) => i.divisor !== 1)) return undefined;
    const start: Affine = { terms: [], offset: index.offset };
    const affine = index.terms.reduce((all, t, i) => sum(all, scaled(inner[i]!, t.coefficient)), start);
    read.push({ ...affine, divisor: plain === undefined ? index.divisor : inner[0]!.divisor });
  }
  return { tensor, indices: read };
}

/** What is offered to a selection must be as many elements in each fibre, whatever the data. */
function offeredMistake(
  { selection, selectionSpan, variables, output, operands }: Reader,
  packing: Packing,
): Diagnostic | undefined {
  if (selection?.kind !== 'rank') return undefined;
  const { variable, along } = selection;
  const name = variables[variable]!.name;
  const other = [...packing].find(([v, chain]) => v !== variable && chain.some((o) => isReadBy(o, variable)));
  if (other !== undefined) {
    const message = `how many elements "${output}" selects from along "${name}" depends on data: at each "${name}" others were kept along "${variables[other[0]]!.name}"`;
    return uncountable(
      message,
      selectionSpan,
      'select along both in the other order, or from the same along one of them',
    );
  }
  const gate = operands.find((o) =>
    o.gated.some((v) => o.indices[o.producerVariables.indexOf(v)]!.terms.some((t) => t.variable === variable)),
  );
  if (gate !== undefined) {
    const message = `how many elements "${output}" selects from along "${name}" depends on data: of "${gate.name}" only a share exists`;
    return uncountable(message, selectionSpan, 'select first, and compare what is left');
  }
  if (along === undefined || !packing.has(along)) return undefined;
  const message = `how many elements "${output}" keeps depends on "${variables[along]!.name}", along which data decides what there is`;
  return uncountable(message, selectionSpan, 'keep the same number of each');
}

/** Nothing but selections may ask where along a packed variable an element is: it takes all that was offered, or nothing. */
function placeMistake(reader: Reader, variable: number): Diagnostic | undefined {
  const { operands, comparisons, variables, space } = reader;
  const isPacked = (o: PackedOperand): boolean =>
    o.indices.some((index, d) => plainVariable(index) === variable && o.packing.has(o.producerVariables[d]!));
  let offered: Domain | Refusal = [[]];
  for (const o of operands)
    if (isPacked(o) && !isRefusal(offered))
      offered = isRefusal(o.candidates) ? o.candidates : intersect(offered, o.candidates, space);
  const asked = [
    ...comparisons,
    ...operands.filter((o) => !isPacked(o)).map((o) => ({ domain: o.existing, span: o.span })),
  ];
  const found = asked.find(
    ({ domain }) => !isRefusal(offered) && !isRefusal(domain) && !takesWholeFibres(domain, offered, variable, reader),
  );
  if (found === undefined) return undefined;
  const { name } = variables[variable]!;
  const names = operands.filter(isPacked).map((o) => `"${o.name}"`);
  const message = `data decides where along "${name}" the elements of ${[...new Set(names)].join(', ')} are, so how many of them this leaves is not known`;
  return uncountable(
    message,
    found.span,
    'select from what this leaves, instead of leaving something of what was selected',
  );
}

const mentions = (domain: Domain, variable: number): boolean =>
  domain.some((conjunction) => conjunction.some((c) => c.terms.some((t) => t.variable === variable)));

function takesWholeFibres(domain: Domain, offered: Domain, variable: number, { variables, space }: Reader): boolean {
  if (!mentions(domain, variable)) return true;
  const taken = intersect(domain, offered, space);
  if (isRefusal(taken)) return false;
  const others = { variables: space.variables.filter((v) => v !== variable), box: space.box };
  const fibres = project(taken, variable, variables[variable]!.size, others);
  const whole = isRefusal(fibres) ? fibres : intersect(fibres, offered, space);
  const count = (d: Domain): number => countPoints(d, space.variables, space.box);
  return !isRefusal(whole) && count(whole) === count(taken);
}
