import fc from 'fast-check';

/**
 * Random cascades that make sense, together with what they mean in plain JavaScript: the text is for the program, the
 * functions for an oracle that shares nothing with it.
 */
export type Computation = {
  readonly text: string;
  readonly sizes: Readonly<Record<string, number>>;
  readonly inputs: readonly { readonly name: string; readonly ranks: readonly string[] }[];
  readonly steps: readonly StepMeaning[];
};

type Point = Readonly<Record<string, number>>;

type AccessMeaning = { readonly tensor: string; readonly at: readonly ((point: Point) => number)[] };

export type StepMeaning = {
  readonly name: string;
  /** Ranks of the output in order. */
  readonly ranks: readonly string[];
  /** Index variables of the iteration space. */
  readonly variables: readonly string[];
  readonly output: readonly string[];
  /** Output variable along which the tensor is carried: each point makes the next version. */
  readonly carried: string | undefined;
  readonly initial: number;
  readonly operands: readonly AccessMeaning[];
  readonly combine: (values: readonly number[]) => number;
  /** The first operand that exists is the value; otherwise all must. */
  readonly first: boolean;
  readonly reduce: 'sum' | 'max';
  readonly holds: (point: Point) => boolean;
  /** Elements that must exist, or must not. */
  readonly asks: readonly { readonly of: AccessMeaning; readonly exists: boolean }[];
  readonly selection: SelectionMeaning | undefined;
};

/** Keeps so many of the elements that differ in one variable only, or those beyond a number. */
type SelectionMeaning =
  | { readonly variable: string; readonly largest: boolean; readonly count: (point: Point) => number }
  | { readonly variable: undefined; readonly lets: (value: number) => boolean };

type Index = { readonly text: string; readonly uses: readonly string[]; readonly at: (point: Point) => number };

const plain = (v: string): Index => ({ text: v, uses: [v], at: (x) => x[v]! });

/** Sizes of the ranks; all text below uses these names. */
const sizesArbitrary = fc.record({
  P: fc.integer({ min: 1, max: 5 }),
  M: fc.integer({ min: 1, max: 6 }),
  E: fc.integer({ min: 1, max: 3 }),
  M0: fc.integer({ min: 1, max: 4 }),
});
type Sizes = { readonly P: number; readonly M: number; readonly E: number; readonly M0: number };

const sizeOf = (rank: string, s: Sizes): number => {
  if (rank === 'M1') return Math.ceil(s.M / s.M0);
  if (rank === 'H') return Math.ceil(s.P / 2);
  return s[rank as keyof Sizes];
};

/** Ways to index a rank. */
function indicesOf(rank: string, s: Sizes): fc.Arbitrary<Index> {
  const own = fc.constant(plain(rank.toLowerCase()));
  const tiled: Index = { text: 'm1*M0 + m0', uses: ['m1', 'm0'], at: (x) => x['m1']! * s.M0 + x['m0']! };
  if (rank === 'M')
    return fc.oneof(
      { arbitrary: own, weight: 3 },
      { arbitrary: fc.constant(tiled), weight: 4 },
      fc.constant({ text: 'p + e', uses: ['p', 'e'], at: (x: Point) => x['p']! + x['e']! }),
      fc.constant({ text: 'm - 1', uses: ['m'], at: (x: Point) => x['m']! - 1 }),
      fc.constant({ text: '0', uses: [], at: () => 0 }),
    );
  if (rank === 'H')
    return fc.oneof(own, fc.constant({ text: 'p div 2', uses: ['p'], at: (x: Point) => Math.floor(x['p']! / 2) }));
  if (rank === 'P')
    return fc.oneof(
      { arbitrary: own, weight: 4 },
      fc.constant({ text: 'p + 1', uses: ['p'], at: (x: Point) => x['p']! + 1 }),
    );
  return own;
}

/** The version before a step, the one that it makes, the last and the first. */
function versionsOf(rank: string, s: Sizes): fc.Arbitrary<Index> {
  const v = rank.toLowerCase();
  return fc.constantFrom(
    plain(v),
    { text: `${v}+1`, uses: [v], at: (x: Point) => x[v]! + 1 },
    { text: rank, uses: [], at: () => sizeOf(rank, s) },
    { text: '0', uses: [], at: () => 0 },
  );
}

type FilterMeaning = { readonly text: string; readonly holds: (point: Point) => boolean };

