import { countText, engineering, percentText } from '../report/quantity-text.ts';
import { drawXTicks, type Frame, linearTicks, tickGroup } from './axes.ts';
import { type Figure, type FigureOptions, tell, widthOf } from './figure.ts';
import { hatching } from './hatching.ts';
import { textWidth } from './label-placement.ts';
import { drawLegend, type LegendItem, legendRowHeight, legendRows } from './legend.ts';
import { colourCount, colourOf, fontSize, ink } from './style.ts';
import type { Svg } from './svg.ts';
import {
  drawLines,
  drawText,
  drawTitle,
  margin,
  noteHeight,
  noteLines,
  shortenText,
  titleHeight,
  titleLines,
} from './text.ts';
import { operationText, type TimelineData, type TimelineRow, type TimelineSlice } from './timeline-data.ts';

const laneHeight = 22;
const rowGap = 6;
/** Of the name above a lane where there is no room beside it. */
const nameHeight = 17;
/** Figures as wide as this have names beside the lanes. */
const wide = 560;
const axisHeight = 52;
/** Numbers of the axis of a figure that is not wide. */
const mostNarrowTicks = 5;

/** Colours, and then the same ones hatched; what comes after these is grey. */
const looks = (subject: number): { readonly colour: string; readonly hatched: boolean } =>
  subject < 2 * colourCount
    ? { colour: colourOf(subject), hatched: subject >= colourCount }
    : { colour: ink.leader, hatched: false };

function legendOf({ subjects }: TimelineData): readonly LegendItem[] {
  const item = (label: string, subject: number): LegendItem => ({ label, mark: { kind: 'fill', ...looks(subject) } });
  const rest = subjects.slice(2 * colourCount);
  return [
    ...subjects.slice(0, 2 * colourCount).map(item),
    ...(rest.length === 0 ? [] : [item('others', 2 * colourCount)]),
  ];
}

const lengthText = ({ clock_hz }: TimelineData, cycles: number): string =>
  `${countText(cycles, 'cycles')} (${engineering(cycles / clock_hz, 's')})`;

function windowText(data: TimelineData): string {
  const { from_cycles, to_cycles, run_cycles, period, across } = data;
  const shown = `${lengthText(data, to_cycles - from_cycles)} of ${lengthText(data, run_cycles)}, after ${countText(from_cycles, 'cycles')}`;
  const iteration =
    period === undefined
      ? ''
      : ` An iteration of loop ${period.loop} (dashed lines) takes ${countText(period.cycles, 'cycles')} and comes ${countText(period.times, 'times')}.`;
  const one =
    across === undefined || across.instances < 2
      ? ''
      : ` One of ${across.instances} ${across.level} is shown, and of the ports that all share only what it moves.`;
  return `${shown}.${iteration}${one}`;
}

function describe(data: TimelineData): string {
  const busiest = data.rows.toSorted((a, b) => b.busy_share - a.busy_share).slice(0, 3);
  const busy = busiest.map((row) => `${row.name} is busy ${percentText(row.busy_share)} of the time`).join(', ');
  return `What units and ports do in ${windowText(data)} ${busy}.`;
}

function sliceText(data: TimelineData, slice: TimelineSlice): string {
  const name = operationText(slice.kind, data.subjects[slice.subject]!);
  const from = slice.from_cycles - data.from_cycles;
  const at = `${countText(slice.to_cycles - slice.from_cycles, 'cycles')} from ${countText(from, '').trim()}`;
  if (slice.count > 1)
    return `${countText(slice.count, 'operations')}, ${slice.mixed === true ? 'mostly ' : ''}${name}: ${at}`;
  return `${name}: ${at}${slice.waited === undefined ? '' : `; it waited for ${slice.waited}`}`;
}

