import { withoutCapacities } from '../../arch/machine.ts';
import type { Mapping } from '../../mapper/mapping.ts';
import { placeMapping } from '../../mapper/place.ts';
import { type CompiledMapping, compileMapping } from '../../models/compiled/compile.ts';
import { WorkLimit } from '../../models/work-limit.ts';
import { type Asked, costOfPlaced } from '../cost-of.ts';
import type { Cost } from '../objective.ts';
import { homeOf, type Problem } from '../plan.ts';
import type { Point } from './point.ts';

/** What is known of a point: what it costs, that what it costs at least is no use, or why it is no mapping. */
type Verdict = Cost | 'bounded' | 'overfull' | 'illegal' | 'endless';

/** What points of one structure have in common; undefined: not compiled, each is placed. */
type Template = { readonly compiled: CompiledMapping } | 'illegal' | undefined;

export type Evaluator = {
  /** `isUseless` says whether nothing is gained by a point that costs at least so much. */
  readonly evaluate: (point: Point, isUseless: (least: Cost) => boolean) => Verdict;
  /** What the general closed form says. */
  readonly place: (mapping: Mapping, isUseless: (least: Cost) => boolean) => Verdict;
  /** Points that were placed so far, or templates: each takes about a thousand times as long as a compiled one. */
  readonly placed: () => number;
};

/** Evaluates points of a dataflow: one template is compiled for all that are alike but for tiles, stages and iterations in flight. */
export function createEvaluator(problem: Problem, asked: Asked): Evaluator {
  const { room } = asked;
  const { workload, machine } = problem;
  // What fits is for the compiled form to say.
  const roomy = withoutCapacities(machine);
  const capacities = machine.levels.map((l) => l.memory?.capacity_bytes ?? Number.POSITIVE_INFINITY);
  const isMore = (bytes: Float64Array): boolean => capacities.some((capacity, l) => bytes[l]! > capacity);
  const home = homeOf(machine);
  const templates = new Map<string, Template>();
  const known = new Map<string, Verdict>();
  let placed = 0;

  const place: Evaluator['place'] = (mapping, isUseless) => {
    placed++;
    const result = placeMapping(mapping, workload, machine);
    if (!result.ok) return result.diagnostics.every((d) => d.code === 'over-capacity') ? 'overfull' : 'illegal';
    try {
      return costOfPlaced(result.value, asked, isUseless) ?? 'bounded';
    } catch (error) {
      if (error instanceof WorkLimit) return 'endless';
      throw error;
    }
  };

  const templateOf = (mapping: Mapping): Template => {
    placed++;
    const result = placeMapping(mapping, workload, roomy);
    // Lanes may hold what other tiles need: each point is placed.
    if (!result.ok) return result.diagnostics.every((d) => d.code === 'not-held') ? undefined : 'illegal';
    const compiled = compileMapping(result.value, asked.accounting);
    return compiled && { compiled };
  };

  let last: { readonly structure: Float64Array; readonly template: Template } | undefined;
  const findTemplate = (point: Point): Template => {
    if (last !== undefined && isSame(last.structure, point.structure)) return last.template;
    const key = point.structure.join();
    const template = templates.has(key) ? templates.get(key) : templateOf(point.closed());
    templates.set(key, template);
    last = { structure: point.structure.slice(), template };
    return template;
  };

  const evaluatePlaced: Evaluator['evaluate'] = (point, isUseless) => {
    const key = [point.structure, point.tiles, point.inFlight, point.stages].map((a) => a.join()).join(';');
    const verdict = known.get(key) ?? place(point.closed(), isUseless);
    known.set(key, verdict);
    return verdict;
  };

  const evaluate: Evaluator['evaluate'] = (point, isUseless) => {
    const template = findTemplate(point);
    if (template === 'illegal') return 'illegal';
    if (template === undefined) return evaluatePlaced(point, isUseless);
    const { compiled } = template;
    compiled.tiles.set(point.tiles);
    compiled.inFlight.set(point.inFlight);
    compiled.stages.set(point.stages.subarray(0, compiled.stages.length));
    const { results } = compiled;
    compiled.count();
    if (isMore(results.certainBytes)) return 'overfull';
    const costs = (latency_cycles: number): Cost => ({
      latency_cycles,
      energy_pj: results.energy_pj,
      home_bytes: results.readBytes[home]! + results.writeBytes[home]!,
      room_bytes: room === undefined ? 0 : Math.min(results.holdingBytes[room]!, capacities[room]!),
    });
    if (isUseless(costs(results.lower_bound_cycles))) return 'bounded';
    // Caches that do not hold their tiles are not compiled: no less passes through them than if they did.
    if (isMore(results.holdingBytes)) return evaluatePlaced(point, isUseless);
    compiled.evaluate();
    return costs(results.latency_cycles);
  };
  return { evaluate, place, placed: () => placed };
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
