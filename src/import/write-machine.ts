import { quoted } from './imported.ts';
import {
  countOf,
  type Fanout,
  laneMemories,
  type MachineDraft,
  type MemoryDraft,
  type Quantity,
  type Rate,
  type UnitDraft,
} from './machine-draft.ts';
import { levelShape, Names } from './names.ts';

/** A level of the spec: a memory with the units that compute on it. */
type Level = {
  readonly memory: MemoryDraft;
  readonly units: readonly UnitDraft[];
  /** Every lane of the units has one of its own. */
  readonly isPrivate: boolean;
  /** Of it, in the machine: those of the last level that lanes share. */
  readonly instances: readonly Fanout[];
};

function levelsOf(chain: MachineDraft['chain']): readonly Level[] {
  const inLanes = laneMemories(chain);
  let shared: readonly Fanout[] = [];
  return chain
    .filter((c) => c.kind === 'memory')
    .map((memory) => {
      const isPrivate = inLanes.has(memory);
      if (!isPrivate) shared = memory.fanout;
      return { memory, units: unitsAfter(chain, memory), isPrivate, instances: shared };
    });
}

function unitsAfter(chain: MachineDraft['chain'], memory: MemoryDraft): readonly UnitDraft[] {
  const after = chain.slice(chain.indexOf(memory) + 1);
  const end = after.findIndex((c) => c.kind === 'memory');
  return (end < 0 ? after : after.slice(0, end)).filter((c) => c.kind === 'unit');
}

/** Dimensions below some others; a count where these are not the first of them. */
function below(all: readonly Fanout[], above: readonly Fanout[]): readonly Fanout[] {
  const isPrefix = above.every(({ size }, i) => all[i]?.size === size);
  if (isPrefix) return all.slice(above.length);
  return [{ name: 'lanes', size: countOf(all) / countOf(above) }];
}

/** `4096 * `, of as many. */
const times = (count: number): string => (count > 1 ? `${count} * ` : '');

/** That of all lanes together, in whole bytes. */
const roomOf = (bits: number, lanes: number): string =>
  bits % 8 === 0 ? `${times(lanes)}${bits / 8} B` : `${wholeBytes(bits * lanes)} B`;

const wholeBytes = (bits: number): number => Math.floor(bits / 8);

const value = ({ value: text, path }: Quantity, source = 'file'): string =>
  `{ value: ${text}, source: ${source}, note: ${quoted(path)} }`;

const rate = ({ number, unit, place }: Rate): string => value({ value: `${number} ${unit}`, path: place.path });

function memoryLines({ memory, isPrivate, instances }: Level): readonly string[] {
  const lanes = countOf(memory.fanout) / countOf(instances);
  const { capacity, access } = memory;
  return [
    ...(capacity === undefined
      ? []
      : [`capacity: ${value({ value: roomOf(capacity.bits, lanes), path: capacity.path })}`]),
    ...(isPrivate ? ['private: true'] : []),
    ...(memory.bandwidth === undefined ? [] : [`bandwidth: ${rate(memory.bandwidth)}`]),
    ...(memory.readBandwidth === undefined ? [] : [`read_bandwidth: ${rate(memory.readBandwidth)}`]),
    ...(memory.writeBandwidth === undefined ? [] : [`write_bandwidth: ${rate(memory.writeBandwidth)}`]),
    ...(access === undefined || access.bits < 16
      ? []
      : [`access: ${value({ value: `${wholeBytes(access.bits)} B`, path: access.path })}`]),
    ...(memory.readEnergy === undefined ? [] : [`read_energy: ${value(memory.readEnergy)}`]),
    ...(memory.writeEnergy === undefined ? [] : [`write_energy: ${value(memory.writeEnergy)}`]),
  ];
}

function unitLines(unit: UnitDraft, level: Level, names: Names): readonly string[] {
  const dimensions = below(unit.fanout, level.instances);
  const own = new Names(levelShape);
  const lanes = dimensions.map((d, i) => `${own.of(d.name, String(i))}: ${d.size}`);
  const { area } = unit;
  return [
    `- name: ${names.of(unit.name, unit.path)}`,
    '  source: file',
    `  note: ${quoted(unit.path)}`,
    `  dimensions: { ${lanes.length === 0 ? 'lanes: 1' : lanes.join(', ')} }`,
    '  operators:',
    ...unit.operators.map(({ name, cycles, energy }) => {
      const parts = [
        ...(cycles === undefined ? [] : [`cycles: ${value(cycles)}`]),
        ...(energy === undefined ? [] : [`energy: ${value(energy)}`]),
      ];
      return `    ${name}: { ${parts.length === 0 ? 'cycles: 1' : parts.join(', ')} }`;
    }),
    ...(area === undefined
      ? []
      : [`  area: ${value({ value: `${times(countOf(dimensions))}${area.value}`, path: area.path })}`]),
  ];
}

const indented = (lines: readonly string[], indent: string): readonly string[] => lines.map((line) => indent + line);

function levelLines(level: Level, i: number, levels: readonly Level[], names: Names): readonly string[] {
  const { memory, units, isPrivate, instances } = level;
  const parent = levels[i - 1];
  const count = parent === undefined ? 1 : countOf(instances) / countOf(parent.instances);
  const lanes = countOf(memory.fanout) / countOf(instances);
  const memoryBlock = memoryLines(level);
  const child = levels[i + 1];
  const servesSeveral = child !== undefined && countOf(child.instances) > countOf(instances);
  return [
    `- name: ${names.of(memory.name, memory.path)}`,
    ...(parent === undefined ? [] : [`  parent: ${names.of(parent.memory.name, parent.memory.path)}`]),
    ...(count > 1 && !isPrivate ? [`  instances: ${value({ value: String(count), path: memory.path })}`] : []),
    ...(memory.multicast === true && servesSeveral ? ['  multicast: true'] : []),
    ...(memory.area === undefined
      ? []
      : [`  area: ${value({ value: `${times(lanes)}${memory.area.value}`, path: memory.area.path })}`]),
    ...(memoryBlock.length === 0 ? ['  memory: {}'] : ['  memory:', ...indented(memoryBlock, '    ')]),
    ...(units.length === 0 ? [] : ['  units:', ...units.flatMap((u) => indented(unitLines(u, level, names), '    '))]),
  ];
}

/** How the tool charges, for comparisons: `attnsim run --accounting timeloop`. */
const freeDrains = (name: string): readonly string[] => [
  'accountings:',
  `  ${name}: { source: file, note: "a result that leaves a memory is not read there", free_drains: true }`,
];

/** The text of a spec; every number has the path of what says it in the file. */
export function writeMachine(draft: MachineDraft, file: string): string {
  const levels = levelsOf(draft.chain);
  const names = new Names(levelShape);
  const { clock, idlePower } = draft;
  return [
    `name: ${draft.name}`,
    `description: ${quoted(draft.description)}`,
    'sources:',
    `  file: ${quoted(`imported from ${file}; the note of a number is its path there`)}`,
    ...(clock.source === 'convention' ? ['  convention: "any clock: the file counts cycles"'] : []),
    `clock: ${value(clock, clock.source)}`,
    ...(idlePower === undefined ? [] : [`power: { idle: ${value(idlePower)} }`]),
    ...(draft.hasFreeDrains === true ? freeDrains('timeloop') : []),
    'levels:',
    ...levels.flatMap((level, i) => indented(levelLines(level, i, levels, names), '  ')),
    '',
  ].join('\n');
}