function filterOver(variables: readonly string[]): fc.Arbitrary<FilterMeaning> {
  const term = fc.record({ v: fc.constantFrom(...variables), k: fc.constantFrom(1, -1, 1, -1, 2, -2) });
  const compare = fc
    .record({
      terms: fc.uniqueArray(term, { minLength: 1, maxLength: 3, selector: ({ v }) => v }),
      offset: fc.integer({ min: -3, max: 4 }),
      operator: fc.constantFrom('<', '<=', '<=', '>', '>=', '>=', '==', '!='),
    })
    .map(({ terms, offset, operator }): FilterMeaning => {
      const text = `${terms.map(({ v, k }) => `${k}*${v}`).join(' + ')} ${operator} ${offset}`;
      const compared: Record<string, (a: number) => boolean> = {
        '<': (a) => a < offset,
        '<=': (a) => a <= offset,
        '>': (a) => a > offset,
        '>=': (a) => a >= offset,
        '==': (a) => a === offset,
        '!=': (a) => a !== offset,
      };
      return { text, holds: (x) => compared[operator]!(terms.reduce((sum, { v, k }) => sum + k * x[v]!, 0)) };
    });
  const joined = fc
    .record({ word: fc.constantFrom('and', 'or'), parts: fc.array(compare, { minLength: 2, maxLength: 3 }) })
    .map(
      ({ word, parts }): FilterMeaning => ({
        text: `(${parts.map((f) => f.text).join(` ${word} `)})`,
        holds: (x) => (word === 'and' ? parts.every((f) => f.holds(x)) : parts.some((f) => f.holds(x))),
      }),
    );
  const negated = joined.map((f): FilterMeaning => ({ text: `not ${f.text}`, holds: (x) => !f.holds(x) }));
  return fc.oneof({ arbitrary: compare, weight: 2 }, joined, negated);
}

/** `top(m, 2)`, or another number at each coordinate of one other variable; `above(0.5)`. */
function selectionOver(output: readonly string[]): fc.Arbitrary<SelectionMeaning & { readonly text: string }> {
  const gate = fc.record({ above: fc.boolean(), value: fc.constantFrom(-0.5, 0, 0.5) }).map(({ above, value }) => ({
    variable: undefined,
    lets: (x: number) => (above ? x > value : x < value),
    text: `${above ? 'above' : 'below'}(${value}) `,
  }));
  const rank = fc
    .record({
      variable: fc.constantFrom(...output),
      word: fc.constantFrom('top', 'bottom'),
      counts: fc.array(fc.nat(4), { minLength: 1, maxLength: 3 }),
      along: fc.constantFrom(...output),
    })
    .map(({ variable, word, counts, along }) => {
      const alone = along === variable || counts.length === 1;
      return {
        variable,
        largest: word === 'top',
        count: (x: Point) => counts[alone ? 0 : Math.min(x[along]!, counts.length - 1)]!,
        text: `${word}(${variable}, ${alone ? counts[0] : `choose(${along}, ${counts.join(', ')})`}) `,
      };
    });
  return fc.oneof({ arbitrary: rank, weight: 3 }, gate);
}

type Known = { readonly name: string; readonly ranks: readonly string[]; readonly carriedAt?: number };

const inputs: readonly Known[] = [
  { name: 'X', ranks: ['P', 'E'] },
  { name: 'Y', ranks: ['M', 'E'] },
  { name: 'W', ranks: ['H', 'M'] },
];

/** Where a loop over all points of all variables would take long, a point space is not wanted. */
const maxVariables = 4;

