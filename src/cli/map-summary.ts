import type { Machine } from '../arch/machine.ts';
import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { Layout } from '../layout.ts';
import { bytesText, countText, significant } from '../report/quantity-text.ts';
import { type Column, renderPairs, renderTable } from '../report/table.ts';
import type { BestMappings, FoundMapping, Searched, Space } from '../search/best-mappings.ts';
import { type Objective, objectives } from '../search/objective.ts';
import type { Algorithm } from './algorithms.ts';

/** The best mapping by one objective, and what proves it. */
export type MapOutcome = {
  readonly objective: Objective;
  readonly best: FoundMapping;
  readonly searched: readonly Searched[];
  readonly value: number;
  /** No mapping of the spaces has less. */
  readonly bound: number;
};

export function outcomeOf({ found, searched }: BestMappings, objective: Objective): MapOutcome | undefined {
  const value = objectives[objective];
  const [best] = found.toSorted((a, b) => value(a.cost) - value(b.cost));
  if (best === undefined) return undefined;
  return {
    objective,
    best,
    searched,
    value: value(best.cost),
    // All that was looked at is no better on any axis than something that was found.
    bound: Math.min(value(best.cost), ...searched.flatMap((s) => (s.remaining ? [value(s.remaining)] : []))),
  };
}

/** How much more what was found has than the least of the spaces, at most: a share of that; undefined where that is not known. */
export function gapOf({ value, bound }: Pick<MapOutcome, 'value' | 'bound'>): number | undefined {
  if (value === bound) return 0;
  return bound > 0 ? value / bound - 1 : undefined;
}

export const spaceName = (space: Space): string => (space.kind === 'nests' ? 'nests' : space.dataflow.mapping.name);

export function summarizeMap(
  outcome: MapOutcome,
  algorithms: readonly Algorithm[],
  machine: Machine,
  {
    level,
    layout,
    simulated,
  }: {
    readonly level?: string | undefined;
    readonly layout: Layout;
    /** What the simulator says of it. */
    readonly simulated: string | undefined;
  },
): string {
  const { best, searched } = outcome;
  const { cost } = best;
  const seconds = (cost.latency_cycles / machine.clock_hz).toPrecision(4);
  const several = algorithms.length > 1;
  // One that was ranked first by simulation may be another.
  const isBest = objectives[outcome.objective](cost) === outcome.value;
  const pairs: (readonly [string, string])[] = [
    ...(several ? [['algorithm', nameOf(algorithms, best.space)] as const] : []),
    ['latency', `${countText(cost.latency_cycles, 'cycles')}, ${seconds} s`],
    ...(simulated === undefined ? [] : [['simulated', simulated] as const]),
    ['energy', `${(cost.energy_pj / 1e12).toPrecision(4)} J`],
    ['outermost memory', bytesText(cost.home_bytes)],
    ...(level === undefined ? [] : [[`room in ${level}`, bytesText(cost.room_bytes)] as const]),
    ['found in', spaceName(best.space)],
    [
      'proven',
      `${provenText(outcome)}${isBest ? '' : `, of the best in closed form, ${significant(outcome.value, 7)}`}`,
    ],
  ];
  const tables = [
    ...(several ? [algorithmTable(outcome, algorithms, layout)] : []),
    spaceTable(searched, algorithms, layout),
  ];
  return [renderPairs(pairs, { ...layout, indent: '  ' }), ...tables].join('\n');
}

export const nameOf = (algorithms: readonly Algorithm[], { problem }: Space): string =>
  algorithms.find((a) => a.workload === problem.workload)?.name ?? problem.workload.cascade.name;

/** What each algorithm costs at best, of what was looked for: what is better than the others have. */
function algorithmsOf({ objective, searched }: MapOutcome, algorithms: readonly Algorithm[]) {
  const value = objectives[objective];
  return algorithms.map(({ name, workload }) => {
    const own = searched.filter((s) => s.space.problem.workload === workload);
    const found = own.flatMap((s) => s.found.map((f) => value(f.cost)));
    return {
      name,
      best: found.length > 0 ? Math.min(...found) : undefined,
      bound: own.length > 0 ? Math.min(...own.map((s) => value(s.bound))) : undefined,
    };
  });
}