function drawSlice(
  svg: Svg,
  data: TimelineData,
  slice: TimelineSlice,
  y: number,
  scale: (cycles: number) => number,
): void {
  const { colour, hatched } = looks(slice.subject);
  const [from, to] = [scale(slice.from_cycles), scale(slice.to_cycles)];
  const gap = to - from > 4 ? 1 : 0;
  const box = { x: from, y: y + 1, width: Math.max(0.6, to - from - gap), height: laneHeight - 2 };
  const share = slice.busy_cycles / (slice.to_cycles - slice.from_cycles);
  const mark = svg
    .append('rect')
    .attr('x', box.x)
    .attr('y', box.y)
    .attr('width', box.width)
    .attr('height', box.height)
    .attr('fill', colour)
    // What is joined with gaps between is paler, as it would look from afar.
    .attr('fill-opacity', share < 0.995 ? Math.max(0.25, share) : null);
  tell(mark, sliceText(data, slice));
  if (hatched)
    svg
      .append('path')
      .attr('d', hatching(box))
      .attr('stroke', ink.paper)
      .attr('stroke-width', 1.4)
      .attr('pointer-events', 'none');
  const name = `${operationText(slice.kind, data.subjects[slice.subject]!)}${slice.mixed === true ? ', …' : ''}`;
  if (hatched || share < 0.995 || textWidth(name, fontSize.note) > box.width - 6) return;
  drawText(svg, name, box.x + box.width / 2, y + laneHeight / 2, {
    anchor: 'middle',
    size: fontSize.note,
    colour: ink.paper,
  })
    .attr('dy', '0.35em')
    .attr('pointer-events', 'none');
}

type Placed = { readonly data: TimelineData; readonly frame: Frame; readonly scale: (cycles: number) => number };

/** What a unit or port does, and where iterations begin. */
function drawLane(svg: Svg, row: TimelineRow, y: number, { data, frame, scale }: Placed): void {
  svg
    .append('rect')
    .attr('x', frame.left)
    .attr('y', y)
    .attr('width', frame.right - frame.left)
    .attr('height', laneHeight)
    .attr('fill', ink.grid);
  for (const slice of row.slices) drawSlice(svg, data, slice, y, scale);
  const { period, from_cycles, to_cycles } = data;
  for (let i = 0; period !== undefined && from_cycles + i * period.cycles <= to_cycles * (1 + 1e-9); i++) {
    const x = scale(from_cycles + i * period.cycles);
    svg
      .append('line')
      .attr('x1', x)
      .attr('x2', x)
      .attr('y1', y - rowGap / 2)
      .attr('y2', y + laneHeight + rowGap / 2)
      .attr('stroke', ink.axis)
      .attr('stroke-dasharray', '4 3');
  }
}

const rowText = ({ name, busy_share }: TimelineRow): string => `${name} ${percentText(busy_share)}`;

/** What units and ports do over time: a row each, with the share of the time that it is busy. */
export function timelineFigure(data: TimelineData, name: string, options: FigureOptions = {}): Figure {
  const width = widthOf(options);
  const isWide = width >= wide;
  const names = Math.min(width / 3, Math.max(0, ...data.rows.map((row) => textWidth(rowText(row), fontSize.label))));
  const title = titleLines(`Timeline: ${name}`, width);
  const notes = noteLines(windowText(data), width);
  const legend = legendRows(legendOf(data), width - 2 * margin);
  const legendTop = titleHeight(title) + noteHeight(notes);
  const top = legendTop + legend.length * legendRowHeight + 10;
  const above = isWide ? 0 : nameHeight;
  const rowHeight = above + laneHeight + rowGap;
  const frame: Frame = {
    left: margin + (isWide ? names + 10 : 0),
    right: width - margin - 4,
    top,
    bottom: top + data.rows.length * rowHeight,
  };
  const length = data.to_cycles - data.from_cycles;
  return {
    title: `Timeline: ${name}`,
    description: describe(data),
    size: { width, height: Math.ceil(frame.bottom + axisHeight) },
    draw: (svg, d3) => {
      drawTitle(svg, title);
      drawLines(svg, notes, margin, titleHeight(title) + fontSize.note, { size: fontSize.note, colour: ink.axis });
      drawLegend(svg, d3, legend, margin, legendTop);
      const scale = d3.scaleLinear().domain([0, length]).range([frame.left, frame.right]);
      const ticks = linearTicks([0, length]);
      const every = isWide ? 1 : Math.ceil(ticks.length / mostNarrowTicks);
      drawXTicks(
        tickGroup(svg),
        ticks.filter((_, i) => i % every === 0),
        scale,
        frame,
      );
      const placed = { data, frame, scale: (cycles: number) => scale(cycles - data.from_cycles) };
      data.rows.forEach((row, i) => {
        const y = top + i * rowHeight + above + rowGap / 2;
        drawLane(svg, row, y, placed);
        if (isWide) {
          const text = shortenText(rowText(row), names, fontSize.label);
          drawText(svg, text, frame.left - 10, y + laneHeight / 2, { anchor: 'end' }).attr('dy', '0.35em');
        } else drawText(svg, rowText(row), margin, y - 5);
      });
      const middle = (frame.left + frame.right) / 2;
      drawText(svg, 'cycles', middle, frame.bottom + 40, { anchor: 'middle', size: fontSize.axis });
    },
  };
}
