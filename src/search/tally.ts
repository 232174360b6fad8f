/** What became of the nests of a space: each is counted once. */
export type Tally = {
  /** All of them. */
  space: bigint;
  evaluated: bigint;
  /** Nothing that costs as little as they do at least could be better than what was found. */
  bounded: bigint;
  /** Their tiles do not fit. */
  overfull: bigint;
  /** Loop trees that are no legal mapping. */
  illegal: bigint;
  /** Not looked at: the effort was spent. */
  left: bigint;
};

export const createTally = (): Tally => ({
  space: 0n,
  evaluated: 0n,
  bounded: 0n,
  overfull: 0n,
  illegal: 0n,
  left: 0n,
});
