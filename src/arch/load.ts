import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Source } from '../source.ts';
import { buildMachine } from './build.ts';
import { type Draft, readChain, type SpecFinder } from './chain.ts';
import { evaluateSpec } from './evaluate.ts';
import { checkHierarchy } from './hierarchy.ts';
import type { Machine } from './machine.ts';
import type { Spec } from './spec.ts';

/** What is run, and how the spec is changed for it. */
export type RunOptions = {
  /** Values by parameter name, written as in a spec (`--param NAME=VALUE`). */
  readonly parameters?: ReadonlyMap<string, string>;
  /** Name of the mapping that runs: the spec may have other values for its parameters. */
  readonly kernel?: string;
};

/** Where specs that are extended come from, what is run, and with which parameters. */
export type LoadOptions = SpecFinder & RunOptions;

/**
 * Reads a hardware spec (YAML, or JSON, its subset) into a machine with every number resolved.
 * Never throws on user input and runs nothing of it; all mistakes found are in the result.
 */
export async function loadMachine(source: Source, options: LoadOptions = {}): Promise<Result<Machine>> {
  const draft = await readChain(source, options);
  return draft.ok ? machineOf(draft.value, options) : draft;
}

/** The machine of a spec that has been read, with every number resolved. */
export async function machineOf(draft: Draft, options: RunOptions = {}): Promise<Result<Machine>> {
  const spec = runningKernel(draft.spec, options.kernel);
  const overrides = options.parameters ?? new Map<string, string>();
  const found = [...draft.diagnostics, ...structure(draft)];
  const numbers = await evaluateSpec(spec, overrides);
  if (!numbers.ok) return failure(report([...found, ...numbers.diagnostics]));
  if (found.length > 0) return failure(report(found));
  const machine = buildMachine(spec, numbers.value, overrides, found);
  return found.length > 0 ? failure(found) : success(machine);
}

/** The spec with the parameters that it has when a mapping of that name runs. */
export function runningKernel(spec: Spec, kernel: string | undefined): Spec {
  const changed = kernel === undefined ? undefined : spec.kernels.get(kernel);
  return changed === undefined ? spec : { ...spec, parameters: new Map([...spec.parameters, ...changed]) };
}

/** The spec as written, with what it extends merged in; `print.ts` writes it out again. */
export async function loadSpec(source: Source, options: SpecFinder = {}): Promise<Result<Spec>> {
  const draft = await readChain(source, options);
  return draft.ok ? specOf(draft.value) : draft;
}

/** A spec that has been read, if it has no mistakes so far. */
export function specOf({ spec, diagnostics }: Draft): Result<Spec> {
  return diagnostics.length > 0 ? failure(report(diagnostics)) : success(spec);
}

/** Where a field is misspelt, what seems to be missing from the tree is only that. */
const structure = ({ spec, complete }: Draft): Diagnostic[] =>
  complete ? [...checkHierarchy(spec), ...checkKernels(spec)] : [];

/** A kernel changes parameters that there are. */
function checkKernels({ name, kernels, parameters }: Spec): Diagnostic[] {
  return [...kernels].flatMap(([kernel, values]) =>
    [...values]
      .filter(([parameter]) => !parameters.has(parameter))
      .map(([parameter, value]) => {
        const help = didYouMean(parameter, parameters.keys());
        const message = `"${name.text}" has no parameter "${parameter}" that kernel "${kernel}" could change`;
        return diagnostic('unknown-parameter', message, value.span, { help });
      }),
  );
}

/** A spec without any sources would bury all else under one message a number. */
const mostOfOneKind = 10;

/** In the order of the text, each mistake once, and only the first of many of one kind. */
function report(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const sorted = diagnostics.toSorted((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  const shown: Diagnostic[] = [];
  let left = 0;
  for (const d of sorted) {
    const key = `${d.code} ${d.message} ${d.span?.source.name} ${d.span?.start}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const count = (counts.get(d.code) ?? 0) + 1;
    counts.set(d.code, count);
    if (count <= mostOfOneKind) shown.push(d);
    else left++;
  }
  const last = shown.at(-1);
  if (left === 0 || last === undefined) return shown;
  const help = `${last.help === undefined ? '' : `${last.help}; `}${left} more mistakes like these are not shown`;
  return [...shown.slice(0, -1), { ...last, help }];
}
