import { causeText, type StallCause } from 'attnsim';
import { markdownTable, wrapped } from '../part.ts';
import type { Judged, SearchJob, SearchOutcome } from './search-job.ts';

type Of = (job: SearchJob) => SearchOutcome;

/** The two models are taken to agree up to this. */
const agreement = 0.03;

const cyclesText = (cycles: number): string => cycles.toLocaleString('en-US', { maximumFractionDigits: 0 });

const changeText = (share: number): string =>
  Number.isNaN(share) ? 'not simulated' : share === 0 ? 'equal' : `${share < 0 ? '' : '+'}${(share * 100).toFixed(1)}%`;

/** "P 16K, M 16K". */
const sizesText = (sizes: SearchJob['sizes']): string =>
  Object.entries(sizes)
    .map(([name, n]) => `${name} ${n >= 1024 && n % 1024 === 0 ? `${n / 1024}K` : n}`)
    .join(', ');

const problemCells = ({ hardware, cascade, sizes }: SearchJob): readonly string[] => [
  hardware,
  cascade,
  sizesText(sizes),
];

/** Undefined: it is too much work, or cannot go on. */
const cyclesOf = ({ simulated }: Judged): number | undefined => ('cycles' in simulated ? simulated.cycles : undefined);

/** How much more the simulator says. */
const disagreement = (judged: Judged): number => (cyclesOf(judged) ?? Number.NaN) / judged.latency_cycles - 1;

/** The gap; where nothing is known of what is left there is none. */
const gapText = ({ found, bound }: SearchOutcome): string =>
  bound === found.value ? '0' : bound === 0 ? 'not known' : `${(100 * (found.value / bound - 1)).toFixed(2)}%`;

/** Beside the best by hand, both simulated. */
const simulatedChange = (judged: Judged, written: Judged): number =>
  (cyclesOf(judged) ?? Number.NaN) / (cyclesOf(written) ?? Number.NaN) - 1;

/** By hand, found and ranked first by simulation: in closed form and simulated. */
export function mappingsTable(jobs: readonly SearchJob[], of: Of): string {
  const rows = jobs.map((job) => {
    const outcome = of(job);
    const { written, found } = outcome;
    const ranked = rankedOf(outcome);
    return [
      ...problemCells(job),
      written.name,
      cyclesText(written.latency_cycles),
      found.name,
      changeText(found.latency_cycles / written.latency_cycles - 1),
      gapText(outcome),
      changeText(disagreement(written)),
      changeText(disagreement(found)),
      changeText(simulatedChange(found, written)),
      ranked.name,
      changeText(ranked.latency_cycles / found.latency_cycles - 1),
      changeText(disagreement(ranked)),
      changeText(simulatedChange(ranked, written)),
    ];
  });
  const head = ['machine', 'cascade', 'sizes', 'best by hand', 'cycles', 'found in', 'against by hand', 'gap'];
  const simulated = ['by hand, simulated', 'found, simulated', 'found against by hand, simulated'];
  const ranked = ['ranked first in', 'against found', 'simulated', 'against by hand, simulated'];
  return markdownTable([[...head, ...simulated, ...ranked], ...rows]);
}

/** Of problems of time. */
function rankedOf({ ranked }: SearchOutcome): Judged {
  if (ranked === null) throw new Error('nothing was ranked by simulation');
  return ranked;
}

/** Where the simulated cycles of what was ranked first go, if they are not those of the closed form. */
export function differencesTable(jobs: readonly SearchJob[], of: Of): string {
  const rows = jobs.flatMap((job) => {
    const ranked = rankedOf(of(job));
    const share = disagreement(ranked);
    // What cannot be simulated is no number.
    if (Math.abs(share) <= agreement) return [];
    return [[...problemCells(job), ranked.name, changeText(share), ...whyCells(ranked)]];
  });
  if (rows.length === 0) return 'None.\n';
  return markdownTable([
    ['machine', 'cascade', 'sizes', 'ranked first in', 'simulated', 'limited by', 'work', 'and', 'waits for'],
    ...rows,
  ]);
}

/** Shares of the simulated run: what the resource that limits it has to do, and the causes for which it stands still, largest first. */
function whyCells({ simulated }: Judged): readonly string[] {
  if ('refused' in simulated) return ['', '', '', simulated.refused];
  const { resource, work_cycles, beyond_cycles, stalls_cycles } = simulated;
  const shareText = (cycles: number): string => `${((100 * cycles) / simulated.cycles).toFixed(1)}%`;
  const waits = Object.entries(stalls_cycles)
    .filter(([, cycles]) => cycles >= simulated.cycles / 100)
    .sort((a, b) => b[1] - a[1])
    .map(([cause, cycles]) => `${causeText[cause as StallCause]} ${shareText(cycles)}`);
  return [resource, shareText(work_cycles), shareText(beyond_cycles), waits.join(', ')];
}

/** By other objectives, in closed form, which has the bytes and the energy of the simulator. */
export function objectivesTable(jobs: readonly SearchJob[], of: Of): string {
  const rows = jobs.map((job) => {
    const outcome = of(job);
    const { written, found } = outcome;
    const cells = [written.name, found.name, changeText(found.value / written.value - 1), gapText(outcome)];
    return [...problemCells(job), job.objective, ...cells];
  });
  return markdownTable([
    ['machine', 'cascade', 'sizes', 'least', 'best by hand', 'found in', 'against by hand', 'gap'],
    ...rows,
  ]);
}

const isDecided = ({ spaces }: SearchOutcome): boolean =>
  spaces.every(({ space, mappings }) => space === 'nests' || mappings['left'] === '0');

/** How much more it takes, simulated, than the least in closed form. */
const aboveFound = (outcome: SearchOutcome): number =>
  (cyclesOf(rankedOf(outcome)) ?? Number.POSITIVE_INFINITY) / outcome.found.latency_cycles - 1;

/** How many problems it holds for. */
export function summaryOf(jobs: readonly SearchJob[], of: Of): string {
  const outcomes = jobs.map((job) => ({ ...of(job), gap: job.gap }));
  const count = (holds: (o: (typeof outcomes)[number]) => boolean): number => outcomes.filter(holds).length;
  const against = ({ found, written }: SearchOutcome): number => found.value / written.value - 1;
  return wrapped(
    [
      `Of ${jobs.length} problems, what is found is as good as the best by hand in ${count((o) => against(o) === 0)},`,
      `better in ${count((o) => against(o) < 0)}, worse in ${count((o) => against(o) > 0)}.`,
      `It is proven to be within 0.1% of the least of all spaces in ${count((o) => o.found.value <= o.bound * (1 + o.gap))}; of the loop trees of mappings, no`,
      `choice is left in ${count(isDecided)}.`,
      `Its closed form and its simulation differ by more than 3% in ${count((o) => Math.abs(disagreement(o.found)) > agreement)};`,
      `simulated, it is more than 3% worse than the best by hand in ${count((o) => simulatedChange(o.found, o.written) > agreement)}.`,
      `Of what is ranked first by simulation, they differ by more than 3% in ${count((o) => Math.abs(disagreement(rankedOf(o))) > agreement)};`,
      `simulated, it is more than 3% above the closed form of what was found in ${count((o) => aboveFound(o) > agreement)}, more than 3% worse than`,
      `the best by hand in ${count((o) => simulatedChange(rankedOf(o), o.written) > agreement)}, and better in ${count((o) => simulatedChange(rankedOf(o), o.written) < 0)}.`,
    ].join(' '),
  );
}
