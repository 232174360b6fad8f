import type { Machine } from '../arch/machine.ts';
import { openMachine } from '../arch/parametric-machine.ts';
import { totalArea } from '../arch/peaks.ts';
import { type Result, success } from '../diagnostic.ts';
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
import { openSizes, type Sized, type WorkloadFamily } from './sized.ts';
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
  /** Of Einsums that have some, at each point. */
  readonly macs: readonly { readonly perPoint: number; readonly variables: readonly number[] }[];
};
type Known = Template | 'pipeline';

/** Compiled mappings that are kept: each takes about half a megabyte. */
const mostTemplates = 256;

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
  /** The machine and the sizes that the numbers are of. */
  let asked: Machine | undefined;
  let measured: Sized | undefined;
  let last: { family: WorkloadFamily; structure: Float64Array; template: Known } | undefined;
  const hasGrid = isSpread(mapping.nodes);
  const sizes = openSizes(subject, !hasGrid);
  const templates = new Map<WorkloadFamily, Map<string, Known>>();
  let count = 0;
  const structure = openStructure(mapping);

  const templateOf = (values: Float64Array, sized: Sized, found: Machine, numbered: MappingNumbers): Known => {
    const { family } = sized;
    const key = structure(sized, numbered, found, own);
    if (last !== undefined && last.family === family && isSame(last.structure, key)) return last.template;
    const name = key.join();
    let template = templates.get(family)?.get(name);
    if (template === undefined) {
      if (++count > mostTemplates) {
        // Workloads go, too: only what is met again is bound again.
        sizes.forget();
        templates.clear();
        count = 1;
      }
      template = compileTemplate(subject, values, sized, { machine: found, mapping: numbered.closed(), accounting });
      const those = templates.get(family) ?? new Map<string, Known>();
      templates.set(family, those.set(name, template));
    }
    last = { family, structure: key.slice(), template };
    return template;
  };

  const figures = openFigures();
  return success((values) => {
    const sized = sizes.at(values);
    const found = sized === undefined ? undefined : machineAt(values);
    if (sized === undefined || found === undefined) return undefined;
    if (!found.accountings.has(accounting) || (hasPower(found) && accounting !== 'physical')) return undefined;
    point = values;
    numbers ??= mappingNumbers(mapping, sized.family.workload, found, mappingGiven);
    if (measured !== sized) numbers.setSizes(sized.named);
    measured = sized;
    if (asked !== found) numbers.setMachine(found);
    asked = found;
    if (!numbers.update()) return undefined;
    const template = templateOf(values, sized, found, numbers);
    return template === 'pipeline' ? undefined : evaluateTemplate(template, sized, found, numbers, figures);
  });
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
 * All that decides what a template of a family is: the form of its sizes, what decides about the mapping, instances, the lanes of
 * arrays whose dimensions are shared, and, where numbers are not open, all parameters of the machine.
 */
function openStructure(
  mapping: Mapping,
): (sized: Sized, numbers: MappingNumbers, machine: Machine, own: Float64Array) => Float64Array {
  const isShared = sharesLanes(mapping.nodes);
  const parts: number[] = [];
  let key = new Float64Array(0);
  return ({ family, form }, { structure }, { levels, units }, own) => {
    parts.length = 0;
    for (const { totalInstances } of levels) parts.push(totalInstances);
    if (isShared) for (const { dimensions } of units) for (const { size } of dimensions) parts.push(size);
    if (family.form === undefined) parts.push(...own);
    const length = form.length + structure.length + parts.length;
    if (key.length !== length) key = new Float64Array(length);
    key.set(form);
    key.set(structure, form.length);
    key.set(parts, form.length + structure.length);
    return key;
  };
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Places the mapping where everything has room: what fits is for the compiled form to say. */
function compileTemplate(
  subject: Subject,
  values: Float64Array,
  { family }: Sized,
  {
    machine,
    mapping,
    accounting,
  }: { readonly machine: Machine; readonly mapping: Mapping; readonly accounting: string },
): Known {
  // What lanes must hold follows from other numbers than the structure.
  if (machine.levels.some((l) => l.memory?.private === true)) return 'pipeline';
  const levels = machine.levels.map((level) =>
    level.memory === undefined
      ? level
      : { ...level, memory: { ...level.memory, capacity_bytes: Number.POSITIVE_INFINITY } },
  );
  // Which loops move follows from the sizes of the point itself.
  const workload = bindPoint(subject, values);
  if (!workload.ok) return 'pipeline';
  const placed = placeMapping(mapping, workload.value, { ...machine, levels });
  const openness = family.form === undefined ? 'known' : 'open';
  const compiled = placed.ok ? compileMapping(placed.value, accounting, openness) : undefined;
  if (compiled === undefined) return 'pipeline';
  const macs = workload.value.einsums.flatMap(({ operations, variables }) =>
    operations.flatMap(({ operator, perPoint }) => (operator === 'mac' ? [{ perPoint, variables }] : [])),
  );
  return { compiled, resources: machineResources(machine), macs };
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
  { compiled, resources, macs }: Template,
  { sizes }: Sized,
  machine: Machine,
  numbers: MappingNumbers,
  into: OwnFigures,
): RunFigures | Refusal | undefined {
  if (compiled.sizes.length > 0) compiled.sizes.set(sizes);
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
  into.flops = 0;
  for (const { perPoint, variables } of macs) {
    let points = perPoint;
    for (const v of variables) points *= sizes[v]!;
    into.flops += 2 * points;
  }
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
