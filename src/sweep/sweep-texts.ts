import type { Source } from '../source.ts';

/**
 * All that a sweep depends on, as texts: what a worker on another host needs, and what is hashed. Plain data, the
 * same whatever the order in which it was read.
 */
export type SweepTexts = {
  readonly experiment: Source;
  /**
   * Cascades, hardware specs (with those that they extend), mappings and workloads by `kind:name`, and, where a point
   * searches its mapping, those to begin with.
   */
  readonly files: Readonly<Record<string, Source>>;
};

/** Of a mapping whose loop tree a search tries. */
export const candidateKind = 'candidate:';
