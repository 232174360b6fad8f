import type { StallCause } from '../models/metrics.ts';
import { stallCauses } from '../models/metrics.ts';
import { engineering, percentText, prefixed } from '../report/quantity-text.ts';
import type { Report } from '../report/report.ts';
import { busiestFirst, causeText } from '../report/stall-text.ts';
import type { BarChart } from './bar-layout.ts';
import type { LabelledReport } from './labelled-report.ts';
import { type Parts, type Stacks, stackParts } from './parts.ts';
import { modelsText, runsText } from './runs-text.ts';
import { workOf } from './work-parts.ts';

/** What runs consist of, as stacked bars. Each is undefined where the runs have nothing of it. */

/** More series than these cannot be told apart; the smallest are joined. */
const mostSeries = 7;

/** Of time, more kinds of waiting beside those of work. */
const mostWaits = 5;

/** Joules by component, a bar a run. */
export function energyBreakdown(runs: readonly LabelledReport[]): BarChart | undefined {
  const charged = runs.filter(({ report }) => report.energy_j > 0);
  if (charged.length === 0) return undefined;
  const unit = prefixed(Math.max(...charged.map(({ report }) => report.energy_j)), 'J');
  const { series, values } = stackParts(
    charged.map(({ report }) => report.energy_by_component_j),
    mostSeries,
    'other',
  );
  return {
    kind: 'bars',
    stacked: true,
    title: `Energy by component: ${runsText(charged)}`,
    source: sourceOf(charged, 'energy'),
    y: { title: `Energy (${unit.name})`, scale: 'linear' },
    series,
    groups: charged.map(({ report, label }, i) => ({
      label,
      values: scaled(values[i]!, 1 / unit.factor),
      texts: [engineering(report.energy_j, 'J', 3)],
    })),
  };
}

/**
 * Of what a resource of a run does with the time of the run, what it is busy with and what it waits for: the resource
 * that bounds it, for several runs; each that does anything, for one.
 */
export function timeBreakdown(runs: readonly LabelledReport[]): BarChart | undefined {
  const timed = runs.filter(({ report }) => report.latency_s > 0);
  const [first] = timed;
  if (first === undefined) return undefined;
  const isOne = timed.length === 1;
  const bars = isOne
    ? busyResources(first.report).map((resource) => ({ ...first, resource, name: resource }))
    : timed.map((run) => ({ ...run, resource: run.report.bound.resource, name: run.label }));
  const work = stackParts(
    bars.map(({ report, resource }) => workOf(report, resource)),
    mostSeries,
    'other work',
  );
  const waits = stackParts(
    bars.map(({ report, resource }) => waitsOf(report, resource)),
    mostWaits,
    'other waiting',
  );
  const unit = prefixed(Math.max(...timed.map(({ report }) => report.latency_s)), 's');
  const inUnit = (report: Report): number => report.latency_s / report.latency_cycles / unit.factor;
  return {
    kind: 'bars',
    stacked: true,
    title: `What ${isOne ? 'units and ports do' : 'the limiting resource does'} with the time: ${runsText(timed)}`,
    source: sourceOf(timed, 'time'),
    y: { title: `Time (${unit.name})`, scale: 'linear' },
    series: [...work.series, ...waits.series],
    hatched: waits.series,
    groups: bars.map(({ report, resource, name }, i) => ({
      label: name,
      ...(isOne ? {} : { section: `limited by ${resource}` }),
      values: scaled([...work.values[i]!, ...waits.values[i]!], inUnit(report)),
      texts: [isOne ? percentText(report.resources[resource]!.busy_share) : engineering(report.latency_s, 's', 3)],
    })),
  };
}

