import { type Diagnostic, failure, inOrder, success } from '../diagnostic.ts';
import type { Source } from '../source.ts';
import { decoderIsRead, reasonFor, type SizeName, sizeKeys } from './huggingface-keys.ts';
import { type Draft, fileName, type Importer, quoted } from './imported.ts';
import { at, atAny, itemsOf, type Ledger, type Place, problem } from './ledger.ts';

/** A number of the config, the key that it has there, and all places that say it. */
type Found = { readonly value: number; readonly key: string; readonly places: readonly Place[] };

/** A size of the workload, where it comes from, and what of the config it says. */
type Size = {
  readonly name: string;
  readonly value: number;
  readonly from: string;
  readonly places: readonly Place[];
};

const isSize = (node: Place['node']): boolean =>
  node.kind === 'scalar' && typeof node.value === 'number' && Number.isSafeInteger(node.value) && node.value > 0;

const isNothing = (node: Place['node']): boolean => node.kind === 'scalar' && node.value === null;

const isTrue = (place: Place | undefined): boolean => place?.node.kind === 'scalar' && place.node.value === true;

/** The sizes that a config has, under their own names. Errors: `wrong-type`, `conflicting-fields`. */
function findSizes(config: Place, ledger: Ledger, diagnostics: Diagnostic[]): ReadonlyMap<SizeName, Found> {
  const found = new Map<SizeName, Found>();
  for (const [name, keys] of Object.entries(sizeKeys) as [SizeName, readonly string[]][])
    for (const key of keys) {
      const place = key.split('.').reduce(at, config);
      if (place === undefined || isNothing(place.node)) {
        ledger.leave(place, 'no value is given');
        continue;
      }
      const first = found.get(name);
      if (place.node.kind !== 'scalar' || !isSize(place.node))
        diagnostics.push(problem('wrong-type', `"${key}" must be a whole number above 0`, place));
      else if (first !== undefined && first.value !== place.node.value && key.startsWith('decoder_')) {
        leaveAll(first, decoderIsRead, ledger);
        found.set(name, { value: Number(place.node.value), key, places: [place] });
      } else if (first !== undefined && first.value !== place.node.value)
        diagnostics.push(
          problem('conflicting-fields', `"${key}" is ${place.node.text}, but "${first.key}" is ${first.value}`, place),
        );
      else {
        const places = [...(first?.places ?? []), place];
        found.set(name, { value: Number(place.node.value), key: first?.key ?? key, places });
      }
    }
  return found;
}

/** All queries of a layer share one head of keys (Falcon, StarCoder), whatever else the config says of it. */
function isMultiQuery(config: Place): boolean {
  return isTrue(at(config, 'multi_query')) && !isTrue(at(config, 'new_decoder_architecture'));
}

/** The part of a config that is about text, where a model has others; a width may stand beside it. */
function textPart(root: Place): Place {
  const text = atAny(root, 'text_config', 'llm_config', 'language_config');
  return text === undefined || atAny(root, ...sizeKeys.heads) !== undefined ? root : text;
}

function readAttention(
  sizes: ReadonlyMap<SizeName, Found>,
  config: Place,
  ledger: Ledger,
  diagnostics: Diagnostic[],
): readonly Size[] {
  const [heads, width, keyHeads] = [sizes.get('heads'), sizes.get('width'), sizes.get('keyHeads')];
  for (const [name, there] of [
    ['heads', heads],
    ['width', width],
  ] as const)
    if (there === undefined) diagnostics.push(missing(config, name));
  if (heads === undefined || width === undefined) return [];
  const queries = sizeOf('H', heads);
  const latent = sizes.get('latentKeys');
  if (latent !== undefined) return [queries, ...readLatent(sizes, latent, keyHeads, ledger)];
  const shared = isMultiQuery(config);
  if (shared) leaveAll(keyHeads, '"multi_query" says that there is one head of keys', ledger);
  const groups = shared ? 1 : (keyHeads?.value ?? heads.value);
  if (heads.value % groups !== 0) {
    const message = `${heads.value} heads of queries cannot share ${groups} heads of keys evenly`;
    diagnostics.push(problem('out-of-range', message, (keyHeads ?? heads).places[0]!));
  }
  const given = sizes.get('headWidth');
  if (given === undefined && width.value % heads.value !== 0) {
    const message = `a width of ${width.value} cannot be divided among ${heads.value} heads`;
    diagnostics.push(problem('out-of-range', message, width.places[0]!, 'give "head_dim"'));
  }
  const each =
    given === undefined
      ? { value: width.value / heads.value, key: `${width.key} / ${heads.key}`, places: width.places }
      : given;
  return [
    queries,
    readGroup(heads, groups, keyHeads, shared ? at(config, 'multi_query') : undefined),
    sizeOf('E', each),
    sizeOf('F', each),
  ];
}

