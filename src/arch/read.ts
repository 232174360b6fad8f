import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { DocumentEntry, DocumentNode } from '../document.ts';
import type { Span } from '../source.ts';
import { units } from '../units.ts';
import { levelFields, memoryFields, operatorFields, powerFields, selectorFields, unitFields } from './fields.ts';
import { functionNames } from './functions.ts';
import type {
  Spec,
  SpecAccounting,
  SpecLevel,
  SpecName,
  SpecSelector,
  SpecUnit,
  SpecValue,
  SpecValues,
} from './spec.ts';

/** What a value takes from the blocks around it: the nearest source, and the note of its own block. */
type Context = {
  readonly citations: ReadonlyMap<string, string>;
  readonly sources: readonly string[];
  readonly note: string | undefined;
  readonly diagnostics: Diagnostic[];
};

type Entries = ReadonlyMap<string, DocumentEntry>;

/** Reads a spec whose form `validate.ts` found readable; leaves unknown fields out and reports numbers without a source and unknown sources. */
export function readSpec(root: DocumentNode, diagnostics: Diagnostic[]): Spec {
  const entries = entriesOf(root);
  const citations = new Map<string, string>();
  for (const [key, { node }] of entriesOf(entries.get('sources')?.node)) citations.set(key, textOf(node));
  const context: Context = { citations, sources: [], note: undefined, diagnostics };
  const single = (name: string): SpecValue | undefined => {
    const entry = entries.get(name);
    return entry === undefined ? undefined : readValue(name, entry, context);
  };
  const power = entries.get('power')?.node;
  const kernels = [...entriesOf(entries.get('kernels')?.node)];
  return {
    name: nameOf(entries, 'name')!,
    description: textOf(entries.get('description')?.node),
    extends: nameOf(entries, 'extends'),
    sources: citations,
    parameters: readParameters(entriesOf(entries.get('parameters')?.node), context),
    clock: single('clock'),
    overlap: single('overlap'),
    power: power === undefined ? undefined : readBlock(power, powerFields, context),
    kernels: new Map(kernels.map(([name, { node }]) => [name, readKernel(node, context)])),
    accountings: readAccountings(entriesOf(entries.get('accountings')?.node), context),
    levels: itemsOf(entries.get('levels')?.node).map((level) => readLevel(level, context)),
  };
}

/** A parameter must not hide a unit or a function from the expressions after it. */
function readParameters(entries: Entries, context: Context): SpecValues {
  for (const [name, { key }] of entries) {
    const what = units.has(name) ? 'unit' : functionNames.has(name) ? 'function' : undefined;
    if (what !== undefined)
      context.diagnostics.push(diagnostic('bad-name', `"${name}" is a ${what}, so it cannot name a parameter`, key));
  }
  return readValues(entries, undefined, context);
}

function readAccountings(entries: Entries, context: Context): Spec['accountings'] {
  const accountings = new Map<string, SpecAccounting>();
  for (const [name, { key, node }] of entries) {
    if (name === 'physical') {
      const message = '"physical" is the accounting that charges for everything; every machine has it as it is';
      context.diagnostics.push(diagnostic('bad-name', message, key));
    }
    accountings.set(name, readAccounting(name, node, key, context));
  }
  return accountings;
}

function readAccounting(name: string, node: DocumentNode, key: Span, outer: Context): SpecAccounting {
  const entries = entriesOf(node);
  const context = enter(entries, outer);
  if (context.sources.length === 0)
    context.diagnostics.push(
      diagnostic('missing-source', `the accounting "${name}" does not say where it comes from`, key, {
        help: 'give it a "source", a key that is declared under "sources"',
      }),
    );
  const operators = entries.get('free_operators');
  return {
    span: key,
    one_lane: flagOf(entries, 'one_lane'),
    free_drains: flagOf(entries, 'free_drains'),
    free_operators:
      operators === undefined
        ? undefined
        : itemsOf(operators.node).map((item) => ({ text: textOf(item), span: item.span })),
    sources: context.sources,
    note: context.note,
  };
}

/** Values of parameters; what says where they come from is none. */
function readKernel(node: DocumentNode, outer: Context): SpecValues {
  const entries = entriesOf(node);
  const parameters = new Map([...entries].filter(([name]) => name !== 'source' && name !== 'note'));
  return readValues(parameters, undefined, enter(entries, outer));
}

