import { readFileSync } from 'node:fs';
import { type Diagnostic, type Result, renderDiagnostic } from '../../src/diagnostic.ts';
import { checkCascade } from '../../src/einsum/check.ts';
import { parseCascade } from '../../src/einsum/parse.ts';
import { bindSizes } from '../../src/einsum/shape.ts';
import type { Workload } from '../../src/einsum/workload.ts';

export type Sizes = Readonly<Record<string, number>>;

/** Text to workload; every stage may refuse. */
export function tryBind(text: string, sizes: Sizes, name = 'test.einsum', densities: Sizes = {}): Result<Workload> {
  const parsed = parseCascade({ name, text });
  if (!parsed.ok) return parsed;
  const checked = checkCascade(parsed.value);
  const shares = new Map(Object.entries(densities).map(([tensor, share]) => [tensor, { share, source: 'test' }]));
  return checked.ok ? bindSizes(checked.value, new Map(Object.entries(sizes)), new Map(), new Map(), shares) : checked;
}

/** The workload of a text that is right; fails with the rendered diagnostics. */
export function bind(text: string, sizes: Sizes, name?: string, densities?: Sizes): Workload {
  const bound = tryBind(text, sizes, name, densities);
  if (!bound.ok) throw new Error(bound.diagnostics.map(renderDiagnostic).join('\n'));
  return bound.value;
}

export const shippedText = (cascade: string): string =>
  readFileSync(new URL(`../../cascades/${cascade}.einsum`, import.meta.url), 'utf8');

export const bindShipped = (cascade: string, sizes: Sizes): Workload =>
  bind(shippedText(cascade), sizes, `${cascade}.einsum`);

/** The diagnostics of a text that is wrong, or the warnings of one that is right. */
export function diagnosticsOf(text: string, sizes: Sizes): readonly Diagnostic[] {
  const bound = tryBind(text, sizes);
  return bound.ok ? bound.warnings : bound.diagnostics;
}