/** Heads of queries that share one of keys; `multiQuery` is what says that all do. */
function readGroup(heads: Found, groups: number, keyHeads: Found | undefined, multiQuery: Place | undefined): Size {
  const group = { name: 'G', value: heads.value / groups };
  if (multiQuery !== undefined) return { ...group, from: `${heads.key}, by "multi_query"`, places: [multiQuery] };
  if (keyHeads === undefined) return { ...group, from: 'a head of keys for each, as none are given', places: [] };
  return { ...group, from: `${heads.key} / ${keyHeads.key}`, places: keyHeads.places };
}

const sizeOf = (name: string, { value, key, places }: Found): Size => ({ name, value, from: key, places });

function leaveAll(found: Found | undefined, reason: string, ledger: Ledger): void {
  for (const place of found?.places ?? []) ledger.leave(place, reason);
}

const missing = (config: Place, name: SizeName): Diagnostic =>
  problem(
    'missing-field',
    `the config has no "${sizeKeys[name][0]}"`,
    config,
    `it may also be called ${sizeKeys[name]
      .slice(1)
      .map((key) => `"${key}"`)
      .join(', ')}; where a config relies on a default of its code, write it out`,
  );

/** Latent attention as attention-mla decodes it: a row of latent keys a token, of which the last F are the value. */
function readLatent(
  sizes: ReadonlyMap<SizeName, Found>,
  latent: Found,
  keyHeads: Found | undefined,
  ledger: Ledger,
): readonly Size[] {
  leaveAll(keyHeads, 'latent attention has one row of keys for all heads', ledger);
  const rest = [
    ['R', 'rotaryWidth'],
    ['Q_LATENT', 'latentQueries'],
    ['E_PLAIN', 'plainWidth'],
    ['E_VALUE', 'valueWidth'],
  ] as const;
  return [sizeOf('F', latent), ...rest.flatMap(([name, size]) => plainSize(sizes, name, size))];
}

function plainSize(sizes: ReadonlyMap<SizeName, Found>, name: string, size: SizeName): readonly Size[] {
  const found = sizes.get(size);
  return found === undefined ? [] : [sizeOf(name, found)];
}

/** The width of a network for which only a ratio is given, or not even that. */
const widened = (ratio: Found | undefined, width: Found): Found =>
  ratio === undefined
    ? { value: 4 * width.value, key: `4 * ${width.key}, as where families leave it out`, places: [] }
    : { value: ratio.value * width.value, key: `${ratio.key} * ${width.key}`, places: ratio.places };

/** The feed-forward network: experts, if there are any, of the width that they have. */
function readNetwork(sizes: ReadonlyMap<SizeName, Found>, width: Found): readonly Size[] {
  const [dense, experts, own] = [sizes.get('networkWidth'), sizes.get('experts'), sizes.get('expertWidth')];
  const ff = sizeOf(
    'FF',
    (experts === undefined ? dense : (own ?? dense)) ?? widened(sizes.get('networkRatio'), width),
  );
  const alsoDense = experts !== undefined && own !== undefined ? plainSize(sizes, 'FF_DENSE', 'networkWidth') : [];
  const unused = experts === undefined ? plainSize(sizes, 'FF_EXPERT', 'expertWidth') : [];
  return [
    ff,
    ...alsoDense,
    ...unused,
    ...plainSize(sizes, 'X', 'experts'),
    ...plainSize(sizes, 'EXPERTS_PER_TOKEN', 'expertsPerToken'),
    ...plainSize(sizes, 'SHARED_EXPERTS', 'sharedExperts'),
  ];
}

