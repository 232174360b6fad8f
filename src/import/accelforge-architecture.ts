import { failure, type Result, success } from '../diagnostic.ts';
import {
  type AccelforgeNode,
  type AccelforgeReading,
  noModel,
  readMemory,
  readUnit,
  type TimedUnit,
} from './accelforge-components.ts';
import { finiteAt, numberAt, tidy } from './arithmetic.ts';
import { at, itemsOf, type Place } from './ledger.ts';
import {
  checkChain,
  countOf,
  type Fanout,
  laneMemories,
  type MachineDraft,
  type MemoryDraft,
  type Quantity,
  type UnitDraft,
  withoutLanePorts,
} from './machine-draft.ts';

const tagOf = ({ node }: Place): string => (node.kind === 'scalar' ? '' : (node.tag ?? ''));

/** The architecture of a file, if it has one. Errors: `missing-field`, `out-of-range`. */
export async function readArchitecture(
  root: Place,
  name: string,
  reading: AccelforgeReading,
): Promise<Result<Omit<MachineDraft, 'description'> | undefined>> {
  const arch = at(root, 'arch');
  if (arch === undefined) return success(undefined);
  reading.ledger.take(at(arch, 'version'));
  const nodes = await readNodes(itemsOf(at(arch, 'nodes')), [], reading);
  const parts: (MemoryDraft | TimedUnit)[] = [];
  for (const node of nodes) {
    const isMemory = tagOf(node.place) === '!Memory';
    parts.push(isMemory ? await readMemory(node, reading) : await readUnit(node, reading));
  }
  const clock = clockOf(parts, reading);
  const timed = parts.map((part) => (part.kind === 'memory' ? part : inCycles(part, clock.hz)));
  const wrong = checkChain(timed, arch);
  if (wrong !== undefined) return failure([wrong]);
  const idlePower = await readLeakage(nodes, reading);
  const chain = withMulticast(withoutLanePorts(timed, reading.ledger), reading);
  return success({ name, clock: clock.quantity, chain, ...(idlePower === undefined ? {} : { idlePower }) });
}

/** Memories and units, outermost first; what a node stands beside itself goes on to all that are below it. */
async function readNodes(
  places: readonly Place[],
  above: readonly Fanout[],
  reading: AccelforgeReading,
): Promise<readonly AccelforgeNode[]> {
  const { ledger } = reading;
  const nodes: AccelforgeNode[] = [];
  let fanout = above;
  for (const place of places) {
    const inner = at(place, 'nodes');
    if (inner !== undefined) {
      if (tagOf(place) === '!Hierarchical') nodes.push(...(await readNodes(itemsOf(inner), fanout, reading)));
      else ledger.leave(place, 'a machine is one chain of levels: components beside each other do not translate');
      continue;
    }
    const isKnown = ['!Memory', '!Compute', '!Container', '!Fanout'].includes(tagOf(place));
    if (!isKnown) {
      ledger.leave(
        place,
        `a node ${tagOf(place) === '' ? 'without a tag' : `of kind ${tagOf(place)}`} has no counterpart`,
      );
      continue;
    }
    const name = ledger.text(at(place, 'name')) ?? 'node';
    fanout = [...fanout, ...(await readSpatial(place, reading))];
    ledger.leave(at(place, 'component_class'), noModel);
    if (tagOf(place) === '!Memory' || tagOf(place) === '!Compute') nodes.push({ name, place, fanout });
  }
  return nodes;
}

async function readSpatial(place: Place, { ledger, variables }: AccelforgeReading): Promise<readonly Fanout[]> {
  const fanout: Fanout[] = [];
  for (const item of itemsOf(at(place, 'spatial'))) {
    const size = await numberAt(at(item, 'fanout'), variables);
    if (size === undefined || !Number.isSafeInteger(size) || size < 1) continue;
    const name = ledger.text(at(item, 'name')) ?? 'lanes';
    ledger.take(at(item, 'fanout'));
    const reuse = at(item, 'may_reuse');
    if (size > 1) fanout.push({ name, size, ...(reuse === undefined ? {} : { reuse }) });
    else ledger.take(reuse);
  }
  return fanout;
}

/**
 * One read of a memory serves several instances of the level below, unless the file says that nothing is reused across
 * them. Lanes of an array always share.
 */
function withMulticast(chain: MachineDraft['chain'], { ledger }: AccelforgeReading): MachineDraft['chain'] {
  const inLanes = laneMemories(chain);
  const memories = chain.filter((c) => c.kind === 'memory');
  const levels = memories.filter((m) => !inLanes.has(m));
  const shared = new Set<MemoryDraft>();
  levels.forEach((level, i) => {
    const below = levels[i + 1]?.fanout.slice(level.fanout.length) ?? [];
    const words = below.map(({ reuse }) => (reuse?.node.kind === 'scalar' ? reuse.node.text : 'All'));
    below.forEach(({ reuse }, k) => {
      if (words[k] === 'All' || words[k] === 'Nothing') ledger.take(reuse);
    });
    if (below.length > 0 && words.every((word) => word === 'All')) shared.add(level);
  });
  return chain.map((c) => (c.kind === 'memory' && shared.has(c) ? { ...c, multicast: true } : c));
}

/** A cycle is what the unit with the most lanes takes for an operation. */
function clockOf(
  parts: readonly (MemoryDraft | TimedUnit)[],
  { derived }: AccelforgeReading,
): { readonly hz: number; readonly quantity: MachineDraft['clock'] } {
  const units = parts.filter((part) => part.kind === 'unit');
  const timed = units.filter((u) => u.operators.some(({ seconds }) => seconds !== undefined && seconds.value > 0));
  const largest = timed.toSorted((a, b) => countOf(b.fanout) - countOf(a.fanout))[0];
  const seconds = largest?.operators.find((o) => o.seconds !== undefined && o.seconds.value > 0)?.seconds;
  if (largest === undefined || seconds === undefined)
    return { hz: 1e9, quantity: { value: '1 GHz', path: 'arch', source: 'convention' } };
  const hz = 1 / seconds.value;
  derived.push(`a cycle is the time that ${largest.name} takes for an operation`);
  return { hz, quantity: { value: `${tidy(hz)} Hz`, path: seconds.place.path, source: 'file' } };
}

const inCycles = ({ operators, ...unit }: TimedUnit, hz: number): UnitDraft => ({
  ...unit,
  operators: operators.map(({ name, seconds, energy }) => ({
    name,
    ...(seconds === undefined ? {} : { cycles: { value: String(tidy(seconds.value * hz)), path: seconds.place.path } }),
    ...(energy === undefined ? {} : { energy }),
  })),
});

/** Power that leaks, of all instances together. */
async function readLeakage(
  nodes: readonly AccelforgeNode[],
  { ledger, variables }: AccelforgeReading,
): Promise<Quantity | undefined> {
  let watts = 0;
  const paths: string[] = [];
  for (const { place, fanout } of nodes) {
    const leak = at(place, 'leak_power');
    const value = await finiteAt(leak, variables);
    if (leak === undefined || value === undefined) continue;
    ledger.take(leak);
    watts += value * countOf(fanout);
    if (value > 0) paths.push(leak.path);
  }
  return watts > 0 ? { value: `${tidy(watts)} W`, path: paths.join(', ') } : undefined;
}
