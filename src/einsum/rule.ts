import type { Diagnostic } from '../diagnostic.ts';
import type { Facts } from './facts.ts';

/** Looks for one kind of mistake, lazily: the checker stops to ask when it has enough. */
export type Rule = (facts: Facts) => Iterable<Diagnostic>;
