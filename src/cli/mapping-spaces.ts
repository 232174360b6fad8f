import type { Machine } from '../arch/machine.ts';
import { type Diagnostic, failure, type Result, success } from '../diagnostic.ts';
import type { Workload } from '../einsum/workload.ts';
import { resolveSource } from '../files.ts';
import type { Mapping } from '../mapper/mapping.ts';
import { parseMapping } from '../mapper/parse.ts';
import { placeMapping } from '../mapper/place.ts';
import type { Space } from '../search/best-mappings.ts';
import { bindConstraints } from '../search/constraints/bind.ts';
import type { Constraints } from '../search/constraints/constraints.ts';
import { type Choosable, openNumbers } from '../search/dataflow/dataflow.ts';
import { nestsOf } from '../search/nests-of.ts';
import type { Problem } from '../search/plan.ts';
import { fittingMappings, otherMachine } from './fitting-mappings.ts';

export type SpaceOptions = {
  /** Mappings whose loop trees are searched, and nothing else; none: those that ship and fit, and all nests. */
  readonly mappings: readonly string[];
  readonly choose: ReadonlySet<Choosable>;
  /** What nests must be, and loop trees to search; none: anything goes. */
  readonly constraints: Constraints;
};

/**
 * The spaces to search for some workloads, each of which does the same, on a machine; what is left out is warned of. Errors:
 * those of the mappings that are named, of constraints, and, where there is nothing to search, why.
 */
export async function spacesOf(
  workloads: readonly Workload[],
  machine: Machine,
  options: SpaceOptions,
): Promise<Result<readonly Space[]>> {
  const lines = options.constraints;
  const bound = bindConstraints(lines, workloads, machine);
  const trees = await namedTrees(workloads, machine, options);
  const wrong = [bound, trees].flatMap((r) => (r.ok ? [] : r.diagnostics));
  if (!bound.ok || !trees.ok) return failure(wrong);
  const isNested = bound.value.some((b) => b.length > 0) || (options.mappings.length === 0 && trees.value.length === 0);
  const spaces: Space[] = [];
  const why: Diagnostic[] = [];
  for (const [i, workload] of workloads.entries()) {
    const problem = { workload, machine };
    for (const { mapping, choose } of lines.length === 0 && isNested
      ? await shippedTrees(problem, options)
      : trees.value)
      if (isFor(mapping, workload))
        spaces.push({ kind: 'dataflow', problem, dataflow: openNumbers(mapping, workload, choose) });
    if (!isNested) continue;
    const nests = nestsOf(problem, bound.value[i]!);
    if (nests.ok) spaces.push(nests.value);
    else why.push(...nests.diagnostics);
  }
  if (spaces.length === 0) return failure(why);
  return success(
    spaces,
    why.map((d) => ({ ...d, severity: 'warning' })),
  );
}

/** A loop tree, and the kinds of its numbers that are to be chosen. */
type Tree = { readonly mapping: Mapping; readonly choose: ReadonlySet<Choosable> };

const isFor = ({ cascades }: Mapping, { cascade }: Workload): boolean =>
  cascades.length === 0 || cascades.some((c) => c.name === cascade.name);

/** Those of `--mapping` and of lines `dataflow`, each of which must fit one of the workloads. */
async function namedTrees(
  workloads: readonly Workload[],
  machine: Machine,
  { mappings, choose, constraints }: SpaceOptions,
): Promise<Result<readonly Tree[]>> {
  const lines = constraints.filter((c) => c.kind === 'dataflow');
  const wanted = [
    ...mappings.map((name) => ({ name, choose, span: undefined })),
    ...lines.map((l) => ({ ...l.mapping, choose: l.choose.length > 0 ? new Set(l.choose) : choose })),
  ];
  const wrong: Diagnostic[] = [];
  const trees: Tree[] = [];
  for (const w of wanted) {
    const shipped = await readMapping(w.name);
    // A line has names only: one that does not ship may be that of a file.
    const own = shipped.ok || w.span === undefined ? shipped : await readMapping(`${w.name}.map`);
    const read = own.ok ? own : shipped;
    if (!read.ok) {
      wrong.push(...read.diagnostics.map((d) => (d.span === undefined && w.span ? { ...d, span: w.span } : d)));
      continue;
    }
    const fitting = workloads.filter((workload) => isFor(read.value, workload));
    for (const workload of fitting.length > 0 ? fitting : workloads.slice(0, 1))
      wrong.push(...(await misfits(read.value, workload, machine)));
    trees.push({ mapping: read.value, choose: w.choose });
  }
  return wrong.length > 0 ? failure(wrong) : success(trees);
}

async function shippedTrees({ workload, machine }: Problem, { choose }: SpaceOptions): Promise<readonly Tree[]> {
  const read = await Promise.all((await fittingMappings(workload.cascade.name, machine)).map(readMapping));
  return read.flatMap((r) => (r.ok ? [{ mapping: r.value, choose }] : []));
}

async function readMapping(name: string): Promise<Result<Mapping>> {
  const source = await resolveSource('mapping', name);
  return source.ok ? parseMapping(source.value) : source;
}

/** What no choice of tiles can mend. */
async function misfits(mapping: Mapping, workload: Workload, machine: Machine): Promise<readonly Diagnostic[]> {
  const placed = placeMapping(mapping, workload, machine);
  if (placed.ok) return [];
  const other = await otherMachine(workload.cascade.name, machine, mapping);
  if (other !== undefined) return [other];
  return placed.diagnostics.filter((d) => d.code !== 'over-capacity');
}
