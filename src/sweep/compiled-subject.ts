import type { Machine } from '../arch/machine.ts';
import { openMachine } from '../arch/parametric-machine.ts';
import { totalArea } from '../arch/peaks.ts';
import { type Result, success } from '../diagnostic.ts';
import { flops } from '../einsum/operations.ts';
import type { Workload } from '../einsum/workload.ts';
import { overCapacity } from '../mapper/capacity.ts';
import type { Mapping, MappingNode } from '../mapper/mapping.ts';
import { type MappingNumbers, mappingNumbers } from '../mapper/mapping-numbers.ts';
import { placeMapping } from '../mapper/place.ts';
import { busiestResource } from '../models/bound.ts';
import { type CompiledMapping, compileMapping } from '../models/compiled/compile.ts';
import { boardPower } from '../models/power.ts';
import { machineResources, type Resources } from '../models/resources.ts';
import { splitParameters } from '../simulate.ts';
import type { RunFigures } from './figures.ts';
import { bindPoint, hasPower, type Refusal, type Subject } from './subject.ts';

/**
 * Evaluates points by compiled mappings: one for all points that are alike but for tiles, stages, iterations in flight and
 * numbers of the machine. Undefined where the pipeline has to say it: mistakes in texts and numbers, and mappings that
 * cannot be compiled. The figures hold until the next call.
 */
export type CompiledSubject = (values: Float64Array) => RunFigures | Refusal | undefined;

/** Points of one structure; `pipeline`: they are not compiled. */
type Template = {
  readonly compiled: CompiledMapping;
  readonly resources: Resources;
  readonly flops: number;
};
type Known = Template | 'pipeline';

/** What is alike for all points of the same sizes and densities. */
type Sized = { readonly workload: Workload; readonly templates: Map<string, Known> };

/** Compiled mappings that are kept. */
const mostTemplates = 4096;

/** Undefined where no point of the subject can be compiled. Errors: those of the machine as it is. */
export async function compileSubject(
  subject: Subject,
  accounting: string,
): Promise<Result<CompiledSubject | undefined>> {
  const { names, draft, mapping } = subject;
  const first = names.sizes.length + names.densities.length;
  const given = new Map(names.parameters.map(({ name }) => [name, '1']));
  const split = splitParameters(given, mapping, draft.spec.parameters);
  if (!split.ok) return success(undefined);
  const positionOf = (name: string): number => first + names.parameters.findIndex((p) => p.name === name);
  const ofMachine = [...split.value.machine.keys()];
  const machinePositions = ofMachine.map(positionOf);
  const family = await openMachine(draft, mapping.name, ofMachine);
  if (!family.ok) return family;
  if (family.value === undefined) return success(undefined);
  const { at } = family.value;

  const own = new Float64Array(ofMachine.length).fill(Number.NaN);
  let machine: Machine | undefined;
  const machineAt = (values: Float64Array): Machine | undefined => {
    let isOther = machine === undefined;
    for (let i = 0; i < own.length; i++) {
      const value = values[machinePositions[i]!]!;
      if (value !== own[i]) isOther = true;
      own[i] = value;
    }
    if (isOther) machine = at(own);
    return machine;
  };

  let point: Float64Array = new Float64Array(first + names.parameters.length);
  const mappingGiven = new Map(
    [...split.value.mapping.keys()].map((name) => {
      const position = positionOf(name);
      return [name, () => point[position]!] as const;
    }),
  );
  let numbers: MappingNumbers | undefined;
  /** The machine that the numbers are of. */
  let asked: Machine | undefined;
  const sizedFrom = createSizes(subject);
  let templates = 0;
  let last: { sized: Sized; structure: Float64Array; template: Known } | undefined;
  const hasGrid = isSpread(mapping.nodes);
  const structure = openStructure(mapping, hasGrid, ofMachine.length);

  const templateOf = (sized: Sized, found: Machine, numbered: MappingNumbers): Known => {
    const key = structure(numbered, found, own);
    if (last !== undefined && last.sized === sized && isSame(last.structure, key)) return last.template;
    const name = key.join();
    let template = sized.templates.get(name);
    if (template === undefined) {
      if (++templates > mostTemplates) {
        sizedFrom.forget();
        templates = 1;
      }
      template = compileTemplate(sized.workload, found, numbered.closed(), accounting, hasGrid ? 'known' : 'open');
      sized.templates.set(name, template);
    }
    last = { sized, structure: key.slice(), template };
    return template;
  };

  const figures = openFigures();
  return success((values) => {
    const sized = sizedFrom.at(values);
    const found = sized === undefined ? undefined : machineAt(values);
    if (sized === undefined || found === undefined) return undefined;
    if (!found.accountings.has(accounting) || (hasPower(found) && accounting !== 'physical')) return undefined;
    point = values;
    numbers ??= mappingNumbers(mapping, sized.workload, found, mappingGiven);
    numbers.setSizes(sized.workload.sizes);
    if (asked !== found) numbers.setMachine(found);
    asked = found;
    if (!numbers.update()) return undefined;
    const template = templateOf(sized, found, numbers);
    return template === 'pipeline' ? undefined : evaluateTemplate(template, found, numbers, figures);
  });
}

