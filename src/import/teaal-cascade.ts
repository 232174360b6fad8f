import { type Diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { buildCascade, type SourceEinsum } from './cascade-builder.ts';
import { parseEinsum, type RawEinsum, type RawProduct } from './einsum-text.ts';
import { at, entriesOf, itemsOf, type Ledger, type Place, problem } from './ledger.ts';
import type { CascadeDraft } from './write-cascade.ts';

/**
 * The Einsums of a file as a cascade, if it has any. Errors: `syntax`, `rank-arity`, `rank-mismatch`,
 * `missing-field`.
 */
export function readEinsums(
  root: Place,
  name: string,
  ledger: Ledger,
  derived: string[],
): Result<CascadeDraft | undefined> {
  const einsum = at(root, 'einsum');
  if (einsum === undefined) return success(undefined);
  const diagnostics: Diagnostic[] = [];
  const declared = readDeclaration(at(einsum, 'declaration'), diagnostics);
  const expressions = at(einsum, 'expressions');
  if (itemsOf(expressions).length === 0)
    diagnostics.push(problem('missing-field', 'the file has no Einsums under "expressions"', expressions ?? einsum));
  const einsums = itemsOf(expressions).flatMap((place) =>
    readExpression(place, declared, ledger, derived, diagnostics),
  );
  if (diagnostics.length > 0) return failure(diagnostics);
  const orders = readOrders(at(at(root, 'mapping'), 'rank-order'), declared, ledger);
  const cascade = buildCascade({ name, einsums, declared, sizes: new Map(), formatOf: () => undefined, orders });
  if ('sizes' in cascade) return failure([problem('rank-mismatch', 'ranks have unlike sizes', einsum)]);
  const used = new Set(einsums.flatMap(({ output, operands }) => [output, ...operands].map(({ tensor }) => tensor)));
  for (const [tensor, place] of entriesOf(at(einsum, 'declaration')))
    if (used.has(tensor)) ledger.take(place);
    else ledger.leave(place, 'no Einsum uses it');
  derived.push('tensors are fp32: no formats of dense tensors are given; --format changes them');
  for (const { name: rank, formula } of cascade.ranks)
    if (formula !== undefined) derived.push(`${rank} = ${formula}: as far as its indices reach`);
  return success(cascade);
}

function readDeclaration(
  declaration: Place | undefined,
  diagnostics: Diagnostic[],
): ReadonlyMap<string, readonly string[]> {
  const declared = new Map<string, readonly string[]>();
  for (const [tensor, place] of entriesOf(declaration)) {
    if (place.node.kind !== 'list' || place.node.items.some(({ kind }) => kind !== 'scalar'))
      diagnostics.push(problem('wrong-type', `"${tensor}" is declared with a list of ranks, such as [K, M]`, place));
    else
      declared.set(
        tensor,
        place.node.items.map((item) => (item.kind === 'scalar' ? item.text : '')),
      );
  }
  return declared;
}

function readExpression(
  place: Place,
  declared: ReadonlyMap<string, readonly string[]>,
  ledger: Ledger,
  derived: string[],
  diagnostics: Diagnostic[],
): readonly SourceEinsum[] {
  const read = parseEinsum(place.node.kind === 'scalar' ? place.node.text : '');
  if ('message' in read) {
    const help = 'such as "Z[m, n] = A[k, m] * B[k, n]"';
    diagnostics.push(problem('syntax', `this is no Einsum that can be read: ${read.message}`, place, help));
    return [];
  }
  const unknown = read.sum.find(({ call }) => call !== undefined && call !== 'take');
  if (unknown !== undefined)
    diagnostics.push(problem('syntax', `"${unknown.call}" is no function of TeAAL: only "take" is`, place));
  const accesses = [read.output, ...read.sum.flatMap(({ factors }) => factors)];
  for (const { tensor, indices } of accesses) {
    const ranks = declared.get(tensor);
    if (ranks !== undefined && ranks.length !== indices.length) {
      const message = `"${tensor}" is declared with ${ranks.length} ranks, but has ${indices.length} indices here`;
      diagnostics.push(problem('rank-arity', message, place));
    }
  }
  ledger.take(place);
  return [einsumOf(read, derived)];
}

/** What stands for a product: of "take" the operand that it hands on, as if everything were there. */
function einsumOf({ output, sum }: RawEinsum, derived: string[]): SourceEinsum {
  const kept = sum.map((product) => keptFactors(product));
  const takes = sum.some(({ call }) => call === 'take');
  if (takes) derived.push(`${output.tensor}: "take" hands on its operand everywhere, since tiles are dense here`);
  const operands = kept.flat();
  const right = (texts: readonly string[]): string => {
    let next = 0;
    return kept.map((factors) => factors.map(() => texts[next++]).join(' * ')).join(' + ');
  };
  return { output, operands, right };
}

function keptFactors({ call, factors, argument }: RawProduct): RawProduct['factors'] {
  return call === 'take' ? [factors[argument ?? 0] ?? factors[0]!] : factors;
}

/** The order in which the ranks of a tensor are stored, as positions in its declaration. */
function readOrders(
  orders: Place | undefined,
  declared: ReadonlyMap<string, readonly string[]>,
  ledger: Ledger,
): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, readonly number[]>();
  for (const [tensor, place] of entriesOf(orders)) {
    const ranks = declared.get(tensor);
    const positions = itemsOf(place).map(({ node }) => ranks?.indexOf(node.kind === 'scalar' ? node.text : '') ?? -1);
    if (ranks === undefined || positions.length !== ranks.length || ranks.some((_, i) => !positions.includes(i)))
      ledger.leave(place, 'it is not the declared ranks in another order');
    else {
      ledger.take(place);
      found.set(tensor, positions);
    }
  }
  return found;
}
