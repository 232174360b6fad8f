import type { Result } from '../diagnostic.ts';
import type { Source } from '../source.ts';
import type { Column, Range, Rows } from './table.ts';

/**
 * All that a sweep depends on, as texts: what a worker on another host needs, and what is hashed. Plain data, the
 * same whatever the order in which it was read.
 */
export type SweepTexts = {
  readonly experiment: Source;
  /** Cascades, hardware specs (with those that they extend), mappings and workloads by `kind:name`. */
  readonly files: Readonly<Record<string, Source>>;
};

/** A sweep that is ready to be evaluated. Its rows depend on the texts and the point alone. */
export type OpenSweep = {
  readonly columns: readonly Column[];
  /** Points are numbered from 0; some of them may not be in the space. */
  readonly points: number;
  readonly evaluate: (range: Range) => Promise<Rows>;
};

export type OpenSweepFrom = (texts: SweepTexts) => Promise<Result<OpenSweep>>;
