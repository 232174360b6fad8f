import { invariant } from '../invariant.ts';
import { placeMapping } from '../mapper/place.ts';
import { evaluateMapping } from '../models/evaluate.ts';
import type { Metrics } from '../models/metrics.ts';
import type { BestMappings, FoundMapping } from './best-mappings.ts';
import { type Asked, costOfPlaced } from './cost-of.ts';
import { choosable, chosenMapping, type Dataflow, openNumbers } from './dataflow/dataflow.ts';
import { pointOf } from './dataflow/point.ts';
import type { Cost } from './objective.ts';
import type { Problem } from './plan.ts';

/** What speaks for a mapping that was found. */
export type Explanation = {
  readonly metrics: Metrics;
  /** The best of what was tried elsewhere: another algorithm, loop tree or space. */
  readonly runnerUp: { readonly found: FoundMapping; readonly metrics: Metrics } | undefined;
  /** The same mapping with the next smaller and the next larger value of one number. */
  readonly alternatives: readonly Alternative[];
};

export type Alternative = {
  /** A parameter, or the line that has the number, up to it: "for p by". */
  readonly number: string;
  readonly chosen: number;
  readonly instead: number;
  /** What it costs then, or why it is no mapping. */
  readonly outcome: { readonly cost: Cost } | { readonly refused: string };
};

/** Why the best mapping by a value is that, in closed form. */
export function explainBest(
  { searched }: BestMappings,
  best: FoundMapping,
  value: (cost: Cost) => number,
  asked: Asked,
): Explanation {
  const written = searched.flatMap(({ space }): FoundMapping[] => {
    if (space.kind === 'nests' || space === best.space) return [];
    const { mapping } = chosen(space.dataflow);
    const cost = costIn(space.problem, mapping, asked);
    return typeof cost === 'string' ? [] : [{ cost, mapping, space }];
  });
  const others = [...searched.flatMap((s) => s.found), ...written].filter((f) => f.space !== best.space);
  const [runnerUp] = others.toSorted((a, b) => value(a.cost) - value(b.cost));
  return {
    metrics: metricsOf(best, asked),
    runnerUp: runnerUp && { found: runnerUp, metrics: metricsOf(runnerUp, asked) },
    alternatives: alternativesOf(best, asked),
  };
}

/** A dataflow as it is written. */
const chosen = (d: Dataflow): Pick<FoundMapping, 'mapping'> => ({
  mapping: chosenMapping(d, new Map(), d.mapping.name),
});

function costIn({ workload, machine }: Problem, mapping: FoundMapping['mapping'], asked: Asked): Cost | string {
  const placed = placeMapping(mapping, workload, machine);
  if (!placed.ok) return placed.diagnostics[0]!.message;
  const cost = costOfPlaced(placed.value, asked, () => false);
  invariant(cost !== undefined, 'a cost that nothing was held against is no use');
  return cost;
}

function metricsOf({ mapping, space }: FoundMapping, asked: Asked): Metrics {
  const placed = placeMapping(mapping, space.problem.workload, space.problem.machine);
  invariant(placed.ok, 'a mapping that was found is not legal');
  return evaluateMapping(placed.value, 'analytic', { accounting: asked.accounting });
}

function alternativesOf({ mapping, space }: FoundMapping, asked: Asked): readonly Alternative[] {
  const { problem } = space;
  const dataflow = openNumbers(mapping, problem.workload, new Set(choosable));
  const point = pointOf(dataflow, problem);
  invariant(point.update(), 'a mapping that was found has numbers that are none');
  return dataflow.knobs.flatMap(({ name, values }) => {
    const now = point.valueOf(name);
    const numbers = values.flatMap((v) => v ?? []);
    const around = [numbers.findLast((n) => n < now), numbers.find((n) => n > now)].flatMap((n) => n ?? []);
    return around.map((instead): Alternative => {
      const other = chosenMapping(dataflow, new Map([[name, instead]]), mapping.name);
      const cost = costIn(problem, other, asked);
      const outcome = typeof cost === 'string' ? { refused: cost } : { cost };
      return { number: dataflow.inline.get(name) ?? name, chosen: now, instead, outcome };
    });
  });
}
