import { scaleLog, ticks } from 'd3';
import { shortBetween } from '../sweep-condition.ts';
import { shownText } from '../sweep-quantity.ts';
import type { ViewColumn } from '../sweep-view.ts';

export type ScaleKind = 'linear' | 'log' | 'listed';

/** Where the values of a column are along an axis, from 0 to 1. */
export type ColumnScale = {
  readonly kind: ScaleKind;
  /** By code; rows without a number have none. */
  readonly shares: Float64Array;
  readonly shareOf: (value: number) => number;
  /** A short number about there, between where one pixel and the next are. */
  readonly valueAt: (share: number, pixel: number) => number;
  readonly ticks: readonly { readonly share: number; readonly text: string }[];
  readonly hasNone: boolean;
};

/** Values over more than this factor are on a logarithmic axis. */
const linearFactor = 20;
/** Most ticks; columns that are varied through no more values have one at each. */
const mostTold = 12;

const extent = (values: Float64Array): readonly [number, number] => {
  const finite = values.filter(Number.isFinite);
  return [finite[0] ?? 0, finite.at(-1) ?? 1];
};

/** Whether a column has a logarithm; and the kind that suits it. */
export const canBeLog = (column: ViewColumn): boolean => column.kind === 'number' && extent(column.values)[0] > 0;

export function usualKind(column: ViewColumn): ScaleKind {
  if (column.kind === 'text') return 'listed';
  const [least, most] = extent(column.values);
  return least > 0 && most / least > linearFactor ? 'log' : 'linear';
}

export function columnScale(column: ViewColumn, kind: ScaleKind): ColumnScale {
  const hasNone = column.codes.includes(column.values.length);
  if (column.kind === 'text') return { ...listedScale(column.values), hasNone };
  const [least, most] = extent(column.values);
  const isLog = kind === 'log' && least > 0;
  const to = isLog ? Math.log : (value: number): number => value;
  const back = isLog ? Math.exp : (value: number): number => value;
  const [low, high] = [to(least), to(most)];
  const shareOf = (value: number): number => (high > low ? (to(value) - low) / (high - low) : 0.5);
  const shares = new Float64Array(column.values.length + 1).fill(Number.NaN);
  column.values.forEach((value, code) => {
    if (Number.isFinite(value)) shares[code] = shareOf(value);
  });
  const at = (share: number): number => back(low + share * (high - low));
  return {
    kind: isLog ? 'log' : 'linear',
    shares,
    shareOf,
    valueAt: (share, pixel) => shortBetween(at(share - pixel / 2), at(share + pixel / 2)),
    ticks: tickValues(column, isLog).map((value) => ({
      share: shareOf(value),
      text: shownText(value, column.unit),
    })),
    hasNone: hasNone || !column.values.every(Number.isFinite),
  };
}

function listedScale(values: readonly string[]): Omit<ColumnScale, 'hasNone'> {
  const shareOf = (code: number): number => (values.length > 1 ? code / (values.length - 1) : 0.5);
  const shares = new Float64Array(values.length + 1).fill(Number.NaN);
  values.forEach((_, code) => {
    shares[code] = shareOf(code);
  });
  return {
    kind: 'listed',
    shares,
    shareOf,
    valueAt: (share) => Math.round(share * (values.length - 1)),
    ticks: values.map((text, code) => ({ share: shareOf(code), text })),
  };
}

function tickValues(
  { values, role }: Extract<ViewColumn, { readonly kind: 'number' }>,
  isLog: boolean,
): readonly number[] {
  const finite = [...values.filter(Number.isFinite)];
  if (role !== 'metric' && finite.length <= mostTold) return finite;
  const [least, most] = extent(values);
  if (!isLog) return ticks(least, most, 5);
  const all = scaleLog().domain([least, most]).ticks();
  for (const leads of [
    all,
    all.filter((t) => /^[125]/.test(t.toExponential())),
    all.filter((t) => /^1e/.test(t.toExponential())),
  ])
    if (leads.length <= mostTold) return leads;
  return all
    .filter((t) => /^1e/.test(t.toExponential()))
    .filter((_, i, { length }) => i % Math.ceil(length / mostTold) === 0);
}
