/** A variable in an index of another tool, times a whole number. */
export type RawTerm = { readonly variable: string; readonly factor: number };

/** An index: of the rank that it names, or of the one that the tensor has there. */
export type RawIndex = { readonly rank?: string; readonly terms: readonly RawTerm[] };

export type RawAccess = { readonly tensor: string; readonly indices: readonly RawIndex[] };

/** A product of tensors, or a function of them ("copy", "take") with the number that it may end with. */
export type RawProduct = {
  readonly factors: readonly RawAccess[];
  readonly call?: string;
  readonly argument?: number;
};

/** One Einsum: a tensor is a sum of products, summed over what it lacks. */
export type RawEinsum = { readonly output: RawAccess; readonly sum: readonly RawProduct[] };

/** Why a text is no Einsum, at an offset. */
export type EinsumMistake = { readonly message: string; readonly offset: number };

const longest = 2000;
const token = /\s*([A-Za-z_]\w*|\d+|[[\]():=,+*])/y;

type Token = { readonly text: string; readonly offset: number };

function tokensOf(text: string): readonly Token[] | EinsumMistake {
  const tokens: Token[] = [];
  token.lastIndex = 0;
  while (text.slice(token.lastIndex).trim() !== '') {
    const offset = token.lastIndex;
    const found = token.exec(text);
    if (found === null) return { message: `"${text.slice(offset).trim()[0]}" is not understood here`, offset };
    tokens.push({ text: found[1]!, offset: token.lastIndex - found[1]!.length });
  }
  return tokens;
}

/** Thrown inside of this file only, to end a reading that has found a mistake. */
class Mistaken extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Reads "Z[m, n] = A[m, k] * B[k, n]", as AccelForge and TeAAL write Einsums. */
export function parseEinsum(text: string): RawEinsum | EinsumMistake {
  if (text.length > longest) return { message: `the Einsum has more than ${longest} characters`, offset: 0 };
  const tokens = tokensOf(text);
  if ('message' in tokens) return tokens;
  try {
    return new Reader(tokens, text.length).einsum();
  } catch (error) {
    if (error instanceof Mistaken) return { message: error.message, offset: error.offset };
    throw error;
  }
}

const isName = (text: string): boolean => /^[A-Za-z_]/.test(text);

class Reader {
  private next = 0;
  private readonly tokens: readonly Token[];
  private readonly end: number;

  constructor(tokens: readonly Token[], end: number) {
    this.tokens = tokens;
    this.end = end;
  }

  einsum(): RawEinsum {
    const output = this.access();
    this.expect('=');
    const sum = [this.product()];
    while (this.skip('+')) sum.push(this.product());
    if (this.next < this.tokens.length) this.fail('the Einsum should end');
    return { output, sum };
  }

  private product(): RawProduct {
    const call = this.peek();
    if (isName(call) && this.tokens[this.next + 1]?.text === '(' && this.isCall()) {
      this.next += 2;
      const factors = [this.access()];
      let argument: number | undefined;
      while (this.skip(',')) {
        if (/^\d/.test(this.peek())) argument = this.number();
        else factors.push(this.access());
      }
      this.expect(')');
      return argument === undefined ? { call, factors } : { call, factors, argument };
    }
    const factors = [this.access()];
    while (this.skip('*')) factors.push(this.access());
    return { factors };
  }

  /** "copy(A[m])" is a call; "A(input)[m]" is a tensor with another name, as AccelForge has had it. */
  private isCall(): boolean {
    return !(this.tokens[this.next + 3]?.text === ')' && this.tokens[this.next + 4]?.text === '[');
  }

  /** A tensor with its indices; without brackets it is a scalar. */
  private access(): RawAccess {
    const tensor = this.name();
    if (this.skip('(')) {
      this.name();
      this.expect(')');
    }
    if (!this.skip('[')) return { tensor, indices: [] };
    const indices: RawIndex[] = [];
    if (this.peek() !== ']')
      do indices.push(this.index());
      while (this.skip(','));
    this.expect(']');
    return { tensor, indices };
  }

  private index(): RawIndex {
    const following = this.tokens[this.next + 1]?.text;
    if (following !== ':' && following !== '=') return { terms: this.terms() };
    const rank = this.name();
    this.next++;
    return { rank, terms: this.terms() };
  }

  terms(): readonly RawTerm[] {
    const terms = [this.term()];
    while (this.skip('+')) terms.push(this.term());
    return terms;
  }

  private term(): RawTerm {
    if (isName(this.peek())) return { variable: this.name(), factor: 1 };
    const factor = this.number();
    this.expect('*');
    return { variable: this.name(), factor };
  }

  private number(): number {
    const text = this.peek();
    if (!/^\d{1,9}$/.test(text)) this.fail('a number should be here');
    this.next++;
    return Number(text);
  }

  private name(): string {
    const text = this.peek();
    if (!isName(text)) this.fail('a name should be here');
    this.next++;
    return text;
  }

  private peek(): string {
    return this.tokens[this.next]?.text ?? '';
  }

  private skip(text: string): boolean {
    if (this.peek() !== text) return false;
    this.next++;
    return true;
  }

  private expect(text: string): void {
    if (!this.skip(text)) this.fail(`"${text}" should be here`);
  }

  private fail(message: string): never {
    throw new Mistaken(message, this.tokens[this.next]?.offset ?? this.end);
  }
}

/** The terms of an index by itself, such as "p + r"; undefined if it is none. */
export function parseIndex(text: string): readonly RawTerm[] | undefined {
  const read = parseEinsum(`A[${text}] = B`);
  return 'message' in read || read.output.indices.length !== 1 ? undefined : read.output.indices[0]!.terms;
}
