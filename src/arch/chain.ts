import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import { readDocument } from '../document.ts';
import { isReadable } from '../form.ts';
import type { Source } from '../source.ts';
import { extendSpec } from './extend.ts';
import { checkDistinct } from './hierarchy.ts';
import { readSpec } from './read.ts';
import type { Spec, SpecName } from './spec.ts';
import { validateForm } from './validate.ts';

/** How a spec that another one extends is found. */
export type SpecFinder = {
  /** The text of the spec of that name; undefined if there is none. */
  readonly resolve?: (name: string) => Promise<Source | undefined>;
  /** Names that `resolve` knows, for suggestions. */
  readonly known?: readonly string[];
};

/** A spec that may have mistakes, with those found so far; it is good for finding more. */
export type Draft = {
  readonly spec: Spec;
  readonly diagnostics: readonly Diagnostic[];
  /** False if some fields were not understood and left out. */
  readonly complete: boolean;
};

/** Longest chain of `extends`. */
const maxChain = 8;

/** Reads a spec and those that it extends, merged; fails only if there is nothing that could be read further. */
export async function readChain(source: Source, finder: SpecFinder): Promise<Result<Draft>> {
  const first = readFile(source);
  if (!first.ok) return first;
  let draft = first.value;
  const chain = [draft.spec.name.text];
  while (draft.spec.extends !== undefined) {
    const { spec, diagnostics, complete } = draft;
    const name = draft.spec.extends;
    const base = await readBase(name, chain, finder);
    if (!base.ok) return failure([...diagnostics, ...base.diagnostics]);
    chain.push(name.text);
    draft = {
      spec: extendSpec(base.value.spec, spec),
      diagnostics: [...diagnostics, ...base.value.diagnostics, ...conflictingSources(base.value.spec, spec)],
      complete: complete && base.value.complete,
    };
  }
  return success(draft);
}

function readFile(source: Source): Result<Draft> {
  const document = readDocument(source);
  if (!document.ok) return document;
  const form = validateForm(document.value);
  const diagnostics = form.map(({ diagnostic: d }) => d);
  if (!isReadable(form)) return failure(diagnostics);
  const found: Diagnostic[] = [];
  const spec = readSpec(document.value, found);
  // Under a misspelt "source" every number would seem to have none.
  const unsourced = form.some(({ diagnostic: d }) => d.help?.includes('"source"') === true);
  diagnostics.push(...found.filter(({ code }) => !(unsourced && code === 'missing-source')), ...checkDistinct(spec));
  return success({ spec, diagnostics, complete: form.length === 0 });
}

async function readBase(name: SpecName, chain: readonly string[], finder: SpecFinder): Promise<Result<Draft>> {
  if (chain.includes(name.text)) {
    const circle = [...chain.slice(chain.indexOf(name.text)), name.text].join(' -> ');
    return failure([diagnostic('extends-cycle', `these specs extend each other: ${circle}`, name.span)]);
  }
  if (chain.length >= maxChain)
    return failure([
      diagnostic('too-deep', `more than ${maxChain} specs extend each other: ${chain.join(' -> ')}`, name.span),
    ]);
  const source = await finder.resolve?.(name.text);
  if (source !== undefined) return readFile(source);
  const help = didYouMean(name.text, finder.known ?? []);
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
