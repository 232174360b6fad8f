/** Jobs of one kind, and what comes out of them: both plain data, since other threads do them. */
export type Kind<J, O> = {
  readonly name: string;
  readonly execute: (job: J) => Promise<O>;
  /** Equal jobs have equal keys. */
  readonly keyOf: (job: J) => string;
  /** These begin first: the longest should not be the last to begin. */
  readonly isLong: (job: J) => boolean;
  /** What `results.json` says of a job. */
  readonly record: (job: J, outcome: O) => object;
};