/** Workloads of points, by their sizes and densities. */
function createSizes(subject: Subject): {
  readonly at: (values: Float64Array) => Sized | undefined;
  readonly forget: () => void;
} {
  const count = subject.names.sizes.length + subject.names.densities.length;
  const known = new Map<string, Sized | undefined>();
  const last = new Float64Array(count).fill(Number.NaN);
  let found: Sized | undefined;
  return {
    at: (values) => {
      let isOther = known.size === 0;
      for (let i = 0; i < count; i++) if (values[i] !== last[i]) isOther = true;
      if (!isOther) return found;
      last.set(values.subarray(0, count));
      const key = last.join();
      if (!known.has(key)) {
        const workload = bindPoint(subject, values);
        known.set(key, workload.ok ? { workload: workload.value, templates: new Map() } : undefined);
      }
      found = known.get(key);
      return found;
    },
    forget: () => {
      known.clear();
      last.fill(Number.NaN);
    },
  };
}

const isSpread = (nodes: readonly MappingNode[]): boolean =>
  nodes.some((n) => n.kind === 'loop' && (n.across !== undefined || isSpread(n.body)));

const sharesLanes = (nodes: readonly MappingNode[]): boolean =>
  nodes.some(
    (n) =>
      (n.kind === 'loop' && sharesLanes(n.body)) ||
      (n.kind === 'compute' && n.bindings.some((b) => b.dimensions.some((d) => d.lanes !== undefined))),
  );

/**
 * All that decides what a template is, but for sizes: what decides about the mapping, instances, the lanes of arrays whose
 * dimensions are shared, and, where a grid is spread over instances, all parameters of the machine.
 */
