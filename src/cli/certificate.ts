import { printCascade } from '../einsum/print.ts';
import { invariant } from '../invariant.ts';
import { printMapping } from '../mapper/print.ts';
import {
  type Certificate,
  type CertifiedDataflow,
  type CertifiedNests,
  type CertifiedRegion,
  certificateSchemaName,
} from '../report/certificate.ts';
import type { Searched } from '../search/best-mappings.ts';
import { printConstraint } from '../search/constraints/print.ts';
import { type Axis, createFront, offer } from '../search/front.ts';
import { type Cost, objectives } from '../search/objective.ts';
import { type SearchedPart, weighingOf } from '../search/search.ts';
import { gapOf, type MapOutcome } from './map-summary.ts';

type Certified = {
  readonly outcome: MapOutcome;
  /** Text of the machine, with all that it extends. */
  readonly text: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly accounting: string;
  /** Text of the mapping that was found. */
  readonly mapping: string;
};

/** What others need to check an outcome, whose spaces were searched with `record`. */
export function certificateOf({ outcome, text, parameters, accounting, mapping }: Certified): Certificate {
  const { objective, best, searched, value } = outcome;
  invariant(objective !== 'buffer', 'room does not add up, so nests are not certified to have the least');
  const axes = weighingOf(objective).axes as Certificate['axes'];
  const measure = objectives[objective];
  const workloads = [...new Set(searched.map((s) => s.space.problem.workload))];
  const remaining = searched.flatMap(({ record }) => record?.remaining ?? []);
  const bound = Math.min(value, ...remaining.map(measure));
  return {
    schema: certificateSchemaName,
    hardware: text,
    parameters: Object.fromEntries(parameters),
    energy_accounting: accounting,
    algorithms: workloads.map((w) => ({ cascade: printCascade(w.cascade), sizes: Object.fromEntries(w.sizes) })),
    objective,
    axes,
    algorithm: workloads.indexOf(best.space.problem.workload),
    mapping,
    value,
    bound,
    gap: gapOf({ value, bound }) ?? null,
    spaces: searched.map((s) => ({
      algorithm: workloads.indexOf(s.space.problem.workload),
      ...certifiedSpace(s, axes),
    })),
  };
}

/** What does not fit anywhere costs as much as a number in JSON can say. */
const costsOf = (axes: readonly Axis[], cost: Cost): readonly number[] =>
  axes.map((axis) => Math.min(cost[axis], Number.MAX_VALUE));

/** Those of which none has as little as another of everything. */
function leastOnly(axes: readonly Axis[], costs: readonly Cost[]): readonly (readonly number[])[] {
  const front = createFront<undefined>({ axes });
  for (const cost of costs) offer(front, cost, undefined);
  return front.found.map(({ cost }) => costsOf(axes, cost));
}

function certifiedSpace(
  { space, tally, record }: Searched,
  axes: readonly Axis[],
): Omit<CertifiedDataflow, 'algorithm'> | Omit<CertifiedNests, 'algorithm'> {
  const counts = Object.fromEntries(Object.entries(tally).map(([name, n]) => [name, String(n)]));
  const remaining = record?.remaining;
  const common = { mappings: counts, remaining: remaining === undefined ? null : costsOf(axes, remaining) };
  const { workload, machine } = space.problem;
  if (space.kind === 'dataflow' && record?.kind === 'dataflow') {
    const { mapping, knobs } = space.dataflow;
    return {
      kind: 'dataflow',
      ...common,
      mapping: printMapping(mapping),
      knobs: knobs.map(({ name, values }) => ({ name, values: values.map((v) => v ?? null) })),
      verdicts: record.verdicts,
    };
  }
  invariant(space.kind === 'nests' && record?.kind === 'nests', 'a space was searched without a record');
  const { loopsEach, tiles, inFlight, stages, constraints } = space.limits;
  const { variables, einsums } = workload;
  const regionsOf = ({ regions }: SearchedPart): readonly CertifiedRegion[] | null =>
    regions === undefined
      ? null
      : regions.map(({ loops, inside, became, least }) => ({
          loops: loops.map(({ variable, tile, across }) => {
            const { name } = variables[variable]!;
            return across === undefined ? [name, tile] : [name, tile, machine.levels[across]!.name];
          }),
          inside,
          became,
          least: leastOnly(axes, least),
        }));
  return {
    kind: 'nests',
    ...common,
    limits: {
      loops_each: loopsEach,
      tiles: Object.fromEntries(variables.map((v, position) => [v.name, tiles(v.size, position)])),
      in_flight: inFlight,
      stages,
      constraints: constraints.map(({ line }) => printConstraint(line)),
    },
    parts: record.parts.map((part) => ({
      einsums: part.einsums.map((e) => einsums[e]!.name),
      floor: costsOf(axes, part.floor),
      least: leastOnly(axes, part.least),
      regions: regionsOf(part),
    })),
  };
}
