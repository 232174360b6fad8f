import type { Machine } from '../arch/machine.ts';
import type { Diagnostic, DiagnosticCode } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Arithmetic } from '../einsum/ast.ts';
import type { Workload } from '../einsum/workload.ts';
import type { Span } from '../source.ts';
import type { Evaluate } from './parameters.ts';
import type { Compute, Keep, Loop } from './placed.ts';

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A placement in the making: nodes are filled in as what is below them becomes known. */
export type Building = {
  readonly workload: Workload;
  readonly machine: Machine;
  readonly evaluate: Evaluate;
  readonly diagnostics: Diagnostic[];
  readonly report: (code: DiagnosticCode, message: string, at: Span, help?: string) => void;
  readonly keeps: Mutable<Keep>[];
  readonly loops: Loop[];
  readonly computes: Compute[];
};

/** What is around a node, outermost first. */
export type Scope = { readonly loops: readonly Loop[]; readonly keeps: readonly Mutable<Keep>[] };

/** Position of what is named among all that there are of its kind; undefined, reported, if there is none. */
export function find<T extends { readonly name: string }>(
  b: Building,
  what: string,
  wanted: { readonly name: string; readonly span: Span },
  all: readonly T[],
): number | undefined {
  const position = all.findIndex((x) => x.name === wanted.name);
  if (position >= 0) return position;
  const names = all.map((x) => x.name);
  b.report('unknown-name', `there is no ${what} "${wanted.name}"`, wanted.span, didYouMean(wanted.name, names));
  return undefined;
}

/** Value of an expression that counts something; 1, reported, where it is no whole number of 1 to `most`. */
export function countOf(b: Building, a: Arithmetic, what: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = b.evaluate(a);
  if (value === undefined) return 1;
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? 'of at least 1' : `of 1 to ${most}`;
  b.report('bad-count', `${what} is ${value}, but must be a whole number ${range}`, a.span);
  return 1;
}