function stepOf(
  name: string,
  known: readonly Known[],
  s: Sizes,
  selects: boolean,
): fc.Arbitrary<{ meaning: StepMeaning; text: string }> {
  const indexed = (rank: string): fc.Arbitrary<Index> =>
    selects
      ? fc.oneof({ arbitrary: fc.constant(plain(rank.toLowerCase())), weight: 12 }, indicesOf(rank, s))
      : indicesOf(rank, s);
  // Where selections meet, what was made matters more than inputs.
  const made = known.filter((t) => t.name.startsWith('T') && t.carriedAt === undefined);
  const access = fc
    .constantFrom(...known, ...(selects ? [...made, ...made] : []))
    .chain((t) =>
      fc
        .tuple(...t.ranks.map((rank, d) => (d === t.carriedAt ? versionsOf(rank, s) : indexed(rank))))
        .map((indices) => ({ tensor: t.name, indices })),
    );
  return fc
    .array(access, { minLength: 1, maxLength: 2 })
    .chain((accesses) => {
      const variables = [...new Set(accesses.flatMap((a) => a.indices.flatMap((i) => i.uses)))];
      const asked = made.filter((t) => t.ranks.every((r) => variables.includes(r.toLowerCase())));
      const asks: fc.Arbitrary<readonly { readonly of: Known; readonly exists: boolean }[]> =
        selects && asked.length > 0
          ? fc.array(fc.record({ of: fc.constantFrom(...asked), exists: fc.boolean() }), { maxLength: 2 })
          : fc.constant([]);
      return fc.record({
        accesses: fc.constant(accesses),
        variables: fc.constant(variables),
        output: fc.shuffledSubarray(variables, { minLength: Math.max(0, variables.length - 2) }),
        carry: fc.boolean(),
        body: fc.constantFrom('product', 'max', 'tanh', ...(selects && accesses.length > 1 ? ['first'] : [])),
        asks,
        selection:
          selects && variables.length > 0 ? fc.option(selectionOver(variables), { freq: 2 }) : fc.constant(null),
        reduce: fc.constantFrom('sum', 'max'),
        filter:
          variables.length === 0
            ? fc.constant(undefined)
            : fc.option(filterOver(variables), { nil: undefined, freq: 2 }),
      });
    })
    .filter(({ variables }) => variables.length <= maxVariables)
    .map(({ accesses, variables, output: some, carry, body, reduce, filter, asks, selection }) => {
      // What selects keeps all of its variables.
      const output = selection === null ? some : variables;
      const carried =
        carry && selection === null && body !== 'first' ? output.find((v) => v === 'm1' || v === 'm') : undefined;
      const previous: AccessMeaning[] =
        carried === undefined ? [] : [{ tensor: name, at: output.map((v) => plain(v).at) }];
      const operands = [...accesses.map((a) => ({ tensor: a.tensor, at: a.indices.map((i) => i.at) })), ...previous];
      const reads = accesses.map((a) => `${a.tensor}[${a.indices.map((i) => i.text).join(', ')}]`);
      if (carried !== undefined) reads.push(`${name}[${output.join(', ')}]`);
      const lacking = variables.filter((v) => !output.includes(v));
      const word = lacking.length === 0 ? '' : `${reduce}(${lacking.join(', ')}) `;
      const fold = (join: string): string =>
        reads.reduce((a, b) => (join === 'product' ? `${a} * ${b}` : `${join}(${a}, ${b})`));
      const expression = body === 'tanh' ? `tanh(${fold('product')})` : fold(body);
      const index = output.map((v) => (v === carried ? `${v}+1` : v));
      const first =
        carried === undefined ? '' : `${name}[${output.map((v) => (v === carried ? '0' : v)).join(', ')}] = 0.5\n`;
      const questions = asks.map(
        ({ of, exists }) => `${exists ? '' : 'not '}${of.name}[${of.ranks.map((r) => r.toLowerCase()).join(', ')}]`,
      );
      const conditions = [...(filter === undefined ? [] : [filter.text]), ...questions];
      const where = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
      const product = (values: readonly number[]): number => values.reduce((a, b) => a * b);
      const combine = {
        product,
        max: (v: readonly number[]) => Math.max(...v),
        first: ([a]: readonly number[]) => a!,
        tanh: (v: readonly number[]) => Math.tanh(product(v)),
      };
      return {
        text: `${first}  ${name}[${index.join(', ')}] = ${selection?.text ?? word}${expression}${where}\n`,
        meaning: {
          name,
          ranks: output.map((v) => v.toUpperCase()),
          variables,
          output,
          carried,
          initial: 0.5,
          operands,
          combine: combine[body as keyof typeof combine],
          first: body === 'first',
          asks: asks.map(({ of, exists }) => ({
            of: { tensor: of.name, at: of.ranks.map((r) => plain(r.toLowerCase()).at) },
            exists,
          })),
          selection: selection ?? undefined,
          reduce: reduce as 'sum' | 'max',
          holds: filter?.holds ?? (() => true),
        },
      };
    });
}

const knownAs = ({ name, ranks, output, carried }: StepMeaning): Known => ({
  name,
  ranks,
  ...(carried === undefined ? {} : { carriedAt: output.indexOf(carried) }),
});

/** Up to `maxSteps` Einsums, each over inputs and earlier tensors; with selections, which need plain indices to be counted. */
export const computation = (maxSteps = 4, selects = false): fc.Arbitrary<Computation> =>
  fc.tuple(sizesArbitrary, fc.integer({ min: 1, max: maxSteps })).chain(([s, count]) => {
    type Built = { readonly known: readonly Known[]; readonly text: string; readonly steps: readonly StepMeaning[] };
    let built: fc.Arbitrary<Built> = fc.constant({ known: inputs, text: '', steps: [] });
    for (let i = 1; i <= count; i++)
      built = built.chain((b) =>
        stepOf(`T${i}`, b.known, s, selects).map(({ meaning, text }) => ({
          known: [...b.known, knownAs(meaning)],
          text: b.text + text,
          steps: [...b.steps, meaning],
        })),
      );
    return built.map(({ text, steps }) => ({
      text: `cascade random
  rank P, M, E
  rank M1 = ceil(M / M0) default M0 = ${s.M0}
  rank H = ceil(P / 2)
  input X[P, E], Y[M, E], W[H, M] : fp32
  output ${steps.at(-1)!.name}[${steps.at(-1)!.ranks.join(', ')}]
${text}`,
      sizes: { P: s.P, M: s.M, E: s.E, M0: s.M0 },
      inputs,
      steps,
    }));
  });

export const rankSize = (c: Computation, rank: string): number => sizeOf(rank, c.sizes as Sizes);