function openStructure(
  mapping: Mapping,
  hasGrid: boolean,
  ofMachine: number,
): (numbers: MappingNumbers, machine: Machine, own: Float64Array) => Float64Array {
  const isShared = sharesLanes(mapping.nodes);
  let key: Float64Array | undefined;
  return ({ structure }, { levels, units }, own) => {
    const lanes = isShared ? units.reduce((n, u) => n + u.dimensions.length, 0) : 0;
    key ??= new Float64Array(structure.length + levels.length + lanes + (hasGrid ? ofMachine : 0));
    key.set(structure);
    let i = structure.length;
    for (const { totalInstances } of levels) key[i++] = totalInstances;
    if (isShared) for (const { dimensions } of units) for (const { size } of dimensions) key[i++] = size;
    if (hasGrid) key.set(own, i);
    return key;
  };
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Places the mapping where everything has room: what fits is for the compiled form to say. */
function compileTemplate(
  workload: Workload,
  machine: Machine,
  mapping: Mapping,
  accounting: string,
  numbers: 'known' | 'open',
): Known {
  // What lanes must hold follows from other numbers than the structure.
  if (machine.levels.some((l) => l.memory?.private === true)) return 'pipeline';
  const levels = machine.levels.map((level) =>
    level.memory === undefined
      ? level
      : { ...level, memory: { ...level.memory, capacity_bytes: Number.POSITIVE_INFINITY } },
  );
  const placed = placeMapping(mapping, workload, { ...machine, levels });
  const compiled = placed.ok ? compileMapping(placed.value, accounting, numbers) : undefined;
  if (compiled === undefined) return 'pipeline';
  return { compiled, resources: machineResources(machine), flops: flops(workload) };
}

type OwnFigures = RunFigures & { readonly requiredBytes: number[]; readonly capacityBytes: number[] };

const openFigures = (): OwnFigures => ({
  latency_cycles: 0,
  latency_s: 0,
  lower_bound_cycles: 0,
  energy_j: 0,
  area_mm2: 0,
  average_w: 0,
  flops: 0,
  readBytes: [],
  writeBytes: [],
  requiredBytes: [],
  capacityBytes: [],
  busyCycles: [],
  instances: [],
  bound: 0,
  boundKind: '',
});

function evaluateTemplate(
  { compiled, resources, flops: operations }: Template,
  machine: Machine,
  numbers: MappingNumbers,
  into: OwnFigures,
): RunFigures | Refusal | undefined {
  compiled.tiles.set(numbers.tiles);
  compiled.inFlight.set(numbers.inFlight);
  compiled.stages.set(numbers.stages.subarray(0, compiled.stages.length));
  compiled.setMachine(machine);
  compiled.evaluate();
  const { results } = compiled;
  const { levels } = machine;
  let holds = true;
  let isFull = false;
  for (let l = 0; l < levels.length; l++) {
    const capacity = levels[l]!.memory?.capacity_bytes ?? Number.POSITIVE_INFINITY;
    into.capacityBytes[l] = capacity;
    into.requiredBytes[l] = Math.min(results.requiredBytes[l]!, capacity);
    if (results.certainBytes[l]! > capacity) isFull = true;
    if (results.holdingBytes[l]! > capacity) holds = false;
  }
  if (isFull) return { refused: refusalOf(machine, results.certainBytes) };
  // A cache that does not hold its tiles is not compiled.
  if (!holds) return undefined;
  const { latency_cycles, energy_pj } = results;
  into.latency_cycles = latency_cycles;
  into.lower_bound_cycles = results.lower_bound_cycles;
  into.energy_j = energy_pj * 1e-12;
  into.area_mm2 = totalArea(machine);
  into.flops = operations;
  if (hasPower(machine)) {
    const board = boardPower(machine, latency_cycles, energy_pj);
    into.latency_s = board.time_s;
    into.average_w = board.average_w;
  } else {
    into.latency_s = latency_cycles / machine.clock_hz;
    into.average_w = Number.NaN;
  }
  into.readBytes = results.readBytes;
  into.writeBytes = results.writeBytes;
  into.busyCycles = results.busyCycles;
  into.instances = resources.instances;
  const share = (r: number): number => results.busyCycles[r]! / (latency_cycles * resources.instances[r]!);
  into.bound = busiestResource(resources, share);
  const busyMostly = resources.kinds[into.bound] === 'unit' ? 'compute' : 'bandwidth';
  into.boundKind = share(into.bound) >= 0.5 ? busyMostly : 'latency';
  return into;
}

/** The row says what the pipeline would: every level whose tiles have no room. */
const refusalOf = ({ levels }: Machine, required: Float64Array): string =>
  levels
    .flatMap(({ name, memory }, l) => {
      const capacity = memory?.capacity_bytes ?? Number.POSITIVE_INFINITY;
      return required[l]! > capacity ? [`over-capacity: ${overCapacity(name, required[l]!, capacity)}`] : [];
    })
    .join('; ');
