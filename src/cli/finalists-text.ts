import type { Layout } from '../layout.ts';
import { countText, percentText, signedPercent } from '../report/quantity-text.ts';
import { causeText } from '../report/stall-text.ts';
import { type Column, renderPairs, renderTable } from '../report/table.ts';
import type { FoundMapping } from '../search/best-mappings.ts';
import type { Execution, Finalist, Outcome } from '../search/finalists.ts';
import { objectives } from '../search/objective.ts';
import type { Algorithm } from './algorithms.ts';
import { type MapOutcome, nameOf, spaceName } from './map-summary.ts';

const columns: readonly Column[] = [
  { title: 'finalist', wrap: true },
  { title: 'closed form', align: 'right' },
  { title: 'simulated', align: 'right' },
  { title: 'difference', align: 'right' },
  { title: 'limited by', wrap: true },
];

/** Of those with other numbers; the JSON has all. */
const mostShown = 5;

/** What the simulator says of the best, and of the others. */
export function finalistsText(
  finalists: readonly Finalist[],
  { objective, value }: MapOutcome,
  algorithms: readonly Algorithm[],
  layout: Layout,
): string {
  const { cost, outcome } = finalists[0]!;
  const above = aboveLeast(finalists, { objective, value });
  const pairs: (readonly [string, string])[] = [
    [
      'simulated',
      outcome.kind === 'simulated'
        ? `${countText(outcome.latency_cycles, 'cycles')}, ${changeText(outcome.latency_cycles / cost.latency_cycles - 1)} its closed form`
        : 'nothing: no finalist could be simulated',
    ],
    [
      'closed form',
      above === 0 ? 'the best found' : `${objective} ${changeText(above)} the best found, of which the proof is`,
    ],
  ];
  const varied = finalists.filter((f) => f.origin === 'varied');
  const shown = finalists.filter((f) => f.origin !== 'varied' || varied.indexOf(f) < mostShown);
  const rows = shown.map((f) => [
    describe(f, algorithms),
    countText(f.cost.latency_cycles, 'cycles'),
    ...outcomeCells(f),
  ]);
  const more = finalists.length - rows.length;
  const table = renderTable(columns, rows, { ...layout, indent: '  ' });
  return `${renderPairs(pairs, { ...layout, indent: '  ' })}\n${table}${more > 0 ? `  and ${more} more\n` : ''}`;
}

/** More than this share between the models is told with what to do. */
const mostDifference = 0.03;
/** Less is not told. */
const leastDifference = 1e-4;

/** What the simulator says of the best in closed form, and that others may be quicker there. */
export function executedText(outcome: Execution, { cost }: FoundMapping): string {
  if (outcome.kind === 'refused') return `not: ${outcome.diagnostic.message}`;
  const change = outcome.latency_cycles / cost.latency_cycles - 1;
  if (Math.abs(change) < leastDifference) return 'as the closed form says';
  const said = `${countText(outcome.latency_cycles, 'cycles')}, ${changeText(change)} the closed form`;
  return change > mostDifference ? `${said}: --simulate looks for a mapping that is quicker there` : said;
}

/** "1.3% above". */
const changeText = (share: number): string => `${percentText(Math.abs(share))} ${share < 0 ? 'below' : 'above'}`;

/** How much more the chosen one has in closed form than the best found there, as a share. */
const aboveLeast = (
  [chosen]: readonly Finalist[],
  { objective, value }: Pick<MapOutcome, 'objective' | 'value'>,
): number => objectives[objective](chosen!.cost) / value - 1;

function describe({ space, origin, changes }: Finalist, algorithms: readonly Algorithm[]): string {
  const name = algorithms.length > 1 ? `${nameOf(algorithms, space)}: ${spaceName(space)}` : spaceName(space);
  if (origin !== 'varied') return `${name}, as ${origin}`;
  return `${name}, ${changes.map(({ number, from, to }) => `${number} ${to} (not ${from})`).join(', ')}`;
}

function outcomeCells({ cost, outcome }: Finalist): readonly string[] {
  switch (outcome.kind) {
    case 'refused':
      return ['', '', outcome.diagnostic.message];
    case 'slower':
      return ['', '', `takes at least ${countText(outcome.least_cycles, 'cycles')}`];
    case 'simulated': {
      const { latency_cycles } = outcome;
      const difference = `${signedPercent(latency_cycles / cost.latency_cycles - 1)}%`;
      return [countText(latency_cycles, 'cycles'), difference, limitText(outcome)];
    }
  }
}

/** Waits of fewer cycles than this share do not matter. */
const leastTold = 0.01;

/** "Array2D; data on its way 15.2%": what limits a run, and what that waits for. */
function limitText({ difference, latency_cycles }: Outcome & { kind: 'simulated' }): string {
  const waits = [...difference.stalls]
    .map(([cause, cycles]) => ({ cause, share: cycles / latency_cycles }))
    .filter(({ share }) => share >= leastTold)
    .sort((a, b) => b.share - a.share)
    .map(({ cause, share }) => `${causeText[cause]} ${percentText(share)}`);
  return waits.length === 0 ? difference.resource : `${difference.resource}; ${waits.join(', ')}`;
}

/** The same as data, of all; names of fields carry their units. */
export function finalistsData(
  finalists: readonly Finalist[],
  outcome: MapOutcome,
  algorithms: readonly Algorithm[],
): object {
  const [chosen] = finalists;
  return {
    simulated_cycles: cyclesOf(chosen!),
    above_best: aboveLeast(finalists, outcome),
    finalists: finalists.map((f) => ({
      algorithm: nameOf(algorithms, f.space),
      space: spaceName(f.space),
      origin: f.origin,
      changes: f.changes,
      ...f.cost,
      simulated_cycles: cyclesOf(f),
      ...outcomeData(f.outcome),
    })),
  };
}

const cyclesOf = ({ outcome }: Finalist): number | null =>
  outcome.kind === 'simulated' ? outcome.latency_cycles : null;

function outcomeData(outcome: Outcome): object {
  switch (outcome.kind) {
    case 'refused':
      return { refused: outcome.diagnostic.message };
    case 'slower':
      return { least_cycles: outcome.least_cycles };
    case 'simulated': {
      const { resource, work_cycles, beyond_cycles, stalls } = outcome.difference;
      return { limited_by: { resource, work_cycles, beyond_cycles, stalls_cycles: Object.fromEntries(stalls) } };
    }
  }
}
