import { bytesText, countText, engineering, percentText, rateText, signedPercent } from '../report/quantity-text.ts';
import type { Report } from '../report/report.ts';
import { outermostTraffic } from '../report/summary.ts';

/** A figure of a run beside what it would be: a row of the answer to what if. */
export type AnswerRow = {
  readonly name: string;
  /** As simulated; undefined where the run was not. */
  readonly simulated: string | undefined;
  /** In closed form, as it is. */
  readonly base: string;
  /** In closed form, as it would be. */
  readonly changed: string;
  /** The number that this says; undefined: it says none. */
  readonly value: number | undefined;
  readonly change: string;
  readonly direction: 'more' | 'less' | 'none';
};

type Quantity = {
  readonly name: string;
  readonly of: (report: Report) => number | undefined;
  readonly text: (value: number) => string;
  /** Shares are subtracted, not divided. */
  readonly isShare?: boolean;
};

const cycles = (value: number): string => countText(value, 'cycles');

const quantities: readonly Quantity[] = [
  { name: 'time', of: (r) => r.latency_s, text: (s) => engineering(s, 's') },
  { name: 'cycles', of: (r) => r.latency_cycles, text: cycles },
  { name: 'energy', of: (r) => (r.energy_j > 0 ? r.energy_j : undefined), text: (j) => engineering(j, 'J') },
  { name: 'performance', of: (r) => r.roofline?.achieved_ops_per_s, text: (v) => rateText(v, 'FLOP/s') },
  {
    name: 'of the roof',
    of: (r) => (r.roofline === null ? undefined : r.roofline.achieved_ops_per_s / r.roofline.attainable_ops_per_s),
    text: percentText,
    isShare: true,
  },
  { name: 'outermost traffic', of: (r) => outermostTraffic(r)?.bytes, text: bytesText },
  { name: 'power', of: (r) => r.power?.average_w, text: (w) => `${w.toFixed(0)} W` },
  { name: 'area', of: (r) => (r.area_mm2 > 0 ? r.area_mm2 : undefined), text: (a) => `${a.toPrecision(4)} mm²` },
];

function changeOf(base: number, changed: number, isShare: boolean): Pick<AnswerRow, 'change' | 'direction'> {
  if (base === changed || (!isShare && base === 0)) return { change: '', direction: 'none' };
  const difference = isShare ? changed - base : changed / base - 1;
  return {
    change: `${signedPercent(difference)}${isShare ? ' points' : '%'}`,
    direction: difference > 0 ? 'more' : 'less',
  };
}

const limitOf = ({ bound, resources, latency_cycles }: Report): string =>
  latency_cycles === 0 ? '-' : `${bound.resource}, ${percentText(resources[bound.resource]!.busy_share)} busy`;

/** What would change, in closed form on both sides; the simulation stands beside it and is not computed again. */
export function answerRows(base: Report, changed: Report, simulated: Report | undefined): readonly AnswerRow[] {
  const rows = quantities.flatMap(({ name, of, text, isShare = false }): AnswerRow[] => {
    const [a, b] = [of(base), of(changed)];
    if (a === undefined || b === undefined) return [];
    const beside = simulated === undefined ? undefined : of(simulated);
    return [
      {
        name,
        simulated: beside === undefined ? undefined : text(beside),
        base: text(a),
        changed: text(b),
        value: b,
        ...changeOf(a, b, isShare),
      },
    ];
  });
  const limits = [base, changed].map(limitOf);
  return [
    ...rows,
    {
      name: 'limited by',
      simulated: simulated === undefined ? undefined : limitOf(simulated),
      base: limits[0]!,
      changed: limits[1]!,
      value: undefined,
      change: base.bound.resource === changed.bound.resource ? '' : 'moved',
      direction: 'none',
    },
  ];
}