function readLevel(node: DocumentNode, outer: Context): SpecLevel {
  const entries = entriesOf(node);
  const context = enter(entries, outer);
  const memory = entries.get('memory')?.node;
  return {
    name: nameOf(entries, 'name')!,
    parent: nameOf(entries, 'parent'),
    values: readValues(entries, levelFields, context),
    multicast: flagOf(entries, 'multicast'),
    memory: memory === undefined ? undefined : readBlock(memory, memoryFields, context),
    per_lane: flagOf(entriesOf(memory), 'per_lane'),
    private: flagOf(entriesOf(memory), 'private'),
    adds: flagOf(entriesOf(memory), 'adds'),
    units: itemsOf(entries.get('units')?.node).map((unit) => readUnit(unit, context)),
  };
}

function readUnit(node: DocumentNode, outer: Context): SpecUnit {
  const entries = entriesOf(node);
  const context = enter(entries, outer);
  const operators = new Map<string, SpecValues>();
  for (const [name, { node: block }] of entriesOf(entries.get('operators')?.node))
    operators.set(name, readBlock(block, operatorFields, context));
  const selector = entries.get('selector')?.node;
  return {
    name: nameOf(entries, 'name')!,
    dimensions: readValues(entriesOf(entries.get('dimensions')?.node), undefined, context),
    operators,
    values: readValues(entries, unitFields, context),
    selector: selector === undefined ? undefined : readSelector(selector, context),
  };
}

const readSelector = (node: DocumentNode, context: Context): SpecSelector => ({
  algorithm: nameOf(entriesOf(node), 'algorithm'),
  values: readBlock(node, selectorFields, context),
});

function readBlock(node: DocumentNode, fields: object, outer: Context): SpecValues {
  const entries = entriesOf(node);
  return readValues(entries, fields, enter(entries, outer));
}

/** Into a block: its own source replaces the one around it, its note covers its own values only. */
function enter(entries: Entries, outer: Context): Context {
  const source = entries.get('source')?.node;
  const note = entries.get('note')?.node;
  return {
    ...outer,
    sources: source === undefined ? outer.sources : readSources(source, outer),
    note: note === undefined ? undefined : textOf(note),
  };
}

/** The values among the entries: those named in `fields`, or all. */
function readValues(entries: Entries, fields: object | undefined, context: Context): SpecValues {
  const values = new Map<string, SpecValue>();
  for (const [name, entry] of entries)
    if (fields === undefined || Object.hasOwn(fields, name)) values.set(name, readValue(name, entry, context));
  return values;
}

function readValue(name: string, { node }: DocumentEntry, context: Context): SpecValue {
  if (node.kind !== 'map') return sourced(name, node, node.span, context);
  return sourced(name, node.entries.get('value')!.node, node.span, enter(node.entries, context));
}

function sourced(name: string, node: DocumentNode, whole: Span, context: Context): SpecValue {
  if (context.sources.length === 0)
    context.diagnostics.push(
      diagnostic('missing-source', `the value of "${name}" does not say where it comes from`, whole, {
        help: `write { value: ${textOf(node)}, source: KEY }, or give its block a "source"; KEY is declared under "sources"`,
      }),
    );
  return { text: textOf(node), span: node.span, sources: context.sources, note: context.note };
}

function readSources(node: DocumentNode, { citations, diagnostics }: Context): readonly string[] {
  const keys = node.kind === 'list' ? node.items : [node];
  for (const key of keys)
    if (!citations.has(textOf(key)))
      diagnostics.push(
        diagnostic('unknown-source', `"${textOf(key)}" is not declared under "sources"`, key.span, {
          help: didYouMean(textOf(key), citations.keys()),
        }),
      );
  return keys.map(textOf);
}

const nothing: Entries = new Map();
const entriesOf = (node: DocumentNode | undefined): Entries => (node?.kind === 'map' ? node.entries : nothing);
const itemsOf = (node: DocumentNode | undefined): readonly DocumentNode[] => (node?.kind === 'list' ? node.items : []);
const textOf = (node: DocumentNode | undefined): string => (node?.kind === 'scalar' ? node.text : '');

function flagOf(entries: Entries, field: string): boolean | undefined {
  const node = entries.get(field)?.node;
  return node?.kind === 'scalar' ? node.value === true : undefined;
}

function nameOf(entries: Entries, field: string): SpecName | undefined {
  const node = entries.get(field)?.node;
  return node === undefined ? undefined : { text: textOf(node), span: node.span };
}
