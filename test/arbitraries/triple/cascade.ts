import { readFileSync } from 'node:fs';
import type { Choices } from '../choices.ts';

/** A cascade in its text form and small sizes for its ranks and parameters. */
export type CascadeText = { readonly text: string; readonly sizes: Readonly<Record<string, number>> };

/** A cascade that ships, at sizes that do not divide, or one made up of random Einsums. */
export const chooseCascade = (c: Choices, sizes: SizeClass): CascadeText =>
  stretch(c, sizes, c.chance(30) ? chooseShipped(c) : chooseRandom(c));

/** `small`: every point can be visited; `long`: one rank is so long that iterations repeat; `vast`: up to thousands. */
export type SizeClass = 'small' | 'long' | 'vast';

function stretch(c: Choices, sizes: SizeClass, cascade: CascadeText): CascadeText {
  if (sizes === 'small') return cascade;
  const ranks = ['M', 'P', 'H'].filter((r) => r in cascade.sizes);
  const longest = sizes === 'long' ? [60] : c.pick([[3000], [400, 400], [400, 60, 8]]);
  const lengths = ranks.slice(0, longest.length).map((_, i) => c.integer(10, longest[i]!));
  const shift = c.integer(0, ranks.length - 1);
  const stretched = lengths.map((length, i) => [ranks[(i + shift) % ranks.length]!, length] as const);
  return { ...cascade, sizes: { ...cascade.sizes, ...Object.fromEntries(stretched) } };
}

const shipped = [
  'gemm',
  'attention-3-pass',
  'attention-2-pass',
  'attention-1-pass',
  'attention-3-pass-deferred',
  'attention-1-pass-eager',
  'sigmoid-attention',
  'linear-attention-recurrent',
  'linear-attention-chunked',
] as const;

const shippedTexts = new Map<string, string>();

function shippedText(name: string): string {
  const known = shippedTexts.get(name);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(`../../../cascades/${name}.einsum`, import.meta.url), 'utf8');
  shippedTexts.set(name, text);
  return text;
}

function chooseShipped(c: Choices): CascadeText {
  const name = c.pick(shipped);
  if (name === 'gemm')
    return { text: shippedText(name), sizes: { M: c.integer(1, 9), N: c.integer(1, 7), K: c.integer(1, 6) } };
  const text = shippedText(name);
  const sizes: Record<string, number> = {
    B: c.integer(1, 2),
    H: c.integer(1, 3),
    M: c.integer(1, 9),
    E: c.integer(1, 3),
    F: c.integer(1, 3),
  };
  if (text.includes('rank B, H, P, M')) sizes['P'] = c.integer(1, 6);
  if (text.includes('default M0')) sizes['M0'] = c.integer(1, 4);
  if (text.includes('CAUSAL')) sizes['CAUSAL'] = c.integer(0, 1);
  if (text.includes('G = 1')) sizes['G'] = c.integer(1, 2);
  return { text, sizes };
}

type Known = {
  readonly name: string;
  /** Ways to index each dimension; the first is the usual one. */
  readonly indices: readonly (readonly string[])[];
};

type Access = { readonly tensor: string; readonly indices: readonly string[] };

/** Index variables in an index. */
const variablesOf = (indices: readonly string[]): readonly string[] => [
  ...new Set(indices.flatMap((i) => i.match(/\b[a-z][a-z0-9]*\b/g) ?? []).filter((v) => v !== 'div')),
];

const rankOf = (variable: string): string => variable.toUpperCase();
const written = (a: Access): string => `${a.tensor}[${a.indices.join(', ')}]`;

/** Tensors that every random cascade can read; `key` is the index along the keys, whole or cut into tiles. */
function inputsOf(heads: boolean, key: string): readonly (Known & { readonly ranks: readonly string[] })[] {
  const head = (index: string): readonly (readonly string[])[] => (heads ? [[index]] : []);
  const ranks = (first: string, ...rest: string[]): readonly string[] => (heads ? [first, ...rest] : rest);
  return [
    { name: 'X', ranks: ranks('H', 'P', 'E'), indices: [...head('h'), ['p', 'p', 'p', 'p + 1', 'p - 1', key], ['e']] },
    { name: 'Y', ranks: ranks('HK', 'M', 'E'), indices: [...head('h div G'), [key, key, key, 'p + w', 'm'], ['e']] },
    { name: 'V', ranks: ranks('HK', 'M', 'F'), indices: [...head('h div G'), [key], ['f']] },
    { name: 'U', ranks: ['S', 'E'], indices: [['p + w', 'p + w', '2*p + w', 'p - w + 2'], ['e']] },
    { name: 'D', ranks: ['P'], indices: [['p']] },
  ];
}

/** Most points of an iteration space are few: the oracle visits each. */
const mostVariables = 5;

type Step = { readonly name: string; readonly text: string; readonly read: readonly string[]; readonly known: Known };

function chooseAccess(c: Choices, known: readonly Known[]): Access {
  // Most Einsums go on from the one before: such chains can be fused.
  const tensor = c.chance(60) ? known.at(-1)! : c.pick(known);
  return { tensor: tensor.name, indices: tensor.indices.map((ways) => (c.chance(70) ? ways[0]! : c.pick(ways))) };
}

