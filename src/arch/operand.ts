import { didYouMean } from '../did-you-mean.ts';
import { caseHelp, type Dimension, type Measure, unitHelp } from '../units.ts';
import type { Problem } from './quantity.ts';

/** Names that a value may use: the parameters declared before it. */
export type Symbols = ReadonlyMap<string, Measure>;

/** A number that comes with each run: where it is in the values, and what it measures. */
export type Slot = { readonly position: number; readonly dimension: Dimension };

/** One of some texts, which comes with each run as its position among them. */
export type TextSlot = { readonly position: number; readonly texts: readonly string[] };

/** Names with what is known of them before the run. */
export type OpenSymbols = ReadonlyMap<string, Measure | Slot | TextSlot>;

/** A number of the values of a run. */
export type Formula = (values: Float64Array) => number;

/** A part of an expression: its number, if all that it needs is known, else how to find it. */
export type Operand =
  | Measure
  | { readonly run: Formula; readonly dimension: Dimension; readonly positions: ReadonlySet<number> };

/** A problem whose place is found by its name. */
export type Mistake = Omit<Problem, 'start' | 'end'>;

export const isKnown = (operand: Operand): operand is Measure => 'value' in operand;

export const formulaOf = (operand: Operand): Formula => {
  if (!isKnown(operand)) return operand.run;
  const { value } = operand;
  return () => value;
};

const nothing = new Float64Array();

/** What a formula over operands is: worked out at once where all of them are known. */
export function combined(operands: readonly Operand[], run: Formula, dimension: Dimension): Operand {
  if (operands.every(isKnown)) return { value: run(nothing), dimension };
  return { run, dimension, positions: new Set(operands.flatMap((o) => (isKnown(o) ? [] : [...o.positions]))) };
}

/** The mistake of a name that is neither a parameter nor a unit; after a number a unit is what was meant. */
export function unknownName(name: string, afterNumber: boolean, symbols: ReadonlyMap<string, unknown>): Mistake {
  if (afterNumber) return { code: 'unknown-unit', message: `"${name}" is not a unit`, help: unitHelp(name), name };
  const help = caseHelp(name) ?? didYouMean(name, symbols.keys());
  return { code: 'unknown-parameter', message: `"${name}" is neither a parameter nor a unit`, help, name };
}

export const textMistake = (name: string): Mistake => ({
  code: 'wrong-type',
  message: `"${name}" is a text; a number is needed here`,
  name,
});
