import { type BindingCounts, countBinding, leastTraffic } from './counts.ts';
import { type Frame, frameOf } from './frame.ts';
import {
  bookBinding,
  bookHome,
  bookLeastAccess,
  costOf,
  type Ledger,
  leastOf,
  openLedger,
  sum,
  type Tariff,
  writeLedger,
} from './ledger.ts';
import type { Cost } from './objective.ts';
import type { NestLoop, Problem, UnitChoice } from './plan.ts';

/**
 * What nests cost at least that have these loops outermost, whatever is inside them. Units do at least the array passes that
 * the tiles of these loops take; cutting tiles further makes no pass less. From home comes what the best place for a tile that fits a
 * buffer needs, and where no tile fits yet, what these loops alone make it need.
 */
export function leastCost(
  problem: Problem,
  tariff: Tariff,
  einsums: readonly number[],
  choices: readonly (readonly (readonly UnitChoice[])[])[],
  tensors: readonly number[],
  atHome: readonly boolean[],
  loops: readonly NestLoop[],
): Cost {
  const frame = frameOf(problem, einsums, loops);
  const home = new Map<number, Ledger>();
  tensors.forEach((t, i) => {
    if (!atHome[i]) return;
    const { read_bytes, write_bytes } = leastTraffic(frame, t);
    home.set(
      t,
      writeLedger(tariff, (to) => bookHome(tariff, to, read_bytes, write_bytes)),
    );
  });
  const atHome_pj = (tensor: number): number => home.get(tensor)?.energy_pj ?? 0;
  let total = openLedger(tariff);
  for (const ledger of home.values()) total = sum(tariff, total, ledger);
  for (const e of einsums)
    total = sum(
      tariff,
      total,
      leastOf(
        tariff,
        choices[e]!.map((c) => bindingLedger(tariff, frame, e, c, atHome_pj)),
      ),
    );
  return costOf(tariff, total);
}

function bindingLedger(
  tariff: Tariff,
  frame: Frame,
  e: number,
  choice: readonly UnitChoice[],
  atHome_pj: (tensor: number) => number,
): Ledger {
  const counts: BindingCounts = countBinding(frame, e, choice, tariff.accounting);
  return writeLedger(tariff, (to) => {
    bookBinding(tariff, to, counts);
    bookLeastAccess(tariff, to, counts, frame.problem.workload.einsums[e]!, atHome_pj);
  });
}
