import { evaluateText, finiteAt, numberAt, tidy, type Variables } from './arithmetic.ts';
import { at, itemsOf, type Ledger, type Place } from './ledger.ts';
import type { Fanout, MemoryDraft, Quantity, Rate, UnitDraft } from './machine-draft.ts';

export type AccelforgeReading = { readonly ledger: Ledger; readonly variables: Variables; readonly derived: string[] };

/** A node with all fanout above it, and its own. */
export type AccelforgeNode = { readonly name: string; readonly place: Place; readonly fanout: readonly Fanout[] };

/** One action: how many joules and seconds it takes, and how many bits it moves. */
type Action = {
  readonly name: string;
  readonly kind: string;
  readonly energy_j?: { readonly value: number; readonly place: Place };
  readonly seconds?: { readonly value: number; readonly place: Place };
  readonly bits: number;
};

export const noModel = 'models of components are not evaluated: give energy, latency and area as numbers';

async function readActions(place: Place, reading: AccelforgeReading): Promise<readonly Action[]> {
  const { ledger, variables } = reading;
  const scale = async (at_: Place | undefined): Promise<number> => {
    const value = await finiteAt(at_, variables);
    if (value !== undefined) ledger.take(at_);
    return value ?? 1;
  };
  const [energyScale, latencyScale] = [await scale(at(place, 'energy_scale')), await scale(at(place, 'latency_scale'))];
  const actions: Action[] = [];
  for (const item of itemsOf(at(place, 'actions'))) {
    const name = ledger.text(at(item, 'name')) ?? '';
    const kind = ledger.text(at(item, 'op_kind')) ?? name;
    const [energy, rate, latency] = [at(item, 'energy'), at(item, 'throughput'), at(item, 'latency')];
    const [joules, each] = [await finiteAt(energy, variables), await scale(at(item, 'bits_per_action'))];
    const [perSecond, seconds] = [await numberAt(rate, variables), await finiteAt(latency, variables)];
    const [own, ownLatency] = [await scale(at(item, 'energy_scale')), await scale(at(item, 'latency_scale'))];
    if (perSecond !== undefined) ledger.leave(latency, 'the rate is that of the throughput');
    const time = perSecond === undefined || perSecond === 0 ? seconds : 1 / perSecond;
    actions.push({
      name,
      kind,
      bits: each,
      ...(joules === undefined ? {} : { energy_j: { value: joules * energyScale * own, place: energy! } }),
      ...(time === undefined
        ? {}
        : { seconds: { value: time * latencyScale * ownLatency, place: (perSecond === undefined ? latency : rate)! } }),
    });
  }
  return actions;
}

function energyOf(action: Action | undefined, perBits: boolean, ledger: Ledger): Quantity | undefined {
  if (action?.energy_j === undefined) return undefined;
  const { value, place } = action.energy_j;
  ledger.take(place);
  const energy_pj = `${tidy(value * 1e12)} pJ`;
  return { value: perBits ? `${energy_pj} / ${action.bits} b` : energy_pj, path: place.path };
}

async function readArea(place: Place, { ledger, variables }: AccelforgeReading): Promise<UnitDraft['area']> {
  const area = at(place, 'area');
  const value = await finiteAt(area, variables);
  if (area === undefined || value === undefined) return undefined;
  const scale = at(place, 'area_scale');
  const factor = (await finiteAt(scale, variables)) ?? 1;
  ledger.take(area);
  ledger.take(scale);
  return { value: `${tidy(value * factor * 1e12)} um^2`, path: area.path };
}

export async function readMemory(node: AccelforgeNode, reading: AccelforgeReading): Promise<MemoryDraft> {
  const { name, place, fanout } = node;
  const { ledger, derived } = reading;
  const size = at(place, 'size');
  const bits = await numberAt(size, reading.variables);
  if (bits === undefined) derived.push(`${name} is unlimited: its size is not a number`);
  else ledger.take(size);
  if (bits === undefined) ledger.leave(size, 'it depends on what is mapped, so the level has no capacity');
  const actions = await readActions(place, reading);
  const [read, write] = ['read', 'write'].map((action) => actions.find((a) => a.name === action));
  const [readEnergy, writeEnergy] = [energyOf(read, true, ledger), energyOf(write, true, ledger)];
  const area = await readArea(place, reading);
  return {
    kind: 'memory',
    name,
    fanout,
    path: place.path,
    ...(bits === undefined || bits === Number.POSITIVE_INFINITY ? {} : { capacity: { bits, path: size!.path } }),
    ...(await readPorts(place, read, write, reading)),
    ...(readEnergy === undefined ? {} : { readEnergy }),
    ...(writeEnergy === undefined ? {} : { writeEnergy }),
    ...(area === undefined ? {} : { area }),
  };
}

/** How long actions take together: the sum of theirs (one port), or the most (two ports), found by trying. */
async function portsOf(
  place: Place,
  read: Action,
  write: Action,
  reading: AccelforgeReading,
): Promise<'one' | 'two' | undefined> {
  const total = at(place, 'total_latency');
  if (total === undefined) return 'one';
  if (total.node.kind !== 'scalar') return undefined;
  const { text } = total.node;
  const [r, w] = [read.seconds?.value ?? 0, write.seconds?.value ?? 0];
  const took = async (reads: number, writes: number): Promise<number> => {
    const counts = [
      ['read_actions', reads],
      ['write_actions', writes],
      ['read_latency', reads * r],
      ['write_latency', writes * w],
    ] as const;
    return (await evaluateText(text, new Map([...reading.variables, ...counts]))) ?? Number.NaN;
  };
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
  const trials = [
    [2, 0],
    [0, 2],
    [2, 2],
    [4, 2],
    [2, 4],
  ] as const;
  const found = await Promise.all(trials.map(([reads, writes]) => took(reads, writes)));
  if (!near(found[0]!, 2 * r) || !near(found[1]!, 2 * w)) return undefined;
  const is = (join: (a: number, b: number) => number): boolean =>
    trials.every(([reads, writes], i) => near(found[i]!, join(reads * r, writes * w)));
  return is(Math.max) ? 'two' : is((a, b) => a + b) ? 'one' : undefined;
}

