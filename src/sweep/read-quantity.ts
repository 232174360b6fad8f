import { problemAt } from '../arch/problem-at.ts';
import { readProduct } from '../arch/product.ts';
import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { DocumentNode } from '../document.ts';
import { baseUnit, type Dimension, isPlain, type Measure } from '../units.ts';

export const textOf = (node: DocumentNode | undefined): string => (node?.kind === 'scalar' ? node.text : '');

/** Largest magnitude of a value, as of a parameter of a machine. */
const absurd = 1e30;

/** A number with its unit. */
export function readQuantity(node: DocumentNode, diagnostics: Diagnostic[]): Measure | undefined {
  const text = textOf(node);
  const reading = readProduct(text, new Map());
  if (reading === undefined) {
    const message = `"${text}" is not a number with a unit, such as 256 or "64 KiB"`;
    diagnostics.push(diagnostic('bad-expression', message, node.span));
    return undefined;
  }
  if (!reading.ok) {
    diagnostics.push(...reading.problems.map((p) => problemAt(p, text, node.span)));
    return undefined;
  }
  if (Math.abs(reading.value.value) <= absurd) return reading.value;
  diagnostics.push(diagnostic('out-of-range', `"${text}" is beyond any physical figure (${absurd})`, node.span));
  return undefined;
}

export function otherDimension(node: DocumentNode, found: Dimension, wanted: string, dimension: Dimension): Diagnostic {
  const shown = (d: Dimension): string => (isPlain(d) ? 'a plain number' : `in ${baseUnit(d)}`);
  const message = `"${textOf(node)}" is ${shown(found)}, but "${wanted}" is ${shown(dimension)}`;
  return diagnostic(isPlain(found) ? 'missing-unit' : 'wrong-dimension', message, node.span);
}
