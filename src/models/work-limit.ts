/**
 * Thrown by the models when a mapping would keep them at work for longer than anybody waits: very many distinct tiles.
 * Not a bug and not a property of the machine; `simulate` turns it into a diagnostic.
 */
export class WorkLimit extends Error {
  override readonly name = 'WorkLimit';
}

/** Operations that a simulation records at most, repeated iterations not counted, and walks at most, folded ones not counted. */
export type MostWork = { readonly recorded: number; readonly walked: number };

/** A minute or two, and a few hundred megabytes. */
export const usualWork: MostWork = { recorded: 2_000_000, walked: 250_000_000 };

/** Some seconds. */
export const littleWork: MostWork = { recorded: 100_000, walked: 5_000_000 };

/** Runs of iterations that one sum in closed form visits at most: some seconds. */
export const mostRuns = 2_000_000;

/** Operations that may be in flight at once while they are recorded: each is compared with all others. */
export const mostRecordedInFlight = 8_000;
