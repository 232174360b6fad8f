import { bytesText, engineering, signedPercent, significant } from './quantity-text.ts';
import type { Report } from './report.ts';
import { wordList } from './stall-text.ts';
import { outermostTraffic } from './summary.ts';

export type NamedReport = { readonly label: string; readonly report: Report };

/** A run beside another one, the baseline; undefined where there is nothing to divide by. */
export type ComparedRun = NamedReport & {
  readonly isBaseline: boolean;
  /** How many times as fast. */
  readonly speedup: number | undefined;
  /** Shares more or less than the baseline has. */
  readonly energy_change: number | undefined;
  readonly traffic_change: number | undefined;
  /** Bytes through the outermost memory that moves any. */
  readonly traffic_bytes: number | undefined;
};

const changeOf = (base: number | undefined, value: number | undefined): number | undefined =>
  base === undefined || value === undefined || base === 0 ? undefined : value / base - 1;

/** Runs in their order, each beside the one at the position `baseline`. */
export function compareWith(runs: readonly NamedReport[], baseline: number): readonly ComparedRun[] {
  const base = runs[baseline]!.report;
  const base_bytes = outermostTraffic(base)?.bytes;
  return runs.map(({ label, report }, i) => {
    const traffic_bytes = outermostTraffic(report)?.bytes;
    return {
      label,
      report,
      isBaseline: i === baseline,
      speedup: report.latency_s > 0 ? base.latency_s / report.latency_s : undefined,
      energy_change: changeOf(base.energy_j, report.energy_j),
      traffic_change: changeOf(base_bytes, traffic_bytes),
      traffic_bytes,
    };
  });
}

/** "+12.5%" */
export const changeText = (change: number): string => (change === 0 ? 'equal' : `${signedPercent(change)}%`);

/** "1.32 times as fast". */
const timesText = (speedup: number): string => `${significant(speedup, 3)} times as fast`;

/** A share more or less, as a person says it. */
const moreText = (change: number): string =>
  `${signedPercent(Math.abs(change)).slice(1)}% ${change < 0 ? 'less' : 'more'}`;

const named = (runs: readonly ComparedRun[]): string => wordList(runs.map((r) => r.label));

/** Those for which a figure is least; none where all are equal. */
function least(runs: readonly ComparedRun[], of: (run: ComparedRun) => number | undefined): readonly ComparedRun[] {
  const known = runs.filter((run) => of(run) !== undefined);
  const lowest = Math.min(...known.map((run) => of(run)!));
  const found = known.filter((run) => of(run) === lowest);
  return found.length === runs.length ? [] : found;
}

type Told = {
  readonly of: (run: ComparedRun) => number | undefined;
  readonly text: (value: number) => string;
  /** Of one run and of several. */
  readonly verb: readonly [string, string];
  readonly what: string;
  /** Of all runs, where they are equal. */
  readonly same: string;
  readonly than: (run: ComparedRun) => string | undefined;
};

const told: readonly Told[] = [
  {
    of: ({ report }) => report.latency_s,
    text: (s) => engineering(s, 's', 3),
    verb: ['is', 'are'],
    what: 'the quickest',
    same: 'are equally quick',
    than: ({ speedup }) => (speedup === undefined ? undefined : timesText(speedup)),
  },
  {
    of: ({ report }) => report.energy_j,
    text: (j) => engineering(j, 'J', 3),
    verb: ['takes', 'take'],
    what: 'the least energy',
    same: 'take the same energy',
    than: ({ energy_change }) => (energy_change === undefined ? undefined : moreText(energy_change)),
  },
  {
    of: ({ traffic_bytes }) => traffic_bytes,
    text: bytesText,
    verb: ['moves', 'move'],
    what: 'the fewest bytes',
    same: 'move the same bytes',
    than: ({ traffic_change }) => (traffic_change === undefined ? undefined : moreText(traffic_change)),
  },
];

/** Which run is the quickest, which takes least, and by how much against the baseline. */
export function comparisonSentences(runs: readonly ComparedRun[]): readonly string[] {
  const baseline = runs.find((run) => run.isBaseline)!;
  return told
    .filter(({ of }) => runs.some((run) => (of(run) ?? 0) > 0))
    .map(({ of, text, verb, what, same, than }) => {
      const best = least(runs, of);
      const [first] = best;
      if (first === undefined) return `All ${same}.`;
      const comparison = first === baseline ? undefined : than(first);
      const against =
        comparison === undefined ? '' : `, ${comparison}${what === 'the quickest' ? ' as' : ' than'} ${baseline.label}`;
      return `${named(best)} ${verb[best.length === 1 ? 0 : 1]} ${what}, with ${text(of(first)!)}${against}.`;
    });
}

/** A name with its value in each run; undefined: a run has no such name. */
export type DifferingInput = { readonly name: string; readonly values: readonly (string | undefined)[] };

/** Without the digits that rounding leaves: 9.514e-6, not 9.513999999999999e-6. */
const inputText = (value: string | number): string =>
  String(typeof value === 'string' || Number.isInteger(value) ? value : Number(value.toPrecision(12)));

/** What is not the same in all runs: names, sizes, parameters, formats. */
export function differingInputs(runs: readonly NamedReport[]): readonly DifferingInput[] {
  const reports = runs.map((r) => r.report);
  const tables: readonly ((report: Report) => { readonly [name: string]: string | number })[] = [
    ({ cascade, hardware, mapping, model, energy_accounting }) => ({
      cascade,
      hardware,
      mapping,
      model,
      energy_accounting,
    }),
    (r) => r.workload,
    (r) => r.formats,
    (r) => r.hardware_parameters,
    (r) => r.mapping_parameters,
  ];
  return tables.flatMap((tableOf) => {
    const names = [...new Set(reports.flatMap((report) => Object.keys(tableOf(report))))];
    return names
      .map((name) => ({
        name,
        values: reports.map((report) =>
          Object.hasOwn(tableOf(report), name) ? inputText(tableOf(report)[name]!) : undefined,
        ),
      }))
      .filter(({ values }) => new Set(values).size > 1);
  });
}
