import type { Cost } from './objective.ts';
import type { NestLoop } from './plan.ts';

/** Nests that have some loops, and what became of them. */
export type Region = {
  /** Outermost first. */
  readonly loops: readonly NestLoop[];
  /** Those that have more loops inside these, too. */
  readonly inside: boolean;
  /** They cost too much, or all were gone through, or the effort was spent. */
  readonly became: 'bounded' | 'searched' | 'left';
  /** Each of them costs no less than one of these. */
  readonly least: readonly Cost[];
};
