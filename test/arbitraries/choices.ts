import fc from 'fast-check';

/**
 * A source of decisions for generators that are easier to write as a program than as a tree of arbitraries. It reads
 * a list of random numbers; when the list is used up, every decision is the first one. So fewer and smaller numbers
 * make simpler things, and a failing case shrinks by shrinking the list.
 */
export type Choices = {
  /** A whole number in [low, high]; `low` is the simplest. */
  readonly integer: (low: number, high: number) => number;
  /** One of the list; the first is the simplest. */
  readonly pick: <T>(from: readonly T[]) => T;
  /** True in about `percent` of the cases; false is the simplest. */
  readonly chance: (percent: number) => boolean;
  /** Each element with the given chance, in order. */
  readonly some: <T>(from: readonly T[], percent: number) => readonly T[];
};

function readChoices(numbers: readonly number[]): Choices {
  let at = 0;
  const next = (): number => numbers[at++] ?? 0;
  const integer = (low: number, high: number): number => low + (next() % (high - low + 1));
  const chance = (percent: number): boolean => integer(0, 99) >= 100 - percent;
  return {
    integer,
    chance,
    pick: (from) => from[integer(0, from.length - 1)]!,
    some: (from, percent) => from.filter(() => chance(percent)),
  };
}

/** What `generate` makes of a random list of decisions. */
export const decided = <T>(generate: (choices: Choices) => T, most = 400): fc.Arbitrary<T> =>
  fc
    .noBias(fc.array(fc.nat(0x7fffffff), { maxLength: most, size: 'max' }))
    .map((numbers) => generate(readChoices(numbers)));
