import { type Diagnostic, diagnostic, failure, type Result, success } from '../../diagnostic.ts';
import { evaluateCascade, executionLimits, type TensorValue } from '../../einsum/evaluate.ts';
import { builtInOracle } from '../../einsum/oracle.ts';
import { randomInputs } from '../../einsum/random-inputs.ts';
import type { Tensor, Workload } from '../../einsum/workload.ts';
import { plainText } from '../../report/quantity-text.ts';
import { sortedTable } from '../../report/report.ts';
import { type ShownTensor, tensorStatistics, tensorText } from '../../report/tensor-text.ts';
import { readSizes } from '../assignments.ts';
import { readInputTensors, writeTensor } from '../tensor-files.ts';
import { exitCodes, printDiagnostics, refuse, type Terminal } from '../terminal.ts';
import { bindCascade } from '../workload-inputs.ts';

export type ExecuteOptions = {
  readonly cascade: string;
  readonly workload?: string;
  readonly set: readonly string[];
  readonly seed: string;
  readonly inputs?: string;
  readonly out?: string;
  readonly json?: boolean;
};

type Values = ReadonlyMap<string, TensorValue>;

function readSeed(text: string): Result<number> {
  const seed = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seed)) return success(seed);
  return failure([diagnostic('bad-choice', `--seed "${text}" is no whole number from 0 to 2^53`, undefined)]);
}

const shown = (tensor: Tensor, value: TensorValue): ShownTensor => ({
  name: tensor.name,
  ranks: tensor.dimensions.map((d) => d.rank),
  shape: tensor.dimensions.map((d) => d.size),
  values: value.values,
  exists: value.exists,
});

type Comparison = {
  readonly formula: string;
  readonly output: string;
  readonly max_error: number;
  readonly max_value: number;
};

/** Largest difference over the output; an element that exists in one of the two only is an infinite one. */
function compareWithOracle(
  w: Workload,
  inputs: ReadonlyMap<string, Float64Array>,
  values: Values,
): Comparison | undefined {
  const oracle = builtInOracle(w);
  if (oracle === undefined) return undefined;
  const expected = oracle.evaluate(inputs);
  const found = values.get(oracle.output)!;
  let max_error = 0;
  let max_value = 0;
  for (let i = 0; i < expected.values.length; i++) {
    if (expected.exists[i] !== found.exists[i]) max_error = Number.POSITIVE_INFINITY;
    if (expected.exists[i] !== 1 || found.exists[i] !== 1) continue;
    const difference = Math.abs(expected.values[i]! - found.values[i]!);
    // A value that is no number on one side only must not pass unseen.
    max_error = Math.max(max_error, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
    max_value = Math.max(max_value, Math.abs(expected.values[i]!));
  }
  return { formula: oracle.formula, output: oracle.output, max_error, max_value };
}

/** Rounding of sums of thousands of float64 terms stays far below this; another formula does not. */
const tolerance = 1e-9;

function mismatch(w: Workload, compared: Comparison | undefined): readonly Diagnostic[] {
  if (compared === undefined || compared.max_error <= tolerance * Math.max(1, compared.max_value)) return [];
  const message = `"${compared.output}" differs from ${compared.formula} by up to ${plainText(compared.max_error)}`;
  const help = `a cascade named "${w.cascade.name}" is compared with this formula; if it computes something else, rename it`;
  return [diagnostic('oracle-mismatch', message, w.cascade.nameSpan, { help })];
}

function printJson(
  w: Workload,
  outputs: readonly ShownTensor[],
  compared: Comparison | undefined,
  terminal: Terminal,
): void {
  const tensors = new Map(outputs.map((t) => [t.name, { ranks: t.ranks, shape: t.shape, ...tensorStatistics(t) }]));
  const oracle = compared === undefined ? null : { formula: compared.formula, max_error: compared.max_error };
  const data = {
    cascade: w.cascade.name,
    oracle,
    outputs: sortedTable(tensors, (t) => t),
    workload: sortedTable(w.sizes, (n) => n),
  };
  terminal.out(`${JSON.stringify(data, undefined, 2)}\n`);
}

function printText(outputs: readonly ShownTensor[], compared: Comparison | undefined, terminal: Terminal): void {
  for (const tensor of outputs) terminal.out(tensorText(tensor));
  if (compared === undefined) return;
  terminal.out(`compared with ${compared.formula}: largest difference ${compared.max_error.toExponential(1)}\n`);
}

async function readInputs(
  w: Workload,
  options: ExecuteOptions,
  seed: number,
): Promise<Result<ReadonlyMap<string, Float64Array>>> {
  return options.inputs === undefined ? success(randomInputs(w, seed)) : await readInputTensors(w, options.inputs);
}

async function writeOutputs(w: Workload, values: Values, folder: string | undefined): Promise<readonly Diagnostic[]> {
  if (folder === undefined) return [];
  const outputs = w.tensors.filter((t) => t.role === 'output');
  const written = await Promise.all(outputs.map((t) => writeTensor(folder, t, values.get(t.name)!)));
  return written.filter((d) => d !== undefined);
}

/** `attnsim execute CASCADE`: values by the reference executor, compared with plain loops where there are some. */
export async function execute(options: ExecuteOptions, terminal: Terminal): Promise<number> {
  const sizes = readSizes(options.set);
  const seed = readSeed(options.seed);
  if (!sizes.ok || !seed.ok) {
    const wrong = [sizes, seed].flatMap((r) => (r.ok ? [] : r.diagnostics));
    return refuse(terminal, wrong, exitCodes.usageWrong);
  }
  const bound = await bindCascade(options.cascade, { workload: options.workload, sizes: sizes.value });
  if (!bound.ok) return refuse(terminal, bound.diagnostics);
  const w = bound.value;
  const limits = executionLimits(w);
  if (limits.length > 0) return refuse(terminal, limits);
  const inputs = await readInputs(w, options, seed.value);
  if (!inputs.ok) return refuse(terminal, inputs.diagnostics);
  printDiagnostics(terminal, bound.warnings);

  const values = evaluateCascade(w, inputs.value);
  const outputs = w.tensors.filter((t) => t.role === 'output').map((t) => shown(t, values.get(t.name)!));
  const compared = compareWithOracle(w, inputs.value, values);
  if (options.json === true) printJson(w, outputs, compared, terminal);
  else printText(outputs, compared, terminal);
  const wrong = [...mismatch(w, compared), ...(await writeOutputs(w, values, options.out))];
  return wrong.length > 0 ? refuse(terminal, wrong) : exitCodes.done;
}
