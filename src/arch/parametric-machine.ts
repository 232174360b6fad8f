import { type Result, success } from '../diagnostic.ts';
import type { Dimension, Measure } from '../units.ts';
import { buildNumbers } from './build.ts';
import type { Draft } from './chain.ts';
import { compileExpression } from './compile-expression.ts';
import { absurd, evaluateSpec, outOfRange, toMachineUnits } from './evaluate.ts';
import type { Field } from './fields.ts';
import { runningKernel } from './load.ts';
import type { Machine } from './machine.ts';
import type { Formula, OpenSymbols, Slot } from './operand.ts';
import type { SpecValue } from './spec.ts';
import { allValues } from './values.ts';

/** A machine whose open parameters change from run to run. */
export type ParametricMachine = {
  /**
   * The machine with these values of its open parameters, in base units and their order: what `machineOf` gives, but for
   * the sources of its numbers. It holds until the next call. Undefined where `machineOf` has mistakes to tell.
   */
  readonly at: (values: ArrayLike<number>) => Machine | undefined;
};

/** Values that change with the open parameters. */
type OpenParameter = { readonly name: string; readonly position: number; readonly formula: Formula };
type OpenField = {
  readonly value: SpecValue;
  readonly field: Field;
  readonly dimension: Dimension;
  readonly formula: Formula;
};

/**
 * Opens parameters of a spec that has been read. `kernel` as in `machineOf`. Errors: those of the spec as it is.
 * Undefined where an expression must know a number beforehand that is open.
 */
export async function openMachine(
  draft: Draft,
  kernel: string | undefined,
  open: readonly string[],
): Promise<Result<ParametricMachine | undefined>> {
  const spec = runningKernel(draft.spec, kernel);
  const known = await evaluateSpec(spec, new Map());
  if (!known.ok) return known;
  const symbols = new Map<string, Measure | Slot>();
  const parameters: OpenParameter[] = [];
  let positions = open.length;
  for (const [name, { text }] of spec.parameters) {
    const compiled = await compileExpression(text, symbols);
    if (!compiled.ok) return success(undefined);
    const { dimension, run } = compiled.value;
    const given = open.indexOf(name);
    if (given >= 0) symbols.set(name, { position: given, dimension });
    else if (compiled.value.positions.size === 0)
      symbols.set(name, { value: known.value.parameters.get(name)!, dimension });
    else {
      parameters.push({ name, position: positions, formula: run });
      symbols.set(name, { position: positions++, dimension });
    }
  }
  const fields = await openFields(allValues(spec), symbols, spec.clock);
  if (fields === undefined) return success(undefined);

  const values = new Float64Array(positions);
  const numbers = { ...known.value, parameters: new Map(known.value.parameters), of: new Map(known.value.of) };
  const at = (given: ArrayLike<number>): Machine | undefined => {
    for (let i = 0; i < open.length; i++) {
      const value = given[i]!;
      if (!(Math.abs(value) <= absurd)) return undefined;
      values[i] = value;
      numbers.parameters.set(open[i]!, value);
    }
    for (const { name, position, formula } of parameters) {
      const value = formula(values);
      if (!(Math.abs(value) <= absurd)) return undefined;
      values[position] = value;
      numbers.parameters.set(name, value);
    }
    for (const { value: written, field, dimension, formula } of fields) {
      const measure = { value: formula(values), dimension };
      if (!(Math.abs(measure.value) <= absurd)) return undefined;
      const number = toMachineUnits(measure, field, numbers.clock_hz);
      if (outOfRange(number, measure, field) !== undefined) return undefined;
      if (written === spec.clock) numbers.clock_hz = number;
      numbers.of.set(written, number);
    }
    const wrong: Parameters<typeof buildNumbers>[2] = [];
    const machine = buildNumbers(spec, numbers, wrong);
    return wrong.length > 0 ? undefined : { ...machine, sources: [] };
  };
  return success({ at });
}

/** Fields that change, in the order in which they are evaluated: the clock before what is measured by it. */
async function openFields(
  all: ReturnType<typeof allValues>,
  symbols: OpenSymbols,
  clock: SpecValue | undefined,
): Promise<readonly OpenField[] | undefined> {
  const fields: OpenField[] = [];
  let isClockOpen = false;
  for (const { value, field } of all) {
    if (field === undefined) continue;
    const compiled = await compileExpression(value.text, symbols);
    if (!compiled.ok) return undefined;
    const { dimension, run, positions } = compiled.value;
    const isOpen = positions.size > 0;
    if (value === clock) isClockOpen = isOpen;
    const isTimed = isClockOpen && (field.kind === 'bandwidth' || field.kind === 'duration');
    if (isOpen || isTimed) fields.push({ value, field, dimension, formula: run });
  }
  return fields;
}
