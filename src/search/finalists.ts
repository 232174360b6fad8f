import type { Diagnostic } from '../diagnostic.ts';
import { placeMapping } from '../mapper/place.ts';
import type { PlacedMapping } from '../mapper/placed.ts';
import { printMapping } from '../mapper/print.ts';
import { evaluateMapping } from '../models/evaluate.ts';
import type { Difference } from '../models/metrics.ts';
import { withinWorkLimit } from '../models/within-limits.ts';
import { type MostWork, usualWork } from '../models/work-limit.ts';
import type { BestMappings, FoundMapping, Space } from './best-mappings.ts';
import type { Asked } from './cost-of.ts';
import { chosenMapping } from './dataflow/dataflow.ts';
import { createEvaluator } from './dataflow/evaluator.ts';
import { type Change, type Variants, variantsOf } from './dataflow/variants.ts';
import type { Cost } from './objective.ts';

/** A mapping that is held against others by simulation. */
export type Finalist = FoundMapping & {
  /** What the search found, what a mapping file says as it is written, or one of these with other numbers. */
  readonly origin: 'found' | 'written' | 'varied';
  /** Numbers that differ from those of the mapping that it comes from. */
  readonly changes: readonly Change[];
  readonly outcome: Outcome;
};

/** What the simulator says, or why it says nothing. */
export type Execution =
  | {
      readonly kind: 'simulated';
      readonly latency_cycles: number;
      readonly difference: Difference;
      /** Operations that the simulator walked. */
      readonly events: number;
    }
  | { readonly kind: 'refused'; readonly diagnostic: Diagnostic };

/** That, or that no schedule of it can be quicker than so many cycles, which others are. */
export type Outcome = Execution | { readonly kind: 'slower'; readonly least_cycles: number };

/** By what finalists are ranked, and how many are simulated. */
export type FinalistOptions = Asked & {
  /** What is to be least; rises with the latency. */
  readonly value: (cost: Cost) => number;
  /** Whether mappings with other numbers are tried, which may not obey what the search had to. */
  readonly vary: boolean;
  /** With so many finalists no others are tried. */
  readonly most: number;
  /** Nor once the simulator has walked so many operations. */
  readonly events: number;
  /** How much more than the least in closed form a mapping with other numbers may have there, as a share. */
  readonly margin: number;
};

/** What takes a minute at most, mostly seconds; and a margin as wide as the models differ anyway. */
export const usualFinalists = { most: 32, events: 5_000_000, margin: 0.03 } as const;

/** Where the best, simulated, has no more than this share above the least in closed form, there is little to gain. */
const nearEnough = 0.01;
/** A share by which simulations have to differ to be told apart. */
const tellingChange = 1e-4;

type Finals = {
  readonly options: FinalistOptions;
  readonly least: number;
  readonly finalists: Finalist[];
};

/**
 * Ranks near-best mappings by simulation, the best first: what was found in each space, mapping files as they are written, and, one number
 * after the other as long as that helps, the quickest of these with other numbers that cost about the same in closed form.
 */
export function simulateFinalists(best: BestMappings, options: FinalistOptions): readonly Finalist[] {
  const starts = startsOf(best, options);
  const least = Math.min(...starts.map((s) => options.value(s.cost)));
  const finals: Finals = { options, least, finalists: [] };
  for (const start of starts) enter(finals, start);
  const varied = new Set<Space>();
  if (options.vary)
    for (const start of ranked(finals)) {
      if (start.outcome.kind !== 'simulated' || varied.has(start.space)) continue;
      varied.add(start.space);
      vary(finals, start);
    }
  return ranked(finals);
}

/** Whether nothing else is tried. */
function isDone(finals: Finals): boolean {
  const { finalists, options, least } = finals;
  const events = finalists.reduce((n, { outcome }) => n + (outcome.kind === 'simulated' ? outcome.events : 0), 0);
  return finalists.length >= options.most || events >= options.events || bestWorth(finals) <= least * (1 + nearEnough);
}

type Entry = Omit<Finalist, 'outcome'>;

/** What the search found, the best first, then what is written. */
function startsOf({ found, searched }: BestMappings, { value, ...asked }: FinalistOptions): readonly Entry[] {
  const better = new Set([...found, ...searched.flatMap((s) => s.found)]);
  const sorted = [...better].toSorted((a, b) => value(a.cost) - value(b.cost));
  const written = searched.flatMap(({ space }): FoundMapping[] => {
    if (space.kind === 'nests') return [];
    const mapping = chosenMapping(space.dataflow, new Map(), space.dataflow.mapping.name);
    const cost = createEvaluator(space.problem, asked).place(mapping, () => false);
    // It may fit with other numbers only, or be what was found.
    const isFound = sorted.some((f) => f.space === space && printMapping(f.mapping) === printMapping(mapping));
    return typeof cost === 'string' || isFound ? [] : [{ cost, mapping, space }];
  });
  return [
    ...sorted.map((f): Entry => ({ ...f, origin: 'found', changes: [] })),
    ...written.map((f): Entry => ({ ...f, origin: 'written', changes: [] })),
  ];
}

