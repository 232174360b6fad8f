import { failure, type Result, success } from '../diagnostic.ts';
import { finiteAt, numberAt } from './arithmetic.ts';
import { readTree, type TreeComponent, withoutRanges } from './component-tree.ts';
import { at, atAny, itemsOf, type Place } from './ledger.ts';
import {
  checkChain,
  type Fanout,
  type MachineDraft,
  type MemoryDraft,
  type UnitDraft,
  withoutLanePorts,
} from './machine-draft.ts';
import { readComponent, type TimeloopReading } from './timeloop-components.ts';

/** The architecture of a file, if it has one. Errors: `missing-field`, `out-of-range`. */
export async function readArchitecture(
  root: Place,
  reading: TimeloopReading,
  name: string,
): Promise<Result<Omit<MachineDraft, 'description'> | undefined>> {
  const architecture = at(root, 'architecture');
  if (architecture === undefined) return success(undefined);
  reading.ledger.take(at(architecture, 'version'));
  const components = [
    ...(await readNodes(itemsOf(at(architecture, 'nodes')), [], reading)),
    ...itemsOf(at(architecture, 'subtree')).flatMap((tree) => readTree(tree, [], reading.ledger)),
  ];
  const chain: (MemoryDraft | UnitDraft)[] = [];
  for (const component of components) {
    const read = await readComponent(component, reading);
    if (read !== undefined) chain.push(read);
  }
  const wrong = checkChain(chain, architecture);
  if (wrong !== undefined) return failure([wrong]);
  const clock = await readClock([at(root, 'variables'), ...attributesIn(architecture)], reading);
  return success({ name, clock, hasFreeDrains: true, chain: withoutLanePorts(chain, reading.ledger) });
}

/** The nodes of version 0.4, outermost first; `fanout` is what is above them. */
async function readNodes(
  nodes: readonly Place[],
  above: readonly Fanout[],
  reading: TimeloopReading,
): Promise<readonly TreeComponent[]> {
  const { ledger } = reading;
  const components: TreeComponent[] = [];
  let fanout = above;
  for (const node of nodes) {
    const inner = at(node, 'nodes');
    if (inner !== undefined) {
      const isParallel = node.node.kind !== 'scalar' && node.node.tag === '!Parallel';
      if (isParallel) reading.derived.push(`${node.path}: components beside each other are levels one below the other`);
      components.push(...(await readNodes(itemsOf(inner), fanout, reading)));
      continue;
    }
    const name = ledger.text(at(node, 'name')) ?? 'node';
    fanout = [...fanout, ...(await readSpatial(node, name, reading))];
    const isComponent =
      node.node.kind !== 'scalar' && node.node.tag !== '!Container' && at(node, 'class') !== undefined;
    if (isComponent) components.push({ name: withoutRanges(name), place: node, fanout });
  }
  return components;
}

async function readSpatial(
  node: Place,
  name: string,
  { ledger, variables }: TimeloopReading,
): Promise<readonly Fanout[]> {
  const fanout: Fanout[] = [];
  for (const key of ['meshX', 'meshY']) {
    const place = at(at(node, 'spatial'), key);
    const size = await numberAt(place, variables);
    if (size === undefined || !Number.isSafeInteger(size) || size < 1) continue;
    ledger.take(place);
    if (size > 1) fanout.push({ name: `${name}_${key.at(-1)}`, size });
  }
  return fanout;
}

/** All blocks of attributes, outermost first. */
function attributesIn(place: Place): readonly Place[] {
  const own = at(place, 'attributes');
  const inner = ['nodes', 'local', 'subtree'].flatMap((key) => itemsOf(at(place, key)));
  return [...(own === undefined ? [] : [own]), ...inner.flatMap(attributesIn)];
}

/** A cycle, if the file says how long one is. */
async function readClock(
  blocks: readonly (Place | undefined)[],
  { ledger, variables }: TimeloopReading,
): Promise<MachineDraft['clock']> {
  for (const block of blocks) {
    const cycle = atAny(block, 'global_cycle_seconds', 'cycle_seconds');
    const seconds = await finiteAt(cycle, variables);
    if (cycle === undefined || seconds === undefined || !(seconds > 0)) continue;
    ledger.take(cycle);
    return { value: `1 / ${seconds} Hz`, path: cycle.path, source: 'file' };
  }
  return { value: '1 GHz', path: 'architecture', source: 'convention' };
}
