import { finiteAt, type Variables } from './arithmetic.ts';
import type { TreeComponent } from './component-tree.ts';
import { at, atAny, type Ledger, type Place } from './ledger.ts';
import type { Bits, MemoryDraft, Rate, UnitDraft } from './machine-draft.ts';
import { type Energies, energyOf } from './timeloop-energies.ts';

/** What reading a Timeloop architecture needs and collects. */
export type TimeloopReading = {
  readonly ledger: Ledger;
  readonly variables: Variables;
  readonly energies: Energies;
  readonly derived: string[];
};

const computeClass = /mac|compute|alu|multiplier|adder/i;
const storageClass = /dram|sram|regfile|register|smartbuffer|storage|buffer|memory|cache|_rf$|spad/i;
const networkClass = /noc|network|multicast|reductiontree|legacy|wire/i;

const noEnergy = 'Accelergy estimates the energy of a class; an ERT in the same file gives it, else it is 0';

/** A memory or a unit; undefined for what has no counterpart, which the ledger is told. */
export async function readComponent(
  component: TreeComponent,
  reading: TimeloopReading,
): Promise<MemoryDraft | UnitDraft | undefined> {
  const { place } = component;
  const { ledger } = reading;
  const type = at(place, 'class')?.node;
  const name = type?.kind === 'scalar' ? type.text : '';
  if (/dummy/i.test(name)) ledger.leave(place, 'it stands for no hardware');
  else if (networkClass.test(name))
    ledger.leave(place, 'transfers take the ports of memories; a network costs nothing');
  else if (computeClass.test(name)) return readUnit(component, reading);
  else if (storageClass.test(name)) return await readMemory(component, name, reading);
  else ledger.leave(place, `a component of class "${name}" is neither known as storage nor as compute`);
  return undefined;
}

const sizes = {
  depth: ['depth', 'memory_depth', 'data_storage_depth'],
  width: ['width', 'memory_width', 'data_storage_width'],
  word: ['datawidth', 'word-bits', 'word_bits', 'word_width', 'data_width'],
  block: ['block_size', 'block-size', 'n_words', 'n-words'],
  entries: ['entries'],
  kilobytes: ['sizeKB'],
} as const;

type Attributes = Readonly<Record<keyof typeof sizes, Found | undefined>>;
type Found = { readonly value: number; readonly place: Place };

async function attribute(
  place: Place,
  keys: readonly string[],
  { variables }: TimeloopReading,
): Promise<Found | undefined> {
  const found = atAny(at(place, 'attributes'), ...keys);
  const value = await finiteAt(found, variables);
  return value === undefined || value <= 0 || found === undefined ? undefined : { value, place: found };
}

async function readMemory(component: TreeComponent, type: string, reading: TimeloopReading): Promise<MemoryDraft> {
  const { ledger, derived, energies } = reading;
  const { name, place, fanout } = component;
  const found: Partial<Record<keyof typeof sizes, Found>> = {};
  for (const [key, keys] of Object.entries(sizes) as [keyof typeof sizes, readonly string[]][]) {
    const value = await attribute(place, keys, reading);
    if (value !== undefined) found[key] = value;
  }
  const attributes = found as Attributes;
  const word = wordBits(name, attributes, reading);
  const block = accessOf(attributes, word, place, ledger);
  const capacity = /dram/i.test(type) ? undefined : readCapacity(attributes, word, ledger);
  if (capacity === undefined && !/dram/i.test(type)) derived.push(`${name} has no size: unlimited`);
  const reads = energyOf(energies, name, ['read', 'random_read'], block.bits, ledger);
  const writes = energyOf(energies, name, ['write', 'update', 'random_fill', 'random_update'], block.bits, ledger);
  if (reads === undefined && writes === undefined) ledger.leave(at(place, 'class'), noEnergy);
  else ledger.take(at(place, 'class'));
  const ports = await readPorts(place, word, reading);
  return {
    kind: 'memory',
    name,
    fanout,
    path: place.path,
    ...(capacity === undefined ? {} : { capacity }),
    ...ports,
    word_bits: word,
    access: block,
    multicast: true,
    ...(reads === undefined ? {} : { readEnergy: reads }),
    ...(writes === undefined ? {} : { writeEnergy: writes }),
  };
}

/** Timeloop's words have 16 bits where nothing else is said. */
function wordBits(name: string, { word }: Attributes, { ledger, derived }: TimeloopReading): number {
  ledger.take(word?.place);
  if (word === undefined) derived.push(`${name} has words of 16 bits, as where a file says nothing`);
  return word?.value ?? 16;
}

/** What one access moves: a block of words, or a row. */
function accessOf({ block, width }: Attributes, word: number, place: Place, ledger: Ledger): Bits {
  const by = block ?? width;
  if (by === undefined) return { bits: word, path: place.path };
  ledger.take(by.place);
  return { bits: Math.max(by === block ? by.value * word : by.value, word), path: by.place.path };
}

function readCapacity(
  { depth, width, entries, kilobytes }: Attributes,
  word: number,
  ledger: Ledger,
): Bits | undefined {
  const take = (...found: readonly Found[]): string => {
    for (const { place } of found) ledger.take(place);
    return found.map(({ place }) => place.path).join(', ');
  };
  if (entries !== undefined) return { bits: entries.value * word, path: take(entries) };
  if (kilobytes !== undefined) return { bits: kilobytes.value * 8192, path: take(kilobytes) };
  if (depth !== undefined && width !== undefined) return { bits: depth.value * width.value, path: take(depth, width) };
  return depth === undefined ? undefined : { bits: depth.value * word, path: take(depth) };
}

/** Bandwidths are words a cycle of one instance. */
async function readPorts(place: Place, word: number, reading: TimeloopReading): Promise<Partial<MemoryDraft>> {
  const port = async (key: string): Promise<Rate | undefined> => {
    const found = await attribute(place, [key], reading);
    if (found === undefined) return undefined;
    reading.ledger.take(found.place);
    return { number: found.value * word, unit: 'b/cycle', place: found.place };
  };
  const shared = await port('shared_bandwidth');
  if (shared !== undefined) return { bandwidth: shared };
  const [read, write] = [await port('read_bandwidth'), await port('write_bandwidth')];
  return {
    ...(read === undefined ? {} : { readBandwidth: read }),
    ...(write === undefined ? {} : { writeBandwidth: write }),
  };
}

function readUnit({ name, place, fanout }: TreeComponent, { ledger, energies }: TimeloopReading): UnitDraft {
  const energy = energyOf(energies, name, ['compute', 'mac', 'mac_random'], 0, ledger);
  if (energy === undefined) ledger.leave(at(place, 'class'), noEnergy);
  else ledger.take(at(place, 'class'));
  const operator = { name: 'mac', ...(energy === undefined ? {} : { energy }) };
  return { kind: 'unit', name, fanout, path: place.path, operators: [operator] };
}
