import { type Diagnostic, failure, inOrder, type Result, success } from '../diagnostic.ts';
import { readAccelforgeEinsum } from './accelforge-einsum.ts';
import { numberAt, type Variables } from './arithmetic.ts';
import { buildCascade, type SourceEinsum } from './cascade-builder.ts';
import { at, entriesOf, itemsOf, type Ledger, type Place, problem } from './ledger.ts';
import { type CascadeDraft, formatOfWidth } from './write-cascade.ts';

type Reading = {
  readonly ledger: Ledger;
  readonly variables: Variables;
  readonly derived: string[];
  readonly diagnostics: Diagnostic[];
};

/**
 * The workload of a file as a cascade, if it has one. Errors: `syntax`, `missing-field`, `unknown-operator`,
 * `rank-mismatch`.
 */
export async function readWorkload(
  root: Place,
  name: string,
  all: Omit<Reading, 'diagnostics'>,
): Promise<Result<CascadeDraft | undefined>> {
  const workload = at(root, 'workload');
  if (workload === undefined) return success(undefined);
  const reading: Reading = { ...all, diagnostics: [] };
  const { diagnostics, derived, ledger } = reading;
  ledger.take(at(workload, 'version'));
  const places = itemsOf(at(workload, 'einsums'));
  if (places.length === 0) diagnostics.push(problem('missing-field', 'the workload has no Einsums', workload));
  const einsums = places.flatMap((place) => readAccelforgeEinsum(place, reading) ?? []);
  const sizes = await readSizes(workload, places, ranksOf(einsums), reading);
  const formatOf = await readFormats(workload, einsums, reading);
  if (diagnostics.length > 0) return failure(inOrder(diagnostics));
  const cascade = buildCascade({ name, einsums, declared: new Map(), sizes, formatOf });
  if (!('sizes' in cascade)) {
    derived.push(...equalRanks(cascade));
    return success(cascade);
  }
  const [a, b] = cascade.ranks;
  const both = `${cascade.sizes[0]} and ${cascade.sizes[1]}`;
  const message = `"${a}" and "${b}" are one rank, since a variable of one goes through the other, but have ${both}`;
  return failure([problem('rank-mismatch', message, at(workload, 'rank_sizes') ?? workload)]);
}

const equalRanks = ({ ranks }: CascadeDraft): readonly string[] =>
  ranks.flatMap(({ name, formula }) =>
    formula !== undefined && /^\w+$/.test(formula) ? [`${name} = ${formula}: its variable goes through that rank`] : [],
  );

/** Ranks that variables are named after, and those that indices name. */
const ranksOf = (einsums: readonly SourceEinsum[]): ReadonlySet<string> =>
  new Set(
    einsums.flatMap(({ output, operands }) =>
      [output, ...operands].flatMap(({ indices }) =>
        indices.flatMap(({ rank, terms }) => [
          ...(rank === undefined ? [] : [rank.toUpperCase()]),
          ...terms.map(({ variable }) => variable.toUpperCase()),
        ]),
      ),
    ),
  );

/** "0 <= m < 128", the size of the rank that the variable is named after. */
const shape = /^\s*0\s*<=\s*(\w+)\s*<\s*(.+)$/;

async function readSizes(
  workload: Place,
  einsums: readonly Place[],
  ranks: ReadonlySet<string>,
  reading: Reading,
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  const { ledger, variables } = reading;
  const put = (rank: string, value: number | undefined, place: Place): void => {
    if (value === undefined || !Number.isSafeInteger(value) || value < 1) return;
    if (!ranks.has(rank)) {
      ledger.leave(place, 'no Einsum has this rank');
      return;
    }
    const known = sizes.get(rank);
    if (known !== undefined && known !== value) {
      ledger.leave(place, `"${rank}" has ${known} already`);
      return;
    }
    ledger.take(place);
    sizes.set(rank, value);
  };
  for (const [rank, place] of entriesOf(at(workload, 'rank_sizes')))
    put(rank.toUpperCase(), await numberAt(place, variables), place);
  const shapes = [
    ...entriesOf(at(workload, 'iteration_space_shape')).map(([, place]) => place),
    ...einsums.flatMap((einsum) => itemsOf(at(einsum, 'iteration_space_shape'))),
  ];
  for (const place of shapes) {
    const [, variable, bound] = shape.exec(place.node.kind === 'scalar' ? place.node.text : '') ?? [];
    if (variable !== undefined && /^\s*\d+\s*$/.test(bound!)) put(variable.toUpperCase(), Number(bound), place);
    else ledger.leave(place, 'only iteration spaces of the form 0 <= x < 128 translate');
  }
  return sizes;
}

/** Formats by tensor: the width of all, or that of each. */
async function readFormats(
  workload: Place,
  einsums: readonly SourceEinsum[],
  { ledger, variables, derived }: Reading,
): Promise<(tensor: string) => string | undefined> {
  const tensors = new Set(einsums.flatMap(({ output, operands }) => [output, ...operands].map(({ tensor }) => tensor)));
  const formats = new Map<string, string>();
  for (const [name, place] of entriesOf(at(workload, 'bits_per_value'))) {
    const bits = await numberAt(place, variables);
    const format = bits === undefined ? undefined : formatOfWidth(bits);
    if (format === undefined) ledger.leave(place, 'no format has this width');
    else if (name === 'All' || tensors.has(name)) {
      formats.set(name, format);
      ledger.take(place);
    } else ledger.leave(place, 'of sets of tensors only "All" and names of tensors translate');
  }
  const names = [...new Set(formats.values())].join(', ');
  if (!formats.has('All') && formats.size < tensors.size) derived.push('tensors without a width are fp32');
  if (names !== '') derived.push(`formats are ${names}: only the width is known; --format changes it`);
  return (tensor) => formats.get(tensor) ?? formats.get('All');
}
