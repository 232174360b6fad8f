import type { Mapping } from '../../mapper/mapping.ts';
import type { FoundMapping } from '../best-mappings.ts';
import type { Asked } from '../cost-of.ts';
import type { Cost } from '../objective.ts';
import { choosable, chosenMapping, openNumbers } from './dataflow.ts';
import { createEvaluator } from './evaluator.ts';
import { pointOf } from './point.ts';

/** A number that differs: a parameter, or the line that has it, up to it: "for p by". */
export type Change = { readonly number: string; readonly from: number; readonly to: number };

/** A mapping some numbers of which can be others. */
export type Variants = {
  /** How many numbers there are. */
  readonly numbers: number;
  readonly now: (number: number) => number;
  /** What a number can be instead, the largest first, of those that mean the same the least: no fewer iterations in flight, which make nothing quicker. */
  readonly others: (number: number) => readonly number[];
  /** Gives a number another value. What comes back takes that back; undefined, and nothing has changed: it is no mapping, or too costly. */
  readonly set: (number: number, value: number) => (() => void) | undefined;
  /** What is placed: alike where the numbers mean the same. */
  readonly key: () => string;
  /** The mapping with its present numbers. */
  readonly variant: () => { readonly mapping: Mapping; readonly cost: Cost; readonly changes: readonly Change[] };
};

/** A mapping that was found or written, with numbers that can be others of the same kinds as in a search. */
export function variantsOf(
  { mapping, space, cost: first }: FoundMapping,
  asked: Asked,
  isTooCostly: (least: Cost) => boolean,
): Variants {
  const { problem } = space;
  const dataflow = openNumbers(mapping, problem.workload, new Set(choosable));
  const { knobs, inline } = dataflow;
  const point = pointOf(dataflow, problem);
  const evaluator = createEvaluator(problem, asked);
  point.update();
  const before = knobs.map(({ name }) => point.valueOf(name));
  const key = (): string => [point.structure, point.tiles, point.inFlight, point.stages].map((a) => a.join()).join(';');
  let cost = first;
  return {
    numbers: knobs.length,
    now: (number) => point.valueOf(knobs[number]!.name),
    others: (number) => {
      const { name, kind, values } = knobs[number]!;
      const [now, choice] = [point.valueOf(name), point.choice[number]!];
      const seen = new Set([key()]);
      const others: number[] = [];
      for (const value of values.flatMap((v) => v ?? []).toSorted((a, b) => a - b)) {
        if (value < now && kind === 'in-flight') continue;
        point.choice[number] = values.indexOf(value);
        if (!point.update() || seen.has(key())) continue;
        seen.add(key());
        others.unshift(value);
      }
      point.choice[number] = choice;
      point.update();
      return others;
    },
    set: (number, value) => {
      const [choice, paid] = [point.choice[number]!, cost];
      const back = (): void => {
        point.choice[number] = choice;
        point.update();
        cost = paid;
      };
      point.choice[number] = knobs[number]!.values.indexOf(value);
      const verdict = point.update() ? evaluator.evaluate(point, isTooCostly) : 'illegal';
      if (typeof verdict !== 'string' && !isTooCostly(verdict)) {
        cost = verdict;
        return back;
      }
      back();
      return undefined;
    },
    key,
    variant: () => {
      const chosen = new Map<string, number>();
      const changes: Change[] = [];
      knobs.forEach(({ name }, k) => {
        const to = point.valueOf(name);
        if (point.choice[k] !== 0) chosen.set(name, to);
        if (to !== before[k]) changes.push({ number: inline.get(name) ?? name, from: before[k]!, to });
      });
      return { mapping: chosenMapping(dataflow, chosen, mapping.name), cost, changes };
    },
  };
}
