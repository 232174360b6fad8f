import type { Dimension } from '../units.ts';
import { readOperand } from './expression.ts';
import { type Formula, formulaOf, isKnown, type OpenSymbols } from './operand.ts';
import type { Reading } from './quantity.ts';

/** An expression as a function, for one that is worked out for many values. */
export type CompiledExpression = {
  readonly dimension: Dimension;
  /** In base units. Allocates nothing. */
  readonly run: Formula;
  /** Of the values, those that it depends on. */
  readonly positions: ReadonlySet<number>;
};

/**
 * Compiles what `readExpression` reads, for symbols of which some have their numbers in an array that comes with each
 * run. A run says the same to the last bit; NaN where `readExpression` would refuse the numbers. Errors: those of
 * `readExpression`, and of an exponent that is not known yet under a base with a unit.
 */
export async function compileExpression(text: string, symbols: OpenSymbols): Promise<Reading<CompiledExpression>> {
  const reading = await readOperand(text, symbols);
  if (!reading.ok) return reading;
  const operand = reading.value;
  const positions: ReadonlySet<number> = isKnown(operand) ? new Set() : operand.positions;
  return { ok: true, value: { dimension: operand.dimension, run: formulaOf(operand), positions } };
}
