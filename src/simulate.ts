import { loadMachine, loadSpec } from './arch/load.ts';
import type { Machine } from './arch/machine.ts';
import { type Diagnostic, diagnostic, failure, type Result, success } from './diagnostic.ts';
import { didYouMean } from './did-you-mean.ts';
import { withCandidates } from './einsum/candidates.ts';
import { checkCascade } from './einsum/check.ts';
import { parseCascade } from './einsum/parse.ts';
import { analyzePasses, type RankPasses } from './einsum/passes.ts';
import { bindSizes } from './einsum/shape.ts';
import type { Density, Workload } from './einsum/workload.ts';
import type { Mapping } from './mapper/mapping.ts';
import { parseMapping } from './mapper/parse.ts';
import { placeMapping } from './mapper/place.ts';
import type { PlacedMapping } from './mapper/placed.ts';
import { type EvaluationOptions, evaluateMapping } from './models/evaluate.ts';
import type { Metrics } from './models/metrics.ts';
import { type Roofline, rooflines } from './models/roofline.ts';
import { withinWorkLimit } from './models/within-limits.ts';
import type { Source, Span } from './source.ts';

/** The texts of a mapping, what it runs and what it runs on, with their sizes and parameters. */
export type PlacementInputs = {
  readonly cascade: Source;
  readonly machine: Source;
  readonly mapping: Source;
  /** Rank sizes and parameters of the cascade, by name. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Those of a workload file: names that the cascade lacks are passed over, `sizes` go before them. */
  readonly presets?: ReadonlyMap<string, number>;
  /** Formats of tensors by name, in place of those that the cascade declares. */
  readonly formats?: ReadonlyMap<string, string>;
  /** Of what selects by value, by tensor: how much of what could exist does, on average. */
  readonly densities?: ReadonlyMap<string, Density>;
  /** To be executed on values, not costed: with all that selections could keep. */
  readonly executed?: boolean;
  /** Parameters of the machine or the mapping, by name, as written on a command line. */
  readonly parameters?: ReadonlyMap<string, string>;
  /** Finds the spec that a spec extends. */
  readonly resolveMachine?: (name: string) => Promise<Source | undefined>;
};

export type Placement = { readonly placed: PlacedMapping; readonly mapping: Mapping };

/** What `simulate` takes: texts and sizes, and by which model and accounting they are evaluated. */
export type SimulationInputs = PlacementInputs & EvaluationOptions & { readonly model: Metrics['model'] };

/** What `simulate` gives: the stages of the pipeline, and what the model says. */
export type SimulationOutcome = {
  readonly workload: Workload;
  readonly machine: Machine;
  readonly mapping: PlacedMapping;
  readonly metrics: Metrics;
  readonly rooflines: readonly Roofline[];
  readonly passes: readonly RankPasses[];
};

/**
 * The pipeline, from texts to metrics:
 *
 *   cascade text  -- parse, check --> Cascade -- bind sizes --> Workload --+
 *   hardware spec -- schema, units ------------> Machine ------------------+--> PlacedMapping
 *   mapping text  -- parse --------------------> Mapping ------------------+         |
 *                                                             analytic model or cycle simulator
 *                                                                                    |
 *                                                                          Metrics, rooflines, passes
 */
export async function simulate(inputs: SimulationInputs): Promise<Result<SimulationOutcome>> {
  const placement = await placeTexts(inputs);
  if (!placement.ok) return placement;
  const { placed } = placement.value;
  const metrics = evaluatePlacement(placement.value, inputs.model, inputs);
  if (!metrics.ok) return metrics;
  return success(
    {
      workload: placed.workload,
      machine: placed.machine,
      mapping: placed,
      metrics: metrics.value,
      rooflines: rooflines(placed, metrics.value),
      passes: analyzePasses(placed.workload),
    },
    placement.warnings,
  );
}

/** The second half of the pipeline: what a model says of a legal mapping. */
export function evaluatePlacement(
  { placed, mapping }: Placement,
  model: Metrics['model'],
  options: EvaluationOptions = {},
): Result<Metrics> {
  const unknown = unknownAccounting(placed.machine, options.accounting);
  if (unknown !== undefined) return failure([unknown]);
  const help = 'take larger tiles or smaller sizes';
  return withinWorkLimit(mapping, model === 'cycle' ? `${help}, or the analytic model` : help, () =>
    evaluateMapping(placed, model, options),
  );
}

/** What is wrong with the name of an accounting; undefined: the machine has it, or none is named. */
export function unknownAccounting({ name, accountings }: Machine, wanted: string | undefined): Diagnostic | undefined {
  if (wanted === undefined || accountings.has(wanted)) return undefined;
  const help = didYouMean(wanted, accountings.keys());
  return diagnostic('unknown-accounting', `machine "${name}" has no accounting "${wanted}"`, undefined, { help });
}

