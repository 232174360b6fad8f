import { type Draft, readChain, type SpecFinder } from '../arch/chain.ts';
import { machineOf, specOf } from '../arch/load.ts';
import { hasPower, type Machine } from '../arch/machine.ts';
import { type Diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { type CheckedCascade, checkCascade } from '../einsum/check.ts';
import { parseCascade } from '../einsum/parse.ts';
import { bindSizes } from '../einsum/shape.ts';
import type { Workload } from '../einsum/workload.ts';
import { parseWorkloadFile } from '../einsum/workload-file.ts';
import type { Mapping } from '../mapper/mapping.ts';
import { placeMapping } from '../mapper/place.ts';
import type { EvaluationOptions } from '../models/evaluate.ts';
import type { Metrics } from '../models/metrics.ts';
import { machineResources } from '../models/resources.ts';
import { evaluatePlacement, splitParameters } from '../simulate.ts';
import type { Source } from '../source.ts';
import { baseUnit, type Dimension, type Measure } from '../units.ts';
import type { FigureNames, RunFigures } from './figures.ts';

/** What runs on what, as texts. */
export type SubjectTexts = {
  readonly cascade: Source;
  readonly machine: Source;
  readonly workload: Source | undefined;
  /** Formats of tensors by name, in place of those that the cascade declares. */
  readonly formats: ReadonlyMap<string, string>;
};

/** What varies from point to point; the values of a point are in this order. */
export type InputNames = {
  /** Ranks and parameters of the cascade. */
  readonly sizes: readonly string[];
  /** Gates. */
  readonly densities: readonly string[];
  /** Of the machine or the mapping. */
  readonly parameters: readonly { readonly name: string; readonly dimension: Dimension }[];
};

/** Texts of a run that have been read once, for many points. */
export type Unmapped = {
  readonly names: InputNames;
  readonly cascade: CheckedCascade;
  readonly draft: Draft;
  readonly presets: ReadonlyMap<string, number>;
  readonly formats: ReadonlyMap<string, string>;
};

export type Subject = Unmapped & { readonly mapping: Mapping };

/** Reads the texts. Errors: those of each of them. */
export async function readSubject(
  texts: SubjectTexts,
  names: InputNames,
  finder: SpecFinder,
): Promise<Result<Unmapped>> {
  const parsed = parseCascade(texts.cascade);
  const cascade = parsed.ok ? checkCascade(parsed.value) : parsed;
  const draft = await readChain(texts.machine, finder);
  const spec = draft.ok ? specOf(draft.value) : draft;
  const workload = texts.workload === undefined ? undefined : parseWorkloadFile(texts.workload);
  const wrong = [cascade, spec, workload].flatMap((r) => (r === undefined || r.ok ? [] : r.diagnostics));
  if (!cascade.ok || !draft.ok || wrong.length > 0) return failure(wrong);
  return success({
    names,
    cascade: cascade.value,
    draft: draft.value,
    presets: workload?.ok === true ? workload.value.sizes : new Map(),
    formats: texts.formats,
  });
}

/** A quantity as a spec writes it, from which the same number is read again: "400000000000 B/s". */
export function measureText({ value, dimension }: Measure): string {
  const unit = baseUnit(dimension);
  if (unit === '') return `${value}`;
  return unit.startsWith('1/') ? `${value} / (${unit.slice(2)})` : `${value} ${unit}`;
}

/** Why a point is no legal run, as its row says it. */
export type Refusal = { readonly refused: string };

/** Mistakes as a row says them: places in texts are of no use there. */
export const refusal = (diagnostics: readonly Diagnostic[]): Refusal => ({
  refused: diagnostics.map(({ code, message }) => `${code}: ${message}`).join('; '),
});

/** A point that has gone through the pipeline. */
export type Evaluated = { readonly machine: Machine; readonly metrics: Metrics };

/** One point, by the whole pipeline. */
export async function evaluatePoint(
  subject: Subject,
  values: ArrayLike<number>,
  model: Metrics['model'],
  options: EvaluationOptions,
): Promise<Result<Evaluated>> {
  const { names, draft, mapping } = subject;
  const split = splitParameters(parameterTexts(names, values), mapping, draft.spec.parameters);
  const workload = bindPoint(subject, values);
  if (!split.ok) return failure([...split.diagnostics, ...(workload.ok ? [] : workload.diagnostics)]);
  const machine = await machineOf(draft, { kernel: mapping.name, parameters: split.value.machine });
  if (!workload.ok || !machine.ok) return failure([workload, machine].flatMap((r) => (r.ok ? [] : r.diagnostics)));
  const placed = placeMapping(mapping, workload.value, machine.value, split.value.mapping);
  if (!placed.ok) return placed;
  const metrics = evaluatePlacement({ placed: placed.value, mapping }, model, options);
  return metrics.ok ? success({ machine: machine.value, metrics: metrics.value }) : metrics;
}

/** Parameters of a point, as they are written on a command line. */
export function parameterTexts(names: InputNames, values: ArrayLike<number>): ReadonlyMap<string, string> {
  const first = names.sizes.length + names.densities.length;
  return new Map(
    names.parameters.map(({ name, dimension }, i) => [name, measureText({ value: values[first + i]!, dimension })]),
  );
}

/** The workload of a point. */
export function bindPoint({ names, cascade, presets, formats }: Unmapped, values: ArrayLike<number>): Result<Workload> {
  const sizes = new Map(names.sizes.map((name, i) => [name, values[i]!]));
  const densities = names.densities.map((name, i) => {
    const share = values[names.sizes.length + i]!;
    return [name, { share, source: 'given' }] as const;
  });
  return bindSizes(cascade, sizes, presets, formats, new Map(densities));
}

/** Names by which figures of a machine are asked for. */
export const namesOf = (machine: Machine): FigureNames => ({
  levels: machine.levels.map(({ name, memory }) => (memory === undefined ? undefined : name)),
  resources: machineResources(machine).names,
});

/** Figures of a run as the models say them. */
export function figuresOf({ machine, metrics }: Evaluated): RunFigures {
  const traffic = machine.levels.map(({ name }) => metrics.traffic.get(name));
  const buffers = machine.levels.map(({ name }) => metrics.buffers.get(name));
  const { names } = machineResources(machine);
  const busy = names.map((resource) => metrics.busy_cycles.get(resource)!);
  let energy_pj = 0;
  for (const part of metrics.energy_pj.values()) energy_pj += part;
  return {
    latency_cycles: metrics.latency_cycles,
    latency_s: metrics.board.time_s,
    lower_bound_cycles: metrics.lower_bound_cycles,
    energy_j: energy_pj * 1e-12,
    area_mm2: metrics.area_mm2,
    average_w: hasPower(machine) ? metrics.board.average_w : Number.NaN,
    flops: metrics.flops,
    readBytes: traffic.map((t) => t?.read_bytes ?? 0),
    writeBytes: traffic.map((t) => t?.write_bytes ?? 0),
    requiredBytes: buffers.map((b) => b?.required_bytes ?? 0),
    capacityBytes: buffers.map((b) => b?.capacity_bytes ?? Number.POSITIVE_INFINITY),
    busyCycles: busy.map((b) => b.cycles),
    instances: busy.map((b) => b.instances),
    bound: names.indexOf(metrics.bound.resource),
    boundKind: metrics.bound.kind,
  };
}
