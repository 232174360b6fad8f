/** How often a law is tried; FC_RUNS=10 tries all of them ten times as often. */
export const runs = (usual: number): number => Math.ceil(usual * Number(process.env['FC_RUNS'] ?? 1));
