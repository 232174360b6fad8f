import type { PlacedMapping } from '../../mapper/placed.ts';
import type { PathShare, RunDetail } from '../metrics.ts';
import { machineResources } from '../resources.ts';
import { observe } from './chronicle.ts';
import type { PathPart } from './critical-path.ts';
import { sampleProfile } from './occupancy.ts';
import type { Simulation } from './simulate.ts';

/** Equal parts of the run in which the bytes in use are given. */
const timeParts = 64;

/** Looks at a simulation operation by operation; undefined if these are too many. */
export function detailOf(p: PlacedMapping, { chronicle, ticksPerCycle }: Simulation): RunDetail | undefined {
  const seen = observe(chronicle);
  if (seen === undefined) return undefined;
  const { names } = machineResources(p.machine);
  const shares = new Map<string, PathShare>();
  for (const part of seen.path) {
    const subject = subjectOf(p, part);
    const resource = part.resource < 0 ? undefined : names[part.resource];
    const key = JSON.stringify([part.kind, resource, subject]);
    const cycles = (shares.get(key)?.cycles ?? 0) + part.ticks / ticksPerCycle;
    shares.set(key, { kind: part.kind, resource, subject, cycles });
  }
  return {
    critical_path: settled(
      [...shares].sort(([a, x], [b, y]) => y.cycles - x.cycles || (a < b ? -1 : 1)).map(([, s]) => s),
    ),
    occupancy: new Map(
      p.machine.levels.flatMap(({ name, memory }, l) => {
        const profile = seen.occupancy[l];
        if (memory === undefined || profile === undefined) return [];
        return [[name, { peak_bytes: profile.peak, over_time_bytes: sampleProfile(profile, timeParts) }] as const];
      }),
    ),
  };
}

/**
 * What the steps of a persistent instance overlap by is taken off part by part. Where more is taken off than is there,
 * the rest goes off the largest.
 */
function settled(path: readonly PathShare[]): readonly PathShare[] {
  const rest = path.reduce((sum, { cycles }) => sum + Math.min(0, cycles), 0);
  const [largest, ...others] = path.filter(({ cycles }) => cycles > 0);
  return largest === undefined ? [] : [{ ...largest, cycles: largest.cycles + rest }, ...others];
}

function subjectOf(p: PlacedMapping, { subject, id }: PathPart): string | undefined {
  if (subject === 'none') return undefined;
  return subject === 'compute' ? p.computes[id]!.einsum.name : p.workload.tensors[p.keeps[id]!.tensor]!.name;
}
