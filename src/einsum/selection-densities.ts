import type { Name } from './ast.ts';
import { keptPositions } from './bind-selection.ts';
import { countPoints, wholeBox } from './domain.ts';
import { isRefusal } from './domain-algebra.ts';
import type { BoundEinsum, Density, Workload } from './workload.ts';

/** What a workload takes each of its selections to keep of what they are offered: as counted, or as given. */
export function selectionDensities(w: Workload): ReadonlyMap<Name, Density> {
  return new Map(
    w.einsums.flatMap((e) => {
      const density = densityOf(w, e);
      return density === undefined ? [] : [[e.name, density] as const];
    }),
  );
}

function densityOf(w: Workload, e: BoundEinsum): Density | undefined {
  if (e.selection === undefined) return undefined;
  if (e.selection.kind === 'threshold') {
    const { density, source } = w.gates.find((g) => g.tensor === e.output.tensor)!;
    return density === undefined ? undefined : { share: density, source: source ?? 'given' };
  }
  const box = wholeBox(w.variables.map((v) => v.size));
  const kept = keptPositions(e.selection, e.domain, { variables: e.variables, box });
  const offered = countPoints(e.domain, e.variables, box);
  if (isRefusal(kept) || offered === 0) return undefined;
  return { share: countPoints(kept, e.variables, box) / offered, source: 'counts of the cascade' };
}