/** Bytes by tensor in each level, each in parts of the most that a run moves there: levels differ by orders of magnitude. */
export function trafficBreakdown(runs: readonly LabelledReport[]): BarChart | undefined {
  const levels = [...new Set(runs.flatMap(({ report }) => report.levels))];
  const moving = levels.filter((level) => runs.some(({ report }) => bytesOf(report, level) > 0));
  if (moving.length === 0) return undefined;
  const isOne = runs.length === 1;
  const bars = moving.flatMap((level) => {
    const there = runs.filter(({ report }) => report.traffic_bytes[level] !== undefined);
    const most = Math.max(...there.map(({ report }) => bytesOf(report, level)));
    return there.map((run) => ({ ...run, level, most }));
  });
  const { series, values } = stackParts(
    bars.map(({ report, level }) => tensorBytes(report, level)),
    mostSeries,
    'other',
  );
  return {
    kind: 'bars',
    stacked: true,
    title: `Bytes by tensor in each memory: ${runsText(runs)}`,
    source: sourceOf(runs, 'bytes, read and written'),
    y: {
      title: isOne ? 'Share of the bytes of the memory (%)' : 'Bytes, of the most of a run there (%)',
      scale: 'linear',
      domain: [0, 100],
    },
    series,
    groups: bars.map(({ report, label, level, most }, i) => ({
      label: isOne ? level : label,
      ...(isOne ? {} : { section: level }),
      values: scaled(values[i]!, 100 / most),
      texts: [engineering(bytesOf(report, level), 'B', 3)],
    })),
  };
}

/** What each resource that does anything waits for, in shares of the time. Undefined for the analytic model, which has no waiting. */
export function stallBreakdown(runs: readonly LabelledReport[]): BarChart | undefined {
  const simulated = runs.filter(({ report }) => report.stalls_cycles !== null && report.latency_cycles > 0);
  const isOne = simulated.length === 1;
  const resources = [...new Set(simulated.flatMap(({ report }) => busyResources(report)))];
  const bars = resources.flatMap((resource) =>
    simulated
      .filter(({ report }) => report.resources[resource] !== undefined)
      .map((run) => ({ ...run, resource, name: isOne ? resource : run.label })),
  );
  if (bars.length === 0) return undefined;
  const shares = bars.map(({ report, resource }): Parts => {
    const { latency_cycles } = report;
    const waits = Object.entries(waitsOf(report, resource));
    return Object.fromEntries(waits.map(([cause, cycles]) => [cause, (100 * cycles) / latency_cycles]));
  });
  const { series, values } = byCause(stackParts(shares, mostSeries, 'other waiting'));
  return {
    kind: 'bars',
    stacked: true,
    title: `What ${isOne ? 'units and ports wait' : 'each resource waits'} for: ${runsText(simulated)}`,
    source: sourceOf(simulated, 'stalls'),
    y: { title: 'Share of the time (%)', scale: 'linear', domain: [0, 100] },
    series,
    hatched: series,
    groups: bars.map(({ resource, name }, i) => ({
      label: name,
      ...(isOne ? {} : { section: resource }),
      values: values[i]!,
      texts: [percentText(Object.values(shares[i]!).reduce((a, b) => a + b, 0) / 100)],
    })),
  };
}

const scaled = (values: readonly (number | undefined)[], factor: number): readonly (number | undefined)[] =>
  values.map((v) => (v === undefined ? undefined : v * factor));

const sourceOf = (runs: readonly LabelledReport[], what: string): string =>
  `${modelsText(runs)}: ${what} of ${runs.length === 1 ? 'the run' : 'each run'}`;

/** Those that do anything, busiest first. */
const busyResources = (report: Report): readonly string[] =>
  busiestFirst(report).filter((name) => report.resources[name]!.busy_cycles > 0);

/** Cycles of one instance on average, by what it waits for; the analytic model knows only how many. */
function waitsOf(report: Report, resource: string): Parts {
  const { busy_cycles, instances } = report.resources[resource]!;
  const stalls = report.stalls_cycles?.[resource];
  if (stalls === undefined) return { 'not busy': Math.max(0, report.latency_cycles - busy_cycles / instances) };
  return Object.fromEntries(
    Object.entries(stalls).map(([cause, cycles]) => [causeText[cause as StallCause], cycles / instances]),
  );
}

/** Series in the order in which causes are told, whatever their sizes. */
function byCause({ series, values }: Stacks): Stacks {
  const order = [...stallCauses.map((cause) => causeText[cause]), ...series];
  const sorted = series.toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
  return { series: sorted, values: values.map((row) => sorted.map((name) => row[series.indexOf(name)])) };
}

const bytesOf = (report: Report, level: string): number => {
  const traffic = report.traffic_bytes[level];
  return traffic === undefined ? 0 : traffic.read + traffic.write;
};

const tensorBytes = (report: Report, level: string): Parts =>
  Object.fromEntries(
    Object.entries(report.traffic_bytes[level]!.by_tensor).map(([tensor, { read, write }]) => [tensor, read + write]),
  );