/** Best first; those that were not simulated are last. */
const ranked = ({ finalists, options }: Finals): readonly Finalist[] =>
  finalists.toSorted((a, b) => worth(options, a) - worth(options, b));

const worth = ({ value }: FinalistOptions, { cost, outcome }: Finalist): number =>
  outcome.kind === 'simulated' ? value({ ...cost, latency_cycles: outcome.latency_cycles }) : Number.POSITIVE_INFINITY;

const bestWorth = ({ finalists, options }: Finals): number =>
  Math.min(Number.POSITIVE_INFINITY, ...finalists.map((f) => worth(options, f)));

/** Simulates a mapping, unless it cannot be better than another one was. */
function enter(finals: Finals, entry: Entry): Finalist {
  const finalist = { ...entry, outcome: outcomeOf(finals, entry) };
  finals.finalists.push(finalist);
  return finalist;
}

const outcomeOf = (finals: Finals, entry: Entry): Outcome =>
  placed(entry, (p): Outcome => {
    const { accounting, value } = finals.options;
    const least_cycles = evaluateMapping(p, 'analytic', { accounting }).lower_bound_cycles;
    const isSlower = value({ ...entry.cost, latency_cycles: least_cycles }) >= bestWorth(finals);
    return isSlower ? { kind: 'slower', least_cycles } : simulated(p, finals.options, usualWork);
  });

/** What the simulator says of a mapping, with so much work at most. */
export const simulateFound = (found: FoundMapping, asked: Asked, mostWork: MostWork): Execution =>
  placed(found, (p) => simulated(p, asked, mostWork));

function simulated(p: PlacedMapping, { accounting }: Asked, mostWork: MostWork): Execution {
  const { latency_cycles, difference, events } = evaluateMapping(p, 'cycle', { accounting, mostWork });
  return { kind: 'simulated', latency_cycles, difference: difference!, events: events! };
}

function placed<T>(
  { mapping, space }: FoundMapping,
  work: (p: PlacedMapping) => T,
): T | (Execution & { kind: 'refused' }) {
  const on = placeMapping(mapping, space.problem.workload, space.problem.machine);
  const help = 'the closed form says what it costs; larger tiles or smaller sizes can be simulated';
  const done = on.ok ? withinWorkLimit(mapping, help, () => work(on.value)) : on;
  return done.ok ? done.value : { kind: 'refused', diagnostic: done.diagnostics[0]! };
}

/** Chooses one number after the other of a mapping, the others as they are, until none makes it quicker. */
function vary(finals: Finals, start: Finalist): void {
  const { options, least } = finals;
  const { value, margin } = options;
  const variants = variantsOf(start, options, (cost) => value(cost) > least * (1 + margin));
  const known = new Map([[variants.key(), worth(options, start)]]);
  /** Tries another value of a number, which stays if that is quicker; undefined: it is no mapping, or costs too much. */
  const attempt = (number: number, instead: number): Verdict => {
    const best = known.get(variants.key())!;
    const back = variants.set(number, instead);
    if (back === undefined) return undefined;
    const key = variants.key();
    if (!known.has(key) && isDone(finals)) {
      back();
      return undefined;
    }
    const now = known.get(key) ?? worth(options, enter(finals, { ...start, ...variants.variant(), origin: 'varied' }));
    known.set(key, now);
    const change = now / best - 1;
    if (change < -tellingChange) return 'quicker';
    back();
    return change <= tellingChange ? 'equal' : 'slower';
  };
  for (let improved = true; improved && !isDone(finals); ) {
    improved = false;
    for (let number = 0; number < variants.numbers; number++)
      if (chooseNumber(variants, number, attempt)) improved = true;
  }
}

type Verdict = 'quicker' | 'equal' | 'slower' | undefined;

/**
 * Takes the largest value that costs little enough, or the one below, and smaller ones as long as they are quicker yet; if none of the two is
 * quicker than the present one, those beside that. True if one is quicker.
 */
function chooseNumber(
  { now, others }: Variants,
  number: number,
  attempt: (number: number, instead: number) => Verdict,
): boolean {
  const present = now(number);
  const instead = others(number);
  let isQuicker = false;
  let slower = 0;
  for (const value of instead.filter((v) => v > present)) {
    const verdict = attempt(number, value);
    if (verdict === 'equal') return isQuicker;
    if (verdict === 'slower' && (isQuicker || ++slower === 2)) break;
    isQuicker ||= verdict === 'quicker';
  }
  if (isQuicker) return true;
  const beside = [instead.findLast((v) => v > present), instead.find((v) => v < present)];
  return beside.some((value) => value !== undefined && attempt(number, value) === 'quicker');
}