/** The first half of the pipeline: from texts to a mapping that is legal for its workload and machine. */
export async function placeTexts(inputs: PlacementInputs): Promise<Result<Placement>> {
  const workload = readWorkload(inputs);
  const mapping = parseMapping(inputs.mapping);
  const parameters = mapping.ok ? await splitInputs(inputs, mapping.value) : success(noParameters);
  const machine = await loadMachine(inputs.machine, {
    ...(mapping.ok ? { kernel: mapping.value.name } : {}),
    ...(inputs.resolveMachine === undefined ? {} : { resolve: inputs.resolveMachine }),
    parameters: parameters.ok ? parameters.value.machine : noParameters.machine,
  });
  if (!workload.ok || !mapping.ok || !parameters.ok || !machine.ok)
    return failure([workload, mapping, parameters, machine].flatMap((r) => (r.ok ? [] : r.diagnostics)));

  const placeable = inputs.executed === true ? withCandidates(workload.value) : workload.value;
  const placed = placeMapping(mapping.value, placeable, machine.value, parameters.value.mapping);
  if (!placed.ok) return placed;
  return success({ placed: placed.value, mapping: mapping.value }, [
    ...workload.warnings,
    ...mapping.warnings,
    ...machine.warnings,
    ...placed.warnings,
  ]);
}

function readWorkload(inputs: PlacementInputs): Result<Workload> {
  const parsed = parseCascade(inputs.cascade);
  if (!parsed.ok) return parsed;
  const checked = checkCascade(parsed.value);
  if (!checked.ok) return checked;
  const bound = bindSizes(checked.value, inputs.sizes, inputs.presets, inputs.formats, inputs.densities);
  return bound.ok ? success(bound.value, [...parsed.warnings, ...checked.warnings, ...bound.warnings]) : bound;
}

type Split = { readonly machine: ReadonlyMap<string, string>; readonly mapping: ReadonlyMap<string, number> };

const noParameters: Split = { machine: new Map(), mapping: new Map() };

async function splitInputs(inputs: PlacementInputs, mapping: Mapping): Promise<Result<Split>> {
  const given = inputs.parameters ?? new Map<string, string>();
  if (given.size === 0) return success(noParameters);
  const spec = await loadSpec(
    inputs.machine,
    inputs.resolveMachine === undefined ? {} : { resolve: inputs.resolveMachine },
  );
  // A spec that cannot be read is reported by whoever loads it for use.
  return spec.ok ? splitParameters(given, mapping, spec.value.parameters) : success(noParameters);
}

/** Gives each parameter to the mapping or to the machine; a name that neither has, or both, is a mistake. */
export function splitParameters(
  given: ReadonlyMap<string, string>,
  mapping: Mapping,
  ofMachine: ReadonlyMap<string, { readonly span: Span }>,
): Result<Split> {
  const ofMapping = new Map(mapping.parameters.map((p) => [p.name, p]));
  const split = { machine: new Map<string, string>(), mapping: new Map<string, number>() };
  const wrong: Diagnostic[] = [];
  for (const [name, text] of given) {
    const inMapping = ofMapping.get(name);
    const inMachine = ofMachine.get(name);
    const value = Number(text);
    if (inMapping !== undefined && inMachine !== undefined)
      wrong.push(ambiguousParameter(name, inMapping.span, inMachine.span));
    else if (inMachine !== undefined) split.machine.set(name, text);
    else if (inMapping === undefined)
      wrong.push(unknownOverride(name, mapping, [...ofMapping.keys(), ...ofMachine.keys()]));
    else if (text.trim() !== '' && Number.isFinite(value)) split.mapping.set(name, value);
    else wrong.push(notANumber(name, text, mapping));
  }
  return wrong.length > 0 ? failure(wrong) : success(split);
}

function ambiguousParameter(name: string, inMapping: Span, inMachine: Span): Diagnostic {
  const message = `both the mapping and the machine have a parameter "${name}"`;
  return diagnostic('ambiguous-parameter', message, inMapping, {
    related: [{ span: inMachine, message: 'the one of the machine' }],
    help: 'give the one of the mapping another name',
  });
}

function unknownOverride(name: string, { name: mapping }: Mapping, known: readonly string[]): Diagnostic {
  const message = `neither the machine nor mapping "${mapping}" has a parameter "${name}"`;
  return diagnostic('unknown-override', message, undefined, { help: didYouMean(name, known) });
}

function notANumber(name: string, text: string, { name: mapping }: Mapping): Diagnostic {
  const message = `parameter "${name}" of mapping "${mapping}" is a number, but "${text}" is not`;
  return diagnostic('bad-count', message, undefined);
}
