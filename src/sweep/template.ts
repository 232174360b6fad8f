import { hasPower, type Machine, withoutCapacities } from '../arch/machine.ts';
import { totalArea } from '../arch/peaks.ts';
import type { Workload } from '../einsum/workload.ts';
import { overCapacity } from '../mapper/capacity.ts';
import type { Mapping } from '../mapper/mapping.ts';
import type { MappingNumbers } from '../mapper/mapping-numbers.ts';
import { placeMapping } from '../mapper/place.ts';
import { boundKind, busiestResource } from '../models/bound.ts';
import { type CompiledMapping, compileMapping } from '../models/compiled/compile.ts';
import type { Openness } from '../models/compiled/open.ts';
import { boardPower } from '../models/power.ts';
import { machineResources, type Resources } from '../models/resources.ts';
import type { RunFigures } from './figures.ts';
import type { Refusal } from './subject.ts';

/** A compiled mapping for all points of one structure. */
export type Template = {
  readonly compiled: CompiledMapping;
  readonly resources: Resources;
  /** Of Einsums that have some, at each point. */
  readonly macs: readonly { readonly perPoint: number; readonly variables: readonly number[] }[];
};

/**
 * Compiles a mapping whose numbers are those of one of the points. It is placed where everything has room: what fits is for the
 * compiled form to say. Undefined where it is no legal mapping, or cannot be compiled.
 */
export function compileTemplate(
  mapping: Mapping,
  workload: Workload,
  machine: Machine,
  accounting: string,
  openness: Openness,
): Template | undefined {
  // What lanes must hold follows from other numbers than the structure.
  if (machine.levels.some((l) => l.memory?.private === true)) return undefined;
  const placed = placeMapping(mapping, workload, withoutCapacities(machine));
  const compiled = placed.ok ? compileMapping(placed.value, accounting, openness) : undefined;
  if (compiled === undefined) return undefined;
  const macs = workload.einsums.flatMap(({ operations, variables }) =>
    operations.flatMap(({ operator, perPoint }) => (operator === 'mac' ? [{ perPoint, variables }] : [])),
  );
  return { compiled, resources: machineResources(machine), macs };
}

/** Figures that are written again for each point. */
export type OwnFigures = RunFigures & { readonly requiredBytes: number[]; readonly capacityBytes: number[] };

export const openFigures = (): OwnFigures => ({
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

/** What there is to say of a point; undefined where a cache does not hold its tiles, which is not compiled. */
export function evaluateTemplate(
  { compiled, resources, macs }: Template,
  sizes: Float64Array,
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
  const board = boardPower(machine, latency_cycles, energy_pj);
  into.latency_s = board.time_s;
  into.average_w = hasPower(machine) ? board.average_w : Number.NaN;
  into.readBytes = results.readBytes;
  into.writeBytes = results.writeBytes;
  into.busyCycles = results.busyCycles;
  into.instances = resources.instances;
  const share = (r: number): number => results.busyCycles[r]! / (latency_cycles * resources.instances[r]!);
  into.bound = busiestResource(resources, share);
  into.boundKind = boundKind(resources, into.bound, share(into.bound));
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
