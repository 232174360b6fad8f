import { type Draft, readChain, type SpecFinder } from '../arch/chain.ts';
import { machineOf, specOf } from '../arch/load.ts';
import type { Machine } from '../arch/machine.ts';
import { failure, type Result, success } from '../diagnostic.ts';
import { type CheckedCascade, checkCascade } from '../einsum/check.ts';
import { parseCascade } from '../einsum/parse.ts';
import { bindSizes } from '../einsum/shape.ts';
import type { Workload } from '../einsum/workload.ts';
import { parseWorkloadFile } from '../einsum/workload-file.ts';
import type { Mapping } from '../mapper/mapping.ts';
import { parseMapping } from '../mapper/parse.ts';
import { placeMapping } from '../mapper/place.ts';
import type { EvaluationOptions } from '../models/evaluate.ts';
import type { Metrics } from '../models/metrics.ts';
import { machineResources } from '../models/resources.ts';
import { evaluatePlacement, splitParameters } from '../simulate.ts';
import type { Source } from '../source.ts';
import { baseUnit, type Measure } from '../units.ts';
import type { FigureNames, RunFigures } from './figures.ts';

/** What runs on what, as texts. */
export type SubjectTexts = {
  readonly cascade: Source;
  readonly machine: Source;
  readonly mapping: Source;
  readonly workload: Source | undefined;
  /** Formats of tensors by name, in place of those that the cascade declares. */
  readonly formats: ReadonlyMap<string, string>;
};

/** What varies from point to point of one subject. */
export type PointInputs = {
  readonly sizes: ReadonlyMap<string, number>;
  readonly densities: ReadonlyMap<string, number>;
  /** Of the machine or the mapping. */
  readonly parameters: ReadonlyMap<string, Measure>;
};

/** Texts of a run that have been read once, for many points. */
export type Subject = {
  readonly cascade: CheckedCascade;
  readonly draft: Draft;
  readonly mapping: Mapping;
  readonly presets: ReadonlyMap<string, number>;
  readonly formats: ReadonlyMap<string, string>;
};

export async function openSubject(texts: SubjectTexts, finder: SpecFinder): Promise<Result<Subject>> {
  const parsed = parseCascade(texts.cascade);
  const cascade = parsed.ok ? checkCascade(parsed.value) : parsed;
  const draft = await readChain(texts.machine, finder);
  const spec = draft.ok ? specOf(draft.value) : draft;
  const mapping = parseMapping(texts.mapping);
  const workload = texts.workload === undefined ? undefined : parseWorkloadFile(texts.workload);
  const wrong = [cascade, spec, mapping, workload].flatMap((r) => (r === undefined || r.ok ? [] : r.diagnostics));
  if (!cascade.ok || !draft.ok || !mapping.ok || wrong.length > 0) return failure(wrong);
  return success({
    cascade: cascade.value,
    draft: draft.value,
    mapping: mapping.value,
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

/** A point that has gone through the pipeline. */
export type Evaluated = { readonly machine: Machine; readonly metrics: Metrics };

/** One point, by the whole pipeline. */
export async function evaluatePoint(
  subject: Subject,
  inputs: PointInputs,
  model: Metrics['model'],
  options: EvaluationOptions,
): Promise<Result<Evaluated>> {
  const split = splitParameters(
    new Map([...inputs.parameters].map(([name, measure]) => [name, measureText(measure)])),
    subject.mapping,
    subject.draft.spec.parameters,
  );
  const workload = bindPoint(subject, inputs);
  const machine = split.ok
    ? await machineOf(subject.draft, { kernel: subject.mapping.name, parameters: split.value.machine })
    : split;
  if (!split.ok || !workload.ok || !machine.ok)
    return failure([split, workload, ...(split.ok ? [machine] : [])].flatMap((r) => (r.ok ? [] : r.diagnostics)));
  const placed = placeMapping(subject.mapping, workload.value, machine.value, split.value.mapping);
  if (!placed.ok) return placed;
  const metrics = evaluatePlacement({ placed: placed.value, mapping: subject.mapping }, model, options);
  return metrics.ok ? success({ machine: machine.value, metrics: metrics.value }) : metrics;
}

export function bindPoint(subject: Subject, { sizes, densities }: PointInputs): Result<Workload> {
  const given = new Map([...densities].map(([name, share]) => [name, { share, source: 'given' }]));
  return bindSizes(subject.cascade, sizes, subject.presets, subject.formats, given);
}

/** Names by which figures of a machine are asked for. */
export const namesOf = (machine: Machine): FigureNames => ({
  levels: machine.levels.filter((l) => l.memory !== undefined).map((l) => l.name),
  resources: machineResources(machine).names,
});

/** Figures of a run as the models say them, by name. */
export function figuresOf({ machine, metrics }: Evaluated, names: FigureNames): RunFigures {
  const traffic = names.levels.map((level) => metrics.traffic.get(level));
  const buffers = names.levels.map((level) => metrics.buffers.get(level)!);
  const busy = names.resources.map((resource) => metrics.busy_cycles.get(resource)!);
  let energy_pj = 0;
  for (const part of metrics.energy_pj.values()) energy_pj += part;
  return {
    latency_cycles: metrics.latency_cycles,
    latency_s: metrics.board.time_s,
    lower_bound_cycles: metrics.lower_bound_cycles,
    energy_j: energy_pj * 1e-12,
    area_mm2: metrics.area_mm2,
    average_w:
      machine.power.idle_w === 0 && !Number.isFinite(machine.power.limit_w) ? Number.NaN : metrics.board.average_w,
    flops: metrics.flops,
    readBytes: traffic.map((t) => t?.read_bytes ?? 0),
    writeBytes: traffic.map((t) => t?.write_bytes ?? 0),
    requiredBytes: buffers.map((b) => b.required_bytes),
    capacityBytes: buffers.map((b) => b.capacity_bytes),
    busyCycles: busy.map((b) => b.cycles),
    instances: busy.map((b) => b.instances),
    bound: names.resources.indexOf(metrics.bound.resource),
    boundKind: metrics.bound.kind,
  };
}
