import type { Machine } from '../arch/machine.ts';
import { bytesText, countText } from '../report/quantity-text.ts';
import { type Column, renderPairs, renderTable } from '../report/table.ts';
import type { BestMappings, FoundMapping, Searched, Space } from '../search/best-mappings.ts';
import { type Objective, objectives } from '../search/objective.ts';

/** The best mapping by one objective, and what proves it. */
export type MapOutcome = {
  readonly objective: Objective;
  readonly best: FoundMapping;
  readonly searched: readonly Searched[];
  readonly value: number;
  /** No mapping of the spaces has less. */
  readonly bound: number;
};

export function outcomeOf({ found, searched, bound }: BestMappings, objective: Objective): MapOutcome | undefined {
  const value = objectives[objective];
  const [best] = found.toSorted((a, b) => value(a.cost) - value(b.cost));
  if (best === undefined) return undefined;
  return {
    objective,
    best,
    searched,
    value: value(best.cost),
    bound: Math.min(value(best.cost), value(bound)),
  };
}

/** How much more what was found has than the least of the spaces, at most: a share of that; undefined where that is not known. */
function gapOf({ value, bound }: MapOutcome): number | undefined {
  if (value === bound) return 0;
  return bound > 0 ? value / bound - 1 : undefined;
}

export const spaceName = (space: Space): string => (space.kind === 'nests' ? 'nests' : space.dataflow.mapping.name);

export function summarizeMap(outcome: MapOutcome, machine: Machine, width: number | undefined): string {
  const { objective, best, searched } = outcome;
  const { cost } = best;
  const gap = gapOf(outcome);
  const seconds = (cost.latency_cycles / machine.clock_hz).toPrecision(4);
  const where = searched.length === 1 ? 'of the space' : 'of these spaces';
  const pairs: (readonly [string, string])[] = [
    ['latency', `${countText(cost.latency_cycles, 'cycles')}, ${seconds} s`],
    ['energy', `${(cost.energy_pj / 1e12).toPrecision(4)} J`],
    ['outermost memory', bytesText(cost.home_bytes)],
    ['found in', spaceName(best.space)],
    [
      'proven',
      gap === 0
        ? `the least ${objective} ${where}`
        : gap === undefined
          ? `nothing: mappings were left that nothing is known of`
          : `${objective} at most ${(100 * gap).toPrecision(3)}% above the least ${where}`,
    ],
  ];
  return `${renderPairs(pairs, { width, indent: '  ' })}\n${spaceTable(searched, width)}`;
}

const columns: readonly Column[] = [
  { title: 'space' },
  { title: 'mappings', align: 'right' },
  { title: 'evaluated', align: 'right' },
  { title: 'too costly', align: 'right' },
  { title: 'too large', align: 'right' },
  { title: 'not legal', align: 'right' },
  { title: 'not looked at', align: 'right' },
];

/** What became of the mappings of each space. */
function spaceTable(searched: readonly Searched[], width: number | undefined): string {
  const rows = searched.map(({ space, tally: t }) => [
    spaceName(space),
    ...[t.space, t.evaluated, t.bounded, t.overfull, t.illegal, t.left].map(countOf),
  ]);
  return renderTable(columns, rows, { width, indent: '  ' });
}

/** A count that may have more digits than anybody reads. */
const countOf = (n: bigint): string => (n < 1_000_000n ? String(n) : Number(n).toExponential(3));

/** Names of fields carry their units, as in a report. */
export function mapData(outcome: MapOutcome, mapping: string): object {
  const { objective, best, searched, value, bound } = outcome;
  const spaces = searched.map(({ space, tally, remaining }) => ({
    space: spaceName(space),
    mappings: Object.fromEntries(Object.entries(tally).map(([name, n]) => [name, String(n)])),
    remaining: remaining ?? null,
  }));
  const from = spaceName(best.space);
  return { mapping, ...best.cost, objective, value, bound, gap: gapOf(outcome) ?? null, space: from, spaces };
}
