import { type Diagnostic, diagnostic, failure, type Result, success } from '../../diagnostic.ts';
import { evaluateCascade, executionLimits } from '../../einsum/evaluate.ts';
import { measureDensities } from '../../einsum/measure-densities.ts';
import { numericError } from '../../einsum/numeric-error.ts';
import { emulate, float64 } from '../../einsum/numerics.ts';
import type { Workload } from '../../einsum/workload.ts';
import { executeMapping, mostMovedElements } from '../../models/cycle/functional.ts';
import { withinWorkLimit } from '../../models/within-limits.ts';
import { type Placement, placeTexts } from '../../simulate.ts';
import { readAssignments, readSizes } from '../assignments.ts';
import { type Execution, printExecution, type Values } from '../execution.ts';
import { readInputs, readSeed } from '../execution-inputs.ts';
import { resolveMachine } from '../fitting-mappings.ts';
import { type NamedNumerics, type NumericsOptions, readNumerics } from '../numerics-options.ts';
import { compareWithOracle, mismatch } from '../oracle-comparison.ts';
import { explainMisfit, readRunTexts } from '../run-texts.ts';
import { writeTensor } from '../tensor-files.ts';
import { exitCodes, printDiagnostics, refuse, sayUnless, type Terminal } from '../terminal.ts';
import { bindCascade } from '../workload-inputs.ts';

export type ExecuteOptions = NumericsOptions & {
  readonly cascade: string;
  readonly workload?: string;
  readonly set: readonly string[];
  readonly hardware?: string;
  readonly mapping?: string;
  readonly param: readonly string[];
  readonly seed: string;
  readonly inputs?: string;
  readonly out?: string;
  readonly json?: boolean;
};

async function writeOutputs(w: Workload, values: Values, folder: string | undefined): Promise<readonly Diagnostic[]> {
  if (folder === undefined) return [];
  const outputs = w.tensors.filter((t) => t.role === 'output');
  const written = await Promise.all(outputs.map((t) => writeTensor(folder, t, values.get(t.name)!)));
  return written.filter((d) => d !== undefined);
}

type Bound = { readonly workload: Workload; readonly placement: Placement | undefined };

/** The workload, placed on a machine if one is named. */
async function bindOrPlace(options: ExecuteOptions, choices: Choices, terminal: Terminal): Promise<Result<Bound>> {
  const { sizes, parameters } = choices;
  if (options.hardware === undefined) {
    const bound = await bindCascade(options.cascade, { workload: options.workload, sizes });
    return bound.ok ? success({ workload: bound.value, placement: undefined }, bound.warnings) : bound;
  }
  const say = sayUnless(options.json, terminal);
  const texts = await readRunTexts(
    { ...options, hardware: options.hardware },
    { sizes, parameters, accounting: 'physical', say },
  );
  if (!texts.ok) return texts;
  const placement = await placeTexts({ ...texts.value, sizes, parameters, resolveMachine, executed: true });
  if (!placement.ok) return failure(await explainMisfit(texts.value, placement.diagnostics));
  const { workload } = placement.value.placed;
  return success({ workload, placement: placement.value }, [...texts.warnings, ...placement.warnings]);
}

type Choices = {
  readonly sizes: ReadonlyMap<string, number>;
  readonly parameters: ReadonlyMap<string, string>;
  readonly seed: number;
};

function readChoices(options: ExecuteOptions): Result<Choices> {
  const sizes = readSizes(options.set);
  const parameters = readAssignments('--param', options.param, 'P0=64');
  const seed = readSeed(options.seed);
  const lonely = (['mapping', 'param'] as const).filter((o) => (options[o] ?? []).length > 0);
  const missing = options.hardware === undefined ? lonely.map(needsHardware) : [];
  const wrong = [...[sizes, parameters, seed].flatMap((r) => (r.ok ? [] : r.diagnostics)), ...missing];
  if (!sizes.ok || !parameters.ok || !seed.ok || wrong.length > 0) return failure(wrong);
  return success({ sizes: sizes.value, parameters: parameters.value, seed: seed.value });
}

const needsHardware = (option: string): Diagnostic =>
  diagnostic('missing-argument', `--${option} is of no use without a machine to run on`, undefined, {
    help: 'name one with --hardware, or leave it out to run the reference executor',
  });

type Computed = Pick<Execution, 'numerics' | 'values' | 'densities' | 'errors' | 'compared'>;

/** The reference executor in float64, and beside it the numbers and the mapping that were asked for. */
function compute(
  { workload, placement }: Bound,
  inputs: ReadonlyMap<string, Float64Array>,
  numerics: NamedNumerics | undefined,
): Result<Computed> {
  const exact = evaluateCascade(workload, inputs);
  const compared = compareWithOracle(workload, inputs, exact);
  const densities = measureDensities(workload, exact, 'measured');
  if (placement === undefined && numerics === undefined)
    return success({ numerics, values: exact, densities, errors: undefined, compared });
  const numbers = numerics === undefined ? float64 : emulate(workload, numerics, exact);
  const values =
    placement === undefined
      ? success(evaluateCascade(workload, inputs, numbers))
      : withinWorkLimit(placement.mapping, 'take larger tiles or smaller sizes', () =>
          executeMapping(placement.placed, inputs, numbers),
        );
  if (!values.ok) return values;
  const outputs = workload.tensors.filter((t) => t.role === 'output').map((t) => t.name);
  const errors = new Map(outputs.map((name) => [name, numericError(exact.get(name)!, values.value.get(name)!)]));
  return success({ numerics, values: values.value, densities, errors, compared });
}

/**
 * `attnsim execute CASCADE`: values by the reference executor, compared with plain loops where there are some; with
 * other numbers or by a mapping, compared with the reference executor in float64.
 */
export async function execute(options: ExecuteOptions, terminal: Terminal): Promise<number> {
  const choices = readChoices(options);
  if (!choices.ok) return refuse(terminal, choices.diagnostics, exitCodes.usageWrong);
  const bound = await bindOrPlace(options, choices.value, terminal);
  if (!bound.ok) return refuse(terminal, bound.diagnostics);
  const w = bound.value.workload;
  const numerics = readNumerics(options, w);
  if (!numerics.ok) return refuse(terminal, numerics.diagnostics, exitCodes.usageWrong);
  const limits = executionLimits(w, bound.value.placement === undefined ? undefined : mostMovedElements);
  if (limits.length > 0) return refuse(terminal, limits);
  const inputs = await readInputs(w, options.inputs, choices.value.seed);
  if (!inputs.ok) return refuse(terminal, inputs.diagnostics);
  printDiagnostics(terminal, bound.warnings);

  const computed = compute(bound.value, inputs.value, numerics.value);
  if (!computed.ok) return refuse(terminal, computed.diagnostics);
  const execution = { workload: w, placed: bound.value.placement?.placed, ...computed.value };
  printExecution(execution, options.json === true, options.out, terminal);
  const written = await writeOutputs(w, execution.values, options.out);
  const wrong = [...mismatch(w, execution.compared), ...written];
  return wrong.length > 0 ? refuse(terminal, wrong) : exitCodes.done;
}