/** A window, unless the config switches it off: W where all keys are in it, WINDOW where it is a mask. */
function readWindow(sizes: ReadonlyMap<SizeName, Found>, config: Place, ledger: Ledger): readonly Size[] {
  const window = sizes.get('window');
  const used = at(config, 'use_sliding_window');
  if (window === undefined) return [];
  const own = [sizeOf('W', window), sizeOf('WINDOW', window)];
  if (used === undefined) return own;
  if (isTrue(used)) return own.map((size) => ({ ...size, places: [...size.places, used] }));
  leaveAll(window, '"use_sliding_window" switches it off', ledger);
  ledger.leave(used, 'there is no window');
  return [];
}

/** Decoders alone are causal; of encoders and pairs of both nothing is said. */
function readMask(root: Place): readonly Size[] {
  const first = itemsOf(at(root, 'architectures'))[0];
  if (first?.node.kind !== 'scalar' || !/(CausalLM|LMHeadModel)$/.test(first.node.text)) return [];
  return [{ name: 'CAUSAL', value: 1, from: `architectures, "${first.node.text}"`, places: [first] }];
}

/** What the model is called, and where from: the last part of its name or path, else its type, else the file. */
function modelName(root: Place, source: Source, ledger: Ledger): { readonly name: string; readonly from: string } {
  const file = fileName(source);
  const path = ledger.text(at(root, '_name_or_path'));
  const last = path?.split(/[\\/]/).findLast((part) => part !== '');
  if (last !== undefined) return { name: last, from: `imported from ${file} of ${path}` };
  const name = ledger.text(at(root, 'model_type')) ?? file.replace(/\.[^.]*$/, '');
  return { name, from: `imported from ${file}` };
}

function writeWorkload(name: string, from: string, sizes: readonly Size[]): string {
  const derivation = sizes.map(({ name: size, from }) => `${size}: ${from}`).join('; ');
  return [
    `name: ${quoted(name)}`,
    `description: ${quoted(`Layers of ${name}; batch and lengths (B, P, M) are for --set`)}`,
    `source: ${quoted(`${from} (${derivation})`)}`,
    `sizes: { ${sizes.map(({ name: size, value }) => `${size}: ${value}`).join(', ')} }`,
    '',
  ].join('\n');
}

const derivedFrom = (sizes: readonly Size[]): readonly string[] => [
  ...sizes.map(({ name, value, from }) => `${name} = ${value}: ${from}`),
  ...(sizes.some(({ name }) => name === 'R')
    ? ['H, R and F are those of attention-mla, which decodes latent rows']
    : []),
  ...(sizes.some(({ name }) => name === 'WINDOW') ? ['layers without a window are for --set WINDOW=0'] : []),
  ...(sizes.some(({ name }) => name === 'X')
    ? ['T, the tokens that an expert gets, depends on the batch: --set T=N, about B * P * EXPERTS_PER_TOKEN / X']
    : []),
];

/** A `config.json` of Hugging Face transformers, by its keys and their synonyms: the sizes of a layer as a workload. */
export const huggingface: Importer = {
  looksLike: '"num_attention_heads" (or "n_head", "num_heads") and "hidden_size" (or "n_embd", "d_model")',
  recognises: (root) =>
    ['model_type', 'architectures', 'text_config', ...sizeKeys.heads].some((key) => at(root, key) !== undefined),
  otherwise: reasonFor,
  read: async (root, source, ledger) => {
    const diagnostics: Diagnostic[] = [];
    const config = textPart(root);
    const found = findSizes(config, ledger, diagnostics);
    if (diagnostics.length > 0) return failure(inOrder(diagnostics));
    const attention = readAttention(found, config, ledger, diagnostics);
    const width = found.get('width');
    if (diagnostics.length > 0 || width === undefined) return failure(diagnostics);
    const sizes = [
      ...attention,
      sizeOf('D', width),
      ...readNetwork(found, width),
      ...plainSize(found, 'L', 'layers'),
      ...plainSize(found, 'L_DECODER', 'decoderLayers'),
      ...readWindow(found, config, ledger),
      ...readMask(root),
      ...plainSize(found, 'VOCABULARY', 'vocabulary'),
      ...plainSize(found, 'POSITIONS', 'positions'),
    ];
    for (const { places } of sizes) for (const place of places) ledger.take(place);
    const { name, from } = modelName(root, source, ledger);
    const text = writeWorkload(name, from, sizes);
    return success<Draft>({ texts: [{ kind: 'workload', name, text }], derived: derivedFrom(sizes) });
  },
};