function algorithmTable(outcome: MapOutcome, algorithms: readonly Algorithm[], layout: Layout): string {
  const titles = ['algorithm', `least ${outcome.objective} found`, 'at least'];
  const table = titles.map((title, i): Column => ({ title, align: i === 0 ? 'left' : 'right' }));
  const text = (value: number | undefined, none: string): string =>
    value === undefined ? none : significant(value, 7);
  const rows = algorithmsOf(outcome, algorithms).map((a) => [
    a.name,
    text(a.best, 'no better'),
    text(a.bound, 'not searched'),
  ]);
  return renderTable(table, rows, { ...layout, indent: '  ' });
}

/** How good a mapping is, as far as that is proven. */
export function provenText(outcome: MapOutcome): string {
  const gap = gapOf(outcome);
  const { objective, searched } = outcome;
  const where = searched.length === 1 ? 'of the space' : 'of these spaces';
  if (gap === undefined) return 'nothing: mappings were left that nothing is known of';
  if (gap === 0) return `the least ${objective} ${where}`;
  // Above that, people think in multiples.
  if (gap >= 10) return `${objective} at most ${significant(gap + 1, 3)} times the least ${where}`;
  return `${objective} at most ${(100 * gap).toPrecision(3)}% above the least ${where}`;
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
export function spaceTable(searched: readonly Searched[], algorithms: readonly Algorithm[], layout: Layout): string {
  const several = algorithms.length > 1;
  const rows = searched.map(({ space, tally: t }) => [
    several ? `${nameOf(algorithms, space)}: ${spaceName(space)}` : spaceName(space),
    ...[t.space, t.evaluated, t.bounded, t.overfull, t.illegal, t.left].map(countOf),
  ]);
  return renderTable(columns, rows, { ...layout, indent: '  ' });
}

/** A count that may have more digits than anybody reads. */
const countOf = (n: bigint): string => (n < 1_000_000n ? String(n) : Number(n).toExponential(3));

/** Names of fields carry their units, as in a report. */
export function mapData(outcome: MapOutcome, algorithms: readonly Algorithm[], mapping: string): object {
  const { objective, best, searched, value, bound } = outcome;
  const from = { algorithm: nameOf(algorithms, best.space), space: spaceName(best.space) };
  const spaces = spacesData(searched, algorithms);
  const compared = algorithmsOf(outcome, algorithms).map((a) => ({
    ...a,
    best: a.best ?? null,
    bound: a.bound ?? null,
  }));
  const gap = gapOf(outcome) ?? null;
  return { mapping, ...best.cost, objective, value, bound, gap, ...from, algorithms: compared, spaces };
}

export const spacesData = (searched: readonly Searched[], algorithms: readonly Algorithm[]): readonly object[] =>
  searched.map(({ space, tally, remaining }) => ({
    algorithm: nameOf(algorithms, space),
    space: spaceName(space),
    mappings: Object.fromEntries(Object.entries(tally).map(([name, n]) => [name, String(n)])),
    remaining: remaining ?? null,
  }));

/** Nothing in the spaces is a mapping, or what is was not come to. */
export function nothingFound(algorithm: string, machine: string, searched: readonly Searched[]): Diagnostic {
  const sum = (of: (tally: Searched['tally']) => bigint): bigint => searched.reduce((n, s) => n + of(s.tally), 0n);
  const left = sum((t) => t.left);
  const tried = `of ${sum((t) => t.space)} mappings ${sum((t) => t.overfull)} need more room than there is and ${sum((t) => t.illegal)} are not legal`;
  const message = `no mapping of "${algorithm}" on "${machine}" was found: ${tried}`;
  const help =
    left > 0n
      ? `give it more --effort: ${left} were not looked at`
      : 'search other mappings, or a machine with larger buffers';
  return diagnostic('nothing-found', message, undefined, { help });
}
