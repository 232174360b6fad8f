import { loadSpec } from '../arch/load.ts';
import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import type { Density } from '../einsum/workload.ts';
import { outermostBytes } from '../models/outermost-bytes.ts';
import { buildReport, type Report } from '../report/report.ts';
import { type PlacementInputs, simulate } from '../simulate.ts';
import type { Source } from '../source.ts';

/** Names with what belongs to them, as data of a page has them: a name may be `__proto__`. */
export type Entries<T> = readonly (readonly [name: string, value: T])[];

/** All that a run reads, as plain data, so that a page can run it again. */
export type WhatIfInputs = {
  readonly cascade: Source;
  readonly machine: Source;
  /** The specs that the machine extends, by name. */
  readonly specs: Entries<Source>;
  readonly mapping: Source;
  readonly sizes: Entries<number>;
  readonly presets: Entries<number>;
  readonly formats: Entries<string>;
  readonly densities: Entries<Density>;
  readonly parameters: Entries<string>;
  readonly accounting: string;
};

/** What is given in place of what the run has: values as a command line has them. */
export type Changes = { readonly sizes: Entries<string>; readonly parameters: Entries<string> };

export const findSpec =
  ({ specs }: WhatIfInputs) =>
  async (name: string): Promise<Source | undefined> =>
    specs.find(([known]) => known === name)?.[1];

/** The specs that a machine extends, those that they extend, and so on. */
export async function extendedSpecs(
  machine: Source,
  resolve: (name: string) => Promise<Source | undefined>,
): Promise<Entries<Source>> {
  const specs: [string, Source][] = [];
  await loadSpec(machine, {
    resolve: async (name) => {
      const source = await resolve(name);
      if (source !== undefined) specs.push([name, source]);
      return source;
    },
  });
  return specs;
}

export function placementInputs(inputs: WhatIfInputs): PlacementInputs {
  const { cascade, machine, mapping, sizes, presets, formats, densities, parameters } = inputs;
  return {
    cascade,
    machine,
    mapping,
    sizes: new Map(sizes),
    presets: new Map(presets),
    formats: new Map(formats),
    densities: new Map(densities),
    parameters: new Map(parameters),
    resolveMachine: findSpec(inputs),
  };
}

/** The closed form of the run with some sizes and parameters changed. Errors: those of the pipeline, `bad-assignment`. */
export async function evaluateChanged(inputs: WhatIfInputs, changes: Changes): Promise<Result<Report>> {
  const wrong = changes.sizes.flatMap(([name, text]) => notWhole(name, text));
  if (wrong.length > 0) return failure(wrong);
  const base = placementInputs(inputs);
  const outcome = await simulate({
    ...base,
    sizes: new Map([...base.sizes, ...changes.sizes.map(([name, text]) => [name, Number(text)] as const)]),
    parameters: new Map([...inputs.parameters, ...changes.parameters]),
    accounting: inputs.accounting,
    model: 'analytic',
  });
  if (!outcome.ok) return outcome;
  const report = buildReport({ ...outcome.value, compulsory_bytes: outermostBytes(outcome.value.mapping) });
  return success(report, outcome.warnings);
}

const notWhole = (name: string, text: string): readonly Diagnostic[] =>
  /^[+-]?\d+$/.test(text.trim()) && Number.isSafeInteger(Number(text))
    ? []
    : [diagnostic('bad-assignment', `"${name}=${text}": "${text}" is not a whole number`, undefined)];

/** A word of a command line as a POSIX shell takes it. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

const assigned = (option: string, given: Entries<string | number>, changed: Entries<string>): readonly string[] =>
  [...new Map<string, string | number>([...given, ...changed])].flatMap(([name, value]) => [
    option,
    `${name}=${value}`,
  ]);

/** The command that prints what the page shows; `words` are what the run was called with, but sizes and parameters. */
export const commandLine = (words: readonly string[], inputs: WhatIfInputs, changes: Changes): string =>
  [
    'attnsim',
    'run',
    ...words,
    ...assigned('--set', inputs.sizes, changes.sizes),
    ...assigned('--param', inputs.parameters, changes.parameters),
    '--model',
    'analytic',
  ]
    .map(quoted)
    .join(' ');
