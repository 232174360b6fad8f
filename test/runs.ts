/** How often a law is tried; FC_RUNS=10 tries all of them ten times as often. */
export const runs = (usual: number): number => Math.ceil(usual * Number(process.env['FC_RUNS'] ?? 1));

/** Shrinking what is large takes minutes: it is done when a person repeats a run with its seed. */
export const endOnFailure = process.env['FC_SEED'] === undefined || process.env['CI'] !== undefined;
