import type { BoundAccess, Workload } from './workload.ts';

/**
 * The workload with everything that a selection could keep: what a mapping must be able to move if it is to be executed on
 * values, which then decide what of it is computed. What it costs is that of the dense cascade.
 */
export const withCandidates = (w: Workload): Workload => ({
  ...w,
  einsums: w.einsums.map((e) => ({
    ...e,
    domain: e.candidates,
    output: withoutLimits(e.output),
    operands: e.operands.map(withoutLimits),
    density: 1,
    writeShare: 1,
    readShares: e.readShares.map(() => 1),
    packing: new Map(),
    conditions: [],
  })),
  // All of them are open: the densities of an execution are measured.
  gates: w.gates.map((gate) => ({ ...gate, density: 1 })),
});

const withoutLimits = ({ tensor, indices }: BoundAccess): BoundAccess => ({ tensor, indices });