function chooseStep(c: Choices, name: string, known: readonly Known[]): Step | undefined {
  const kind = c.pick(['map', 'product', 'reduce', 'combine', 'carry'] as const);
  const first = chooseAccess(c, known);
  const second = kind === 'product' || kind === 'combine' ? chooseAccess(c, known) : undefined;
  const accesses = second === undefined ? [first] : [first, second];
  const variables = variablesOf(accesses.flatMap((a) => a.indices));
  if (variables.length === 0 || variables.length > mostVariables) return undefined;
  const filter = c.chance(20) ? ` where ${chooseFilter(c, variables)}` : '';
  const read = accesses.map((a) => a.tensor);
  if (kind === 'carry') return carry(c, name, first, variables, filter);
  const lacking = kind === 'product' || kind === 'reduce' ? c.some(variables, 35) : [];
  const output = variables.filter((v) => !lacking.includes(v));
  const body = bodyOf(c, kind, accesses.map(written));
  const operator = kind === 'reduce' ? c.pick(['max', 'sum']) : 'sum';
  const reduce = lacking.length === 0 ? '' : `${operator}(${lacking.join(', ')}) `;
  return {
    name,
    read,
    text: `  ${name}[${output.join(', ')}] = ${reduce}${body}${filter}\n`,
    known: { name, indices: output.map((v) => [v, v, v, v, `${v} + 1`, `${v} - 1`]) },
  };
}

function bodyOf(c: Choices, kind: 'map' | 'product' | 'reduce' | 'combine', operands: readonly string[]): string {
  const [a, b] = operands;
  if (kind === 'map') return c.pick([`exp(${a})`, `tanh(${a}) * 0.5`, `max(${a}, 0)`]);
  if (kind === 'product') return `${a} * ${b}`;
  if (kind === 'combine') return c.pick([`tanh(${a} - ${b})`, `max(${a}, ${b})`, `${a} + ${b}`]);
  return a!;
}

function carry(
  c: Choices,
  name: string,
  source: Access,
  variables: readonly string[],
  filter: string,
): Step | undefined {
  const along = ['m1', 'm', 'p', 'e'].find((v) => variables.includes(v));
  if (along === undefined) return undefined;
  const at = (index: string): string => `${name}[${variables.map((v) => (v === along ? index : v)).join(', ')}]`;
  const [operator, initial] = c.pick([
    ['max', '-inf'],
    ['add', '0'],
  ] as const);
  return {
    name,
    read: [source.tensor],
    text: `  ${at('0')} = ${initial}\n  ${at(`${along}+1`)} = ${operator}(${at(along)}, ${written(source)})${filter}\n`,
    known: { name, indices: variables.map((v) => (v === along ? [`${v}+1`, v, rankOf(v), '0'] : [v])) },
  };
}

function chooseFilter(c: Choices, variables: readonly string[]): string {
  const a = c.pick(variables);
  const b = c.pick(variables);
  return c.pick([
    `${a} <= ${b} + 1`,
    `${a} <= ${b} and ${a} > ${b} - 2`,
    `${a} != ${b}`,
    `${a} + ${b} >= 3`,
    `${a} < 2 or ${b} > 2`,
  ]);
}

function chooseRandom(c: Choices): CascadeText {
  const heads = c.chance(40);
  const key = c.pick(['m', 'm1*M0 + m0']);
  const inputs = inputsOf(heads, key);
  const steps: Step[] = [];
  const count = c.integer(1, 5);
  for (let tries = 0; steps.length < count && tries < 20; tries++) {
    const step = chooseStep(c, `T${steps.length + 1}`, [...inputs, ...steps.map((s) => s.known)]);
    if (step !== undefined) steps.push(step);
  }
  const used = new Set(steps.flatMap((s) => s.read));
  const results = steps.filter((s) => !used.has(s.name));
  const declared = inputs.filter((i) => used.has(i.name));
  const format = c.pick(['fp16', 'fp32', 'int8', 'int4']);
  const stored = c.some(steps, 30).filter((s) => !results.includes(s));
  const text = [
    'cascade random',
    '  rank H, P, M, E, F, W, S',
    '  rank M1 = ceil(M / M0) default M0 = 2',
    '  param G = 1',
    '  rank HK = ceil(H / G)',
    `  input ${declared.map((i) => `${i.name}[${i.ranks.join(', ')}]`).join(', ')} : ${format}`,
    `  output ${results.map((s) => `${s.name}[${ranksOf(s.known)}]`).join(', ')}`,
    ...stored.map((s) => `  tensor ${s.name} : fp32`),
    ...steps.map((s) => s.text.trimEnd()),
  ];
  return { text: `${text.join('\n')}\n`, sizes: chooseSizes(c) };
}

const ranksOf = (known: Known): string => known.indices.map(([index]) => rankOf(index!.replace('+1', ''))).join(', ');

function chooseSizes(c: Choices): Readonly<Record<string, number>> {
  return {
    H: c.integer(1, 4),
    P: c.integer(1, 7),
    M: c.integer(1, 8),
    M0: c.integer(1, 4),
    E: c.integer(1, 3),
    F: c.integer(1, 3),
    W: c.integer(1, 3),
    S: c.integer(1, 10),
    G: c.integer(1, 3),
  };
}
