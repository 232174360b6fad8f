import { interpolateViridis } from 'd3';
import { colourOf, darkColourOf, ink } from '../../figures/style.ts';
import { shownText } from '../sweep-quantity.ts';
import type { ViewColumn } from '../sweep-view.ts';
import { columnScale, usualKind } from './sweep-scale.ts';
import { isDark } from './theme.ts';

/** A colour by code, and what the colours stand for. */
export type Colouring = {
  readonly byCode: readonly string[];
  readonly legend: readonly { readonly text: string; readonly colour: string }[];
};

/** Colours of rows by a column; without one all are alike. */
export type Coloured = Colouring & { readonly codes: Uint16Array | undefined };

/** Colours of texts; what comes after them is drawn in one. */
const mostColours = 7;
/** Samples of a range of numbers that a legend has. */
const mostSteps = 8;

/** A colour of the figures in the light that there is. */
export const themed = (colour: string): string => (isDark() ? darkColourOf(colour) : colour);

/** From low to high, without the end that is like the paper. */
const rising = (share: number): string => interpolateViridis(isDark() ? 0.25 + share * 0.75 : share * 0.85);

export function colouring(column: ViewColumn | undefined): Colouring {
  const none = themed(ink.leader);
  if (column === undefined) return { byCode: [], legend: [] };
  const withNone = column.codes.includes(column.values.length) ? [{ text: 'none', colour: none }] : [];
  if (column.kind === 'text') {
    const colours = column.values.map((_, code) => (code < mostColours ? themed(colourOf(code)) : none));
    const named = column.values.slice(0, mostColours).map((text, code) => ({ text, colour: colours[code]! }));
    const others = column.values.length > mostColours ? [{ text: 'others', colour: none }] : [];
    return { byCode: [...colours, none], legend: [...named, ...others, ...withNone] };
  }
  const scale = columnScale(column, usualKind(column));
  const { values, unit } = column;
  const colours = [...values].map((value, code) => (Number.isFinite(value) ? rising(scale.shares[code]!) : none));
  const told =
    values.length <= mostSteps
      ? [...values].map((value, code) => ({ text: shownText(value, unit), colour: colours[code]! }))
      : scale.ticks.map(({ share, text }) => ({ text, colour: rising(share) }));
  return { byCode: [...colours, none], legend: [...told, ...withNone] };
}
