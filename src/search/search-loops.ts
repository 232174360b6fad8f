import { offer } from './front.ts';
import {
  bookKeeps,
  costOf,
  joined,
  type Ledger,
  leastLedgers,
  openLedger,
  sum,
  type Tariff,
  writeLedger,
} from './ledger.ts';
import {
  type BoundLedger,
  boundLedgers,
  byCost,
  isOverfull,
  type Keeping,
  type LoopsSearch,
  neededBytes,
  nestOf,
  productOf,
} from './loops-search.ts';
import type { Binding } from './workers.ts';

/** Choices that take about as long as a list of loops. */
const choicesEach = 1000;

/**
 * All nests of some loops: first where tensors are kept, which decides whether tiles fit, then who computes. False if the effort was
 * spent before the end.
 */
export function searchLoops(s: LoopsSearch): boolean {
  const { tariff, staff, limits } = s;
  const keepings = s.keepings.map((options) => byPromise(s, options));
  const bound = productOf(staff.map((x) => x.bindings().length)) * BigInt(limits.inFlight.length);
  s.tally.illegal += bound * s.malformed;
  const later = suffixes(tariff, [...keepings.map((k) => k.map((x) => x.least)), ...staff.map((x) => x.least)]);
  const under = keepings.map((_, i) => bound * productOf(keepings.slice(i + 1).map((k) => k.length)));
  const placed: Keeping[] = [];
  const spend = effortOf(s);
  const boundOf = boundLedgers(s, s.front.axes[0]!);
  const place = (at: number, spent: Ledger): boolean => {
    if (at === keepings.length) return bindEinsums(s, placed, boundOf(placed), spend);
    if (!spend(keepings[at]!.length)) return false;
    for (const option of keepings[at]!) {
      const now = sum(spent, option.least);
      placed[at] = option;
      placed.length = at + 1;
      if (isNoUseWith(s, placed, now, later[at + 1]!)) {
        s.tally.bounded += under[at]!;
        continue;
      }
      if (isOverfull(s, placed)) s.tally.overfull += under[at]!;
      else if (!place(at + 1, now)) return false;
    }
    return true;
  };
  return place(0, openLedger(tariff));
}

/** Ways to keep a tensor: cheap ones first, of equals those with small tiles. */
const byPromise = (s: LoopsSearch, options: readonly Keeping[]): readonly Keeping[] =>
  byCost(
    s,
    options.toSorted((a, b) => heldBytes(a) - heldBytes(b)),
    ({ least }) => least,
    s.front.axes[0]!,
  );

/** Choices on the way to a nest are effort, too: there may be very many of which nothing comes. */
function effortOf({ expired }: LoopsSearch): (choices: number) => boolean {
  let spent = 0;
  return (choices) => {
    for (spent += choices; spent >= choicesEach; spent -= choicesEach) if (expired()) return false;
    return true;
  };
}

const heldBytes = ({ counts }: Keeping): number => counts.held.reduce((n, h) => n + h.bytes, 0);

function isNoUseWith(s: LoopsSearch, placed: readonly Keeping[], spent: Ledger, later: readonly Ledger[]): boolean {
  const room_bytes = s.room === undefined ? 0 : neededBytes(s, placed, s.room);
  return later.every((l) => s.isNoUse({ ...costOf(s.tariff, sum(spent, l)), room_bytes }));
}

/** All bindings, now that it is known where tensors are. False if the effort was spent before the end. */
function bindEinsums(
  s: LoopsSearch,
  placed: readonly Keeping[],
  bindings: readonly (readonly BoundLedger[])[],
  spend: (choices: number) => boolean,
): boolean {
  const { tariff, limits } = s;
  if (!spend(bindings.reduce((n, options) => n + options.length, 0))) return false;
  const later = suffixes(
    tariff,
    bindings.map((options) => options.map((o) => o.ledger)),
  );
  const under = bindings.map(
    (_, i) => BigInt(limits.inFlight.length) * productOf(bindings.slice(i + 1).map((b) => b.length)),
  );
  const moved = writeLedger(tariff, (to) => {
    for (const { counts } of placed) bookKeeps(tariff, to, counts);
  });
  const chosen: Binding[] = [];
  const bind = (at: number, spent: Ledger): boolean => {
    if (at === bindings.length) return limits.inFlight.every((inFlight) => finish(s, chosen, placed, inFlight, spent));
    if (!spend(bindings[at]!.length)) return false;
    for (const { option, ledger } of bindings[at]!) {
      const now = sum(spent, ledger);
      if (isNoUseWith(s, placed, now, later[at + 1]!)) {
        s.tally.bounded += under[at]!;
        continue;
      }
      chosen[at] = option;
      if (!bind(at + 1, now)) return false;
    }
    return true;
  };
  return bind(0, moved);
}

function finish(
  s: LoopsSearch,
  chosen: readonly Binding[],
  placed: readonly Keeping[],
  inFlight: number,
  spent: Ledger,
): boolean {
  if (isNoUseWith(s, placed, spent, [openLedger(s.tariff)])) {
    s.tally.bounded++;
    return true;
  }
  if (s.expired()) return false;
  const nest = nestOf(s, chosen, placed, inFlight);
  const cost = s.evaluate(nest);
  if (cost === undefined) {
    s.tally.illegal++;
    return true;
  }
  s.tally.evaluated++;
  offer(s.front, cost, nest);
  return true;
}

/** By position, what one of each list from there on costs together at least. */
function suffixes(t: Tariff, lists: readonly (readonly Ledger[])[]): readonly (readonly Ledger[])[] {
  const sums = [joined(t, [])];
  for (const list of lists.toReversed()) sums.unshift(joined(t, [leastLedgers(t, list), sums[0]!]));
  return sums;
}
