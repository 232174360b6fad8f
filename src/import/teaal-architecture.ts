import { failure, type Result, success } from '../diagnostic.ts';
import { readTree, type TreeComponent } from './component-tree.ts';
import { at, entriesOf, itemsOf, type Ledger, type Place } from './ledger.ts';
import { checkChain, type MachineDraft, type MemoryDraft, type UnitDraft, withoutLanePorts } from './machine-draft.ts';

type Reading = { readonly ledger: Ledger; readonly derived: string[]; readonly hasUnits: boolean };

/**
 * The architecture of a file, if it has one; of several configurations the first. Errors: `missing-field`,
 * `out-of-range`.
 */
export function readArchitecture(
  root: Place,
  name: string,
  ledger: Ledger,
  derived: string[],
): Result<Omit<MachineDraft, 'description'> | undefined> {
  const architecture = at(root, 'architecture');
  if (architecture === undefined) return success(undefined);
  const configurations = entriesOf(architecture).filter(([, { node }]) => node.kind === 'list');
  const first = at(architecture, 'subtree') ?? configurations[0]?.[1];
  for (const [key, place] of configurations)
    if (place.node !== first?.node) ledger.leave(place, `a machine is one configuration: "${key}" is not the first`);
  const trees = itemsOf(first);
  const components = trees.flatMap((tree) => readTree(tree, [], ledger));
  // Only files with configurations say bandwidths in bits a second; the older form does not say its unit.
  const reading = { ledger, derived, hasUnits: at(architecture, 'subtree') === undefined };
  const chain = joinUnits(
    components.flatMap((component) => readComponent(component, reading) ?? []),
    derived,
  );
  const wrong = checkChain(chain, architecture);
  if (wrong !== undefined) return failure([wrong]);
  return success({ name, clock: readClock(trees, ledger), chain: withoutLanePorts(chain, ledger) });
}

const classOf = (place: Place): string => {
  const type = at(place, 'class')?.node;
  return type?.kind === 'scalar' ? type.text.toLowerCase() : '';
};

const number = (place: Place | undefined): number | undefined =>
  place?.node.kind === 'scalar' && Number.isFinite(place.node.value) && Number(place.node.value) > 0
    ? Number(place.node.value)
    : undefined;

function readComponent(component: TreeComponent, reading: Reading): MemoryDraft | UnitDraft | undefined {
  const { place } = component;
  const { ledger } = reading;
  const type = classOf(place);
  if (['dram', 'sram', 'buffet', 'cache', 'buffer'].includes(type)) return readMemory(component, type, reading);
  if (type === 'compute') return readUnit(component, ledger);
  ledger.leave(place, `hardware for sparse tensors ("${type}"): tiles are dense here`);
  return undefined;
}

/** Widths are bits, depths are lines, bandwidths bits a second. */
function readMemory({ name, place, fanout }: TreeComponent, type: string, reading: Reading): MemoryDraft {
  const { ledger, derived, hasUnits } = reading;
  const attributes = at(place, 'attributes');
  const [width, depth, bandwidth] = ['width', 'depth', 'bandwidth'].map((key) => at(attributes, key));
  const [bits, lines, rate] = [number(width), number(depth), number(bandwidth)];
  ledger.take(at(place, 'class'));
  const common = { kind: 'memory', name, fanout, path: place.path, multicast: true } as const;
  const hasRoom = type !== 'dram' && bits !== undefined && lines !== undefined;
  if (hasRoom) {
    ledger.take(width);
    ledger.take(depth);
  } else if (type !== 'dram') derived.push(`${name} has no size: unlimited`);
  if (rate !== undefined && hasUnits) ledger.take(bandwidth);
  else ledger.leave(bandwidth, 'in files of this form its unit is not known');
  return {
    ...common,
    ...(hasRoom ? { capacity: { bits: bits * lines, path: `${width!.path}, ${depth!.path}` } } : {}),
    ...(rate !== undefined && hasUnits ? { bandwidth: { number: rate, unit: 'b/s', place: bandwidth! } } : {}),
  };
}

function readUnit({ name, place, fanout }: TreeComponent, ledger: Ledger): UnitDraft {
  ledger.take(at(place, 'class'));
  const type = ledger.text(at(at(place, 'attributes'), 'type'));
  const operators = type === 'add' ? ['add'] : type === 'mul' ? ['mul'] : ['mul', 'add'];
  return { kind: 'unit', name, fanout, path: place.path, operators: operators.map((operator) => ({ name: operator })) };
}

/** Units that stand together are one: a product and its sum are one operation here, which one unit does. */
function joinUnits(
  chain: readonly (MemoryDraft | UnitDraft)[],
  derived: string[],
): readonly (MemoryDraft | UnitDraft)[] {
  const joined: (MemoryDraft | UnitDraft)[] = [];
  for (const component of chain) {
    const last = joined.at(-1);
    if (component.kind === 'unit' && last?.kind === 'unit') {
      joined[joined.length - 1] = { ...last, operators: [...last.operators, ...component.operators] };
      derived.push(`${last.name} does what ${component.name} does, too: a product and its sum are one operation`);
    } else joined.push(component);
  }
  return joined.map((component) => {
    if (component.kind === 'memory') return component;
    const names = [...new Set(component.operators.map(({ name }) => name))];
    if (names.includes('mul') && !names.includes('add'))
      derived.push(`${component.name} adds products up, since no unit for that is given`);
    const all = names.includes('mul') ? ['mac', ...new Set([...names, 'add'])] : names;
    return { ...component, operators: all.map((name) => ({ name })) };
  });
}

function readClock(trees: readonly Place[], ledger: Ledger): MachineDraft['clock'] {
  for (const tree of trees) {
    const frequency = at(at(tree, 'attributes'), 'clock_frequency');
    const hertz = number(frequency);
    if (frequency === undefined || hertz === undefined) continue;
    ledger.take(frequency);
    return { value: `${hertz} Hz`, path: frequency.path, source: 'file' };
  }
  return { value: '1 GHz', path: 'architecture', source: 'convention' };
}
