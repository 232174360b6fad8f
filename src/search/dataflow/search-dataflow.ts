import type { Name } from '../../einsum/ast.ts';
import type { Mapping } from '../../mapper/mapping.ts';
import type { Asked } from '../cost-of.ts';
import { covers, type Front, leastCosts, offer, timesCost } from '../front.ts';
import type { Cost } from '../objective.ts';
import type { Problem } from '../plan.ts';
import type { Tally } from '../tally.ts';
import type { Fate, Verdicts } from '../verdicts.ts';
import { chosenMapping, type Dataflow } from './dataflow.ts';
import { createEvaluator, type Evaluator } from './evaluator.ts';
import { type Point, pointOf } from './point.ts';

export type DataflowSearch = Asked & {
  readonly problem: Problem;
  readonly dataflow: Dataflow;
  /** Gets the best; what is in it already is known from elsewhere. */
  readonly front: Front<Mapping | undefined>;
  readonly tally: Tally;
  /** In lists of loops of nests: a mapping that is placed is as much as three, a thousand that are counted are as much as one. */
  readonly effort: number;
  /** How much more than the least a choice may have, as a share: those that could be better by no more are passed over. */
  readonly gap?: number | undefined;
  /** Gets what became of each choice, the last number going first from one to the next. */
  readonly verdicts?: Verdicts | undefined;
};

/** Choices that were not looked at, and what those that were passed over for the gap cost at least. */
export type NotTried = { readonly left: bigint; readonly spared: Cost | undefined };

/** About what they take beside a list of loops. */
const effortPerPlaced = 3;
const compiledPerEffort = 1000;

/**
 * Finds the best choices of a dataflow's numbers: all of them are evaluated, or shown to be no better than one that was, unless the
 * effort ends first. The choices that the mapping itself makes are the first; if there are too many to try all, its numbers are then
 * chosen one after the other as long as that helps, before the others follow in their order.
 */
export function searchDataflow(search: DataflowSearch): NotTried {
  const { problem, dataflow, tally, effort, verdicts } = search;
  const { knobs } = dataflow;
  const point = pointOf(dataflow, problem);
  const evaluator = createEvaluator(problem, search);
  const space = knobs.reduce((n, k) => n * BigInt(k.values.length), 1n);
  tally.space += space;
  const factor = (1 + (search.gap ?? 0)) ** (1 / search.front.axes.length);
  const trial: Trial = { ...search, point, evaluator, factor, evaluated: 0, spared: undefined };
  const isSpent = (): boolean => evaluator.placed() * effortPerPlaced + trial.evaluated / compiledPerEffort >= effort;
  if (space > BigInt(effort) * BigInt(compiledPerEffort)) descend(trial, isSpent);
  point.choice.fill(0);
  let open = space;
  let left = 0n;
  do {
    // What the mapping itself says is always looked at.
    if (open < space && isSpent()) break;
    const became = fateOf(tryPoint(trial));
    tally[became]++;
    verdicts?.add(became, 1n);
    if (became === 'left') left++;
    open--;
  } while (next(point.choice, knobs));
  tally.left += open;
  verdicts?.add('left', open);
  return { left: left + open, spared: trial.spared };
}

type Trial = DataflowSearch & {
  readonly point: Point;
  readonly evaluator: Evaluator;
  /** How many times each part of a cost may be what it is at least. */
  readonly factor: number;
  evaluated: number;
  spared: Cost | undefined;
};

/** Evaluates a point, and offers it to the front. */
function tryPoint(t: Trial): ReturnType<Evaluator['evaluate']> {
  const { point, evaluator, front, dataflow } = t;
  t.evaluated++;
  if (!point.update()) return 'illegal';
  // What the mapping itself says is passed over for nothing that is worse.
  const factor = point.choice.every((c) => c === 0) ? 1 : t.factor;
  const isNoUse = (least: Cost): boolean => {
    if (covers(front, least)) return true;
    if (factor === 1 || !covers(front, timesCost(least, factor))) return false;
    t.spared = t.spared === undefined ? least : leastCosts(t.spared, least);
    return true;
  };
  const verdict = evaluator.evaluate(point, isNoUse);
  if (typeof verdict !== 'string' && !isNoUse(verdict)) {
    const mapping = chosenMapping(dataflow, choiceOf(point, dataflow), dataflow.mapping.name);
    const placed = evaluator.place(mapping, () => false);
    if (typeof placed === 'string') return placed;
    offer(front, placed, mapping);
  }
  return verdict;
}

function choiceOf({ choice }: Point, { knobs }: Dataflow): ReadonlyMap<Name, number> {
  const chosen = new Map<Name, number>();
  knobs.forEach(({ name, values }, k) => {
    const value = values[choice[k]!];
    if (value !== undefined) chosen.set(name, value);
  });
  return chosen;
}

/** The next choice, the last number first; false after the last. */
function next(choice: Int32Array, knobs: Dataflow['knobs']): boolean {
  for (let k = knobs.length - 1; k >= 0; k--) {
    choice[k]!++;
    if (choice[k]! < knobs[k]!.values.length) return true;
    choice[k] = 0;
  }
  return false;
}

/** Chooses one number after the other, the others as they are, until none makes it better. */
function descend(t: Trial, isSpent: () => boolean): void {
  const { choice } = t.point;
  const { knobs } = t.dataflow;
  const { axes } = t.front;
  const worth = (verdict: ReturnType<typeof tryPoint>): number =>
    typeof verdict === 'string' ? Number.POSITIVE_INFINITY : axes.reduce((n, axis) => n * verdict[axis], 1);
  choice.fill(0);
  let best = worth(tryPoint(t));
  for (let improved = true; improved; ) {
    improved = false;
    for (let k = 0; k < knobs.length; k++) {
      let kept = choice[k]!;
      for (let v = 0; v < knobs[k]!.values.length && !isSpent(); v++) {
        choice[k] = v;
        const now = worth(tryPoint(t));
        if (!(now < best)) continue;
        best = now;
        kept = v;
        improved = true;
      }
      choice[k] = kept;
    }
  }
}

function fateOf(verdict: ReturnType<typeof tryPoint>): Fate {
  if (typeof verdict !== 'string') return 'evaluated';
  return verdict === 'endless' ? 'left' : verdict;
}