async function readPorts(
  place: Place,
  read: Action | undefined,
  write: Action | undefined,
  reading: AccelforgeReading,
): Promise<Partial<MemoryDraft>> {
  const { ledger, derived } = reading;
  const rate = (action: Action | undefined): Rate | undefined => {
    if (action?.seconds === undefined) return undefined;
    ledger.take(action.seconds.place);
    const number = tidy(action.bits / action.seconds.value);
    return Number.isFinite(number) ? { number, unit: 'b/s', place: action.seconds.place } : undefined;
  };
  const timed = await withTotal(place, read, write, reading);
  const [reads, writes] = [rate(timed.read), rate(timed.write)];
  const isShared = timed.ports === 'one' && reads !== undefined && writes !== undefined;
  if (isShared && reads.number === writes.number) return { bandwidth: reads };
  if (isShared)
    derived.push(`${place.path}: reads and writes have ports of their own, since one port has one bandwidth`);
  return {
    ...(reads === undefined ? {} : { readBandwidth: reads }),
    ...(writes === undefined ? {} : { writeBandwidth: writes }),
  };
}

/** Actions with the time that `total_latency` gives them, where it counts actions and not their latencies. */
async function withTotal(
  place: Place,
  read: Action | undefined,
  write: Action | undefined,
  reading: AccelforgeReading,
): Promise<{ readonly read: Action | undefined; readonly write: Action | undefined; readonly ports?: 'one' | 'two' }> {
  const { ledger, variables } = reading;
  const total = at(place, 'total_latency');
  if (read === undefined || write === undefined) return { read, write };
  const ports = await portsOf(place, read, write, reading);
  if (ports !== undefined) {
    ledger.take(total);
    return { read, write, ports };
  }
  const text = total?.node.kind === 'scalar' ? total.node.text : '';
  const one = async (reads: number, writes: number): Promise<number | undefined> =>
    await evaluateText(text, new Map([...variables, ['read_actions', reads], ['write_actions', writes]]));
  const [r, w] = [await one(1, 0), await one(0, 1)];
  if (total === undefined || r === undefined || w === undefined || !(r > 0) || !(w > 0)) {
    ledger.leave(total, 'only sums and maxima of the times of reads and writes translate');
    return { read, write };
  }
  const [timedRead, timedWrite] = [read, write].map((action, i) => ({
    ...action,
    seconds: { value: [r, w][i]!, place: total },
  }));
  const found = await portsOf(place, timedRead!, timedWrite!, reading);
  if (found === undefined) ledger.leave(total, 'only sums and maxima of the times of reads and writes translate');
  return found === undefined ? { read, write } : { read: timedRead, write: timedWrite, ports: found };
}

const anything = ['mac', 'mul', 'add', 'sub', 'div', 'max', 'min', 'exp'] as const;

/** What a unit computes follows from how many tensors an Einsum has to have for it: two have no product. */
function operatorsOf(kind: string, place: Place, ledger: Ledger): readonly string[] {
  const known = anything.find((operator) => operator === kind);
  if (known !== undefined) return [known];
  const enabled = at(place, 'enabled');
  const tensors =
    enabled?.node.kind === 'scalar' ? /^len\(All\)\s*==\s*([23])$/.exec(enabled.node.text)?.[1] : undefined;
  if (tensors !== undefined) ledger.take(enabled);
  if (tensors === undefined) return anything;
  return anything.filter((operator) =>
    tensors === '2' ? !['mac', 'mul', 'sub', 'div'].includes(operator) : operator !== 'exp',
  );
}

/** Seconds of one operation by operator, before the clock is known. */
export type TimedUnit = Omit<UnitDraft, 'operators'> & {
  readonly operators: readonly {
    readonly name: string;
    readonly seconds?: { readonly value: number; readonly place: Place };
    readonly energy?: Quantity;
  }[];
};

export async function readUnit(node: AccelforgeNode, reading: AccelforgeReading): Promise<TimedUnit> {
  const { name, place, fanout } = node;
  const { ledger, variables } = reading;
  const actions = await readActions(place, reading);
  const total = at(place, 'total_latency');
  const text = total?.node.kind === 'scalar' ? total.node.text : undefined;
  const counted =
    text === undefined ? undefined : await evaluateText(text, new Map([...variables, ['compute_actions', 1]]));
  if (counted !== undefined) ledger.take(total);
  const operators = actions.flatMap((action) => {
    const energy = energyOf(action, false, ledger);
    const seconds = counted === undefined ? action.seconds : { value: counted, place: total! };
    if (counted === undefined) ledger.take(seconds?.place);
    return operatorsOf(action.kind, place, ledger).map((operator) => ({
      name: operator,
      ...(seconds === undefined ? {} : { seconds }),
      ...(energy === undefined ? {} : { energy }),
    }));
  });
  const area = await readArea(place, reading);
  const usual =
    operators.length > 0 ? operators : operatorsOf('', place, ledger).map((operator) => ({ name: operator }));
  return {
    kind: 'unit',
    name,
    fanout,
    path: place.path,
    operators: usual,
    ...(area === undefined ? {} : { area }),
  };
}
