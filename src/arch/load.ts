import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Source } from '../source.ts';
import { buildMachine } from './build.ts';
import { readDocument } from './document.ts';
import { evaluateSpec } from './evaluate.ts';
import { extendSpec } from './extend.ts';
import { checkDistinct, checkHierarchy } from './hierarchy.ts';
import type { Machine } from './machine.ts';
import { readSpec } from './read.ts';
import type { Spec, SpecName } from './spec.ts';
import { validateForm } from './validate.ts';

export type LoadOptions = {
  /** Values by parameter name, written as in a spec (`--param NAME=VALUE`). */
  readonly parameters?: ReadonlyMap<string, string>;
  /** The text of a spec that another one extends; undefined if there is none of that name. */
  readonly resolve?: (name: string) => Promise<Source | undefined>;
  /** Names that `resolve` knows, for suggestions. */
  readonly known?: readonly string[];
};

/** Longest chain of `extends`. */
const maxChain = 8;

/**
 * Reads a hardware spec (YAML, or JSON, its subset) into a machine with every number resolved.
 * Never throws on user input and runs nothing of it; all mistakes found are in the result.
 */
export async function loadMachine(source: Source, options: LoadOptions = {}): Promise<Result<Machine>> {
  const spec = await loadSpec(source, options);
  if (!spec.ok) return spec;
  const overrides = options.parameters ?? new Map<string, string>();
  const diagnostics = checkHierarchy(spec.value);
  const numbers = await evaluateSpec(spec.value, overrides);
  if (!numbers.ok) return failure([...diagnostics, ...numbers.diagnostics]);
  if (diagnostics.length > 0) return failure(diagnostics);
  const machine = buildMachine(spec.value, numbers.value, overrides, diagnostics);
  return diagnostics.length > 0 ? failure(diagnostics) : success(machine);
}

/** The spec as written, with what it extends merged in; `print.ts` writes it out again. */
export async function loadSpec(source: Source, options: LoadOptions = {}): Promise<Result<Spec>> {
  const first = readFile(source);
  if (!first.ok) return first;
  let spec = first.value;
  const chain = [spec.name.text];
  while (spec.extends !== undefined) {
    const base = await readBase(spec.extends, chain, options);
    if (!base.ok) return base;
    const conflicts = conflictingSources(base.value, spec);
    if (conflicts.length > 0) return failure(conflicts);
    chain.push(spec.extends.text);
    spec = extendSpec(base.value, spec);
  }
  return success(spec);
}

function readFile(source: Source): Result<Spec> {
  const document = readDocument(source);
  if (!document.ok) return document;
  const form = validateForm(document.value);
  if (form.length > 0) return failure(form);
  const diagnostics: Diagnostic[] = [];
  const spec = readSpec(document.value, diagnostics);
  diagnostics.push(...checkDistinct(spec));
  return diagnostics.length > 0 ? failure(firstOfEachKind(diagnostics)) : success(spec);
}

/** A spec without any sources would bury all else under one message a number. */
const mostOfOneKind = 10;

function firstOfEachKind(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const sorted = diagnostics.toSorted((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
  const shown = sorted.filter(
    (d, i) => sorted.slice(0, i).filter(({ code }) => code === d.code).length < mostOfOneKind,
  );
  const left = sorted.length - shown.length;
  const last = shown.at(-1);
  if (left === 0 || last === undefined) return shown;
  const help = `${last.help === undefined ? '' : `${last.help}; `}${left} more mistakes like these are not shown`;
  return [...shown.slice(0, -1), { ...last, help }];
}

async function readBase(name: SpecName, chain: readonly string[], options: LoadOptions): Promise<Result<Spec>> {
  if (chain.includes(name.text)) {
    const circle = [...chain.slice(chain.indexOf(name.text)), name.text].join(' -> ');
    return failure([diagnostic('extends-cycle', `these specs extend each other: ${circle}`, name.span)]);
  }
  if (chain.length >= maxChain)
    return failure([
      diagnostic('too-deep', `more than ${maxChain} specs extend each other: ${chain.join(' -> ')}`, name.span),
    ]);
  const source = await options.resolve?.(name.text);
  if (source !== undefined) return readFile(source);
  const help = didYouMean(name.text, options.known ?? []);
  return failure([
    diagnostic('unknown-machine', `there is no hardware spec "${name.text}" to extend`, name.span, { help }),
  ]);
}

/** One key must not stand for two citations in the merged spec. */
function conflictingSources(base: Spec, child: Spec): Diagnostic[] {
  return [...child.sources]
    .filter(([key, citation]) => base.sources.has(key) && base.sources.get(key) !== citation)
    .map(([key]) =>
      diagnostic(
        'conflicting-fields',
        `"${base.name.text}" declares the source "${key}" with another citation`,
        child.name.span,
        {
          help: 'give yours another key',
        },
      ),
    );
}
