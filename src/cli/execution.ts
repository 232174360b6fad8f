import type { TensorValue } from '../einsum/evaluate.ts';
import type { NumericError } from '../einsum/numeric-error.ts';
import type { Density, Tensor, Workload } from '../einsum/workload.ts';
import type { Layout } from '../layout.ts';
import type { PlacedMapping } from '../mapper/placed.ts';
import { percentText, significant } from '../report/quantity-text.ts';
import { sortedTable } from '../report/report.ts';
import { type ShownTensor, tensorStatistics, tensorText } from '../report/tensor-text.ts';
import { wrapSentence } from '../wrap-text.ts';
import { type NamedNumerics, numericsText } from './numerics-options.ts';
import type { Comparison } from './oracle-comparison.ts';
import { printResult, type Terminal } from './terminal.ts';

export type Values = ReadonlyMap<string, TensorValue>;

/** What ran, where, in which numbers, and what came of it. */
export type Execution = {
  readonly workload: Workload;
  readonly placed: PlacedMapping | undefined;
  readonly numerics: NamedNumerics | undefined;
  readonly values: Values;
  /** Of outputs against the reference executor in float64; undefined if that is what ran. */
  readonly errors: ReadonlyMap<string, NumericError> | undefined;
  readonly compared: Comparison | undefined;
  /** Of what selects by value: how much of what could exist does. */
  readonly densities: ReadonlyMap<string, Density>;
};

const outputsOf = ({ workload, values }: Execution): readonly ShownTensor[] =>
  workload.tensors.filter((t) => t.role === 'output').map((t) => shown(t, values.get(t.name)!));

/** JSON has no infinity: a ratio without bound is null. */
function printJson(e: Execution, terminal: Terminal): void {
  const { workload, placed, numerics, compared, errors } = e;
  const outputs = outputsOf(e).map(
    (t) => [t.name, { ranks: t.ranks, shape: t.shape, ...tensorStatistics(t) }] as const,
  );
  const data = {
    cascade: workload.cascade.name,
    densities: sortedTable(e.densities, ({ share }) => share),
    errors: errors === undefined ? null : sortedTable(errors, (error) => error),
    mapping: placed === undefined ? null : { name: placed.name, machine: placed.machine.name },
    numerics:
      numerics === undefined
        ? null
        : { arithmetic: numerics.arithmetic, exp: numerics.exp, formats: sortedTable(numerics.formats, (f) => f) },
    oracle: compared === undefined ? null : { formula: compared.formula, max_error: compared.max_error },
    outputs: sortedTable(new Map(outputs), (t) => t),
    workload: sortedTable(workload.sizes, (n) => n),
  };
  terminal.out(`${JSON.stringify(data, undefined, 2)}\n`);
}

const errorText = (output: string, e: NumericError): string => {
  const figures = [
    `RMSE ${significant(e.rmse, 3)}`,
    `largest difference ${significant(e.max_absolute, 3)}`,
    `largest relative difference ${significant(e.max_relative, 3)}`,
    `signal to noise ${significant(e.snr_db, 3)} dB`,
    ...(e.not_finite === 0 ? [] : [`${e.not_finite} elements not finite`]),
  ];
  return `${output} against the reference in float64: ${e.rmse === 0 && e.not_finite === 0 ? 'equal' : figures.join(', ')}`;
};

function executionText(e: Execution, layout: Layout): string {
  const { workload, placed, numerics, compared, errors } = e;
  const tensors = outputsOf(e).map((tensor) => tensorText(tensor, layout));
  const lines: string[] = [];
  if (compared !== undefined) {
    const reference = errors === undefined ? 'compared' : 'reference in float64 compared';
    lines.push(`${reference} with ${compared.formula}: largest difference ${compared.max_error.toExponential(1)}`);
  }
  for (const [name, { share }] of e.densities)
    lines.push(`${name} exists in ${percentText(share)} of the cases (--density ${name}=${significant(share, 6)})`);
  if (placed !== undefined) lines.push(`run as mapped by ${placed.name} on ${placed.machine.name}`);
  if (numerics !== undefined) lines.push(`numbers: ${numericsText(numerics, workload)}`);
  for (const [output, error] of errors ?? []) lines.push(errorText(output, error));
  return tensors.join('') + lines.map((line) => wrapSentence(line, layout)).join('');
}

const shown = (tensor: Tensor, value: TensorValue): ShownTensor => ({
  name: tensor.name,
  ranks: tensor.dimensions.map((d) => d.rank),
  shape: tensor.dimensions.map((d) => d.size),
  values: value.values,
  exists: value.exists,
});

/** Values of the outputs, how they were computed, and how far they are from what they should be. */
export function printExecution(e: Execution, json: boolean, out: string | undefined, terminal: Terminal): void {
  if (json) printJson(e, terminal);
  else printResult(terminal, executionText(e, terminal), [out]);
}
