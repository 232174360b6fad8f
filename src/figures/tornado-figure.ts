import { significant } from '../report/quantity-text.ts';
import { drawFrame, drawTitles, drawXTicks, type Frame, linearTicks, tickGroup } from './axes.ts';
import { type Figure, type FigureOptions, tell, widthOf } from './figure.ts';
import { textWidth } from './label-placement.ts';
import { drawLegend, type LegendItem, legendRowHeight, legendRows } from './legend.ts';
import { colourOf, fontSize, ink } from './style.ts';
import type { D3, Svg } from './svg.ts';
import { type Direction, layoutTornado, type Tornado, type TornadoLayout, type TornadoPanel } from './tornado.ts';

const margin = 24;
const titleHeight = 44;
const lineHeight = 16;
const rowHeight = 26;
/** Of a panel: its title above, the numbers and the title of its axis below. */
const panelHead = 30;
const axisHeight = 56;
const sourceHeight = 24;
/** Height of a bar, and of each of two that share a row. */
const barHeight = { whole: 16, upper: 11, under: 11 } as const;
const barTop = { whole: 5, upper: 2, under: 13 } as const;
const labelGap = 4;

const colours = { lower: colourOf(0), higher: colourOf(1) } as const;

const legend: readonly LegendItem[] = (['lower', 'higher'] as const).map((side) => ({
  label: `parameter ${side}`,
  mark: { kind: 'symbol', shape: (d3) => d3.symbolSquare, colour: colours[side], filled: true },
}));

/** Words in as many lines as they need. */
function linesOf(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length === 0 || textWidth(longer, fontSize.note) > width - 2 * margin) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

const noteLines = ({ note }: TornadoPanel, width: number): readonly string[] =>
  note === undefined ? [] : linesOf(note, width);

const panelHeight = (panel: TornadoPanel, width: number): number =>
  panelHead + Math.max(1, panel.rows.length) * rowHeight + axisHeight + noteLines(panel, width).length * lineHeight;

type Style = { readonly anchor?: string; readonly size?: number; readonly colour?: string; readonly weight?: string };

function drawText(svg: Svg, text: string, x: number, y: number, style: Style = {}): void {
  svg
    .append('text')
    .attr('x', x)
    .attr('y', y)
    .attr('text-anchor', style.anchor ?? 'start')
    .attr('font-size', style.size ?? fontSize.label)
    .attr('font-weight', style.weight ?? null)
    .attr('fill', style.colour ?? ink.text)
    .text(text);
}

/** Room for the labels that stand on one side of the bars. */
const labelRoom = ({ rows }: TornadoLayout, direction: Direction): number =>
  Math.max(
    0,
    ...rows.flatMap(({ bars }) =>
      bars.filter((bar) => bar.direction === direction).map((bar) => textWidth(bar.label, fontSize.note)),
    ),
  ) +
  2 * labelGap;

function drawPanel(svg: Svg, d3: D3, panel: TornadoPanel, top: number, width: number): void {
  const layout = layoutTornado(panel);
  const names = Math.max(0, ...layout.rows.map(({ label }) => textWidth(label, fontSize.label)));
  const frame: Frame = {
    left: margin + names + 8,
    right: width - margin,
    top: top + panelHead,
    bottom: top + panelHead + Math.max(1, layout.rows.length) * rowHeight,
  };
  const x = d3
    .scaleLinear()
    .domain(layout.x)
    .range([frame.left + labelRoom(layout, -1), frame.right - labelRoom(layout, 1)]);
  drawText(svg, panel.title, margin, top + 20, { size: fontSize.axis, weight: 'bold' });
  drawXTicks(tickGroup(svg), linearTicks(layout.x), x, frame);
  layout.rows.forEach(({ label, bars }, i) => {
    const rowTop = frame.top + i * rowHeight;
    drawText(svg, label, frame.left - 8, rowTop + 17, { anchor: 'end' });
    for (const { side, to, direction, band, label: value } of bars) {
      const barMiddle = rowTop + barTop[band] + barHeight[band] / 2;
      const mark = svg
        .append('rect')
        .attr('x', Math.min(x(0), x(to)))
        .attr('y', rowTop + barTop[band])
        .attr('width', Math.abs(x(to) - x(0)))
        .attr('height', barHeight[band])
        .attr('fill', colours[side]);
      tell(mark, `${label}, ${side} (${value}): ${significant(to)} (${panel.x})`);
      drawText(svg, value, x(to) + direction * labelGap, barMiddle + 4, {
        anchor: direction < 0 ? 'end' : 'start',
        size: fontSize.note,
        colour: colours[side],
      });
    }
  });
  svg
    .append('line')
    .attr('x1', x(0))
    .attr('y1', frame.top)
    .attr('x2', x(0))
    .attr('y2', frame.bottom)
    .attr('stroke', ink.axis);
  drawFrame(svg, frame);
  drawTitles(svg, { x: panel.x, y: '', plot: undefined }, frame);
  noteLines(panel, width).forEach((line, i) => {
    drawText(svg, line, margin, frame.bottom + axisHeight + (i + 0.5) * lineHeight, {
      size: fontSize.note,
      colour: ink.axis,
    });
  });
}

function describe({ subtitle, panels }: Tornado): string {
  const most = panels.map((panel) => {
    const [first] = layoutTornado(panel).rows;
    return first === undefined
      ? `nothing moves ${panel.title}`
      : `${first.label} moves ${panel.title} most: ${first.bars.map((bar) => `${significant(bar.to)} with ${bar.label}`).join(', ')}`;
  });
  return `${subtitle.join('. ')}. In ${panels[0]?.x ?? '%'}: ${most.join('; ')}.`;
}

/** Bars left and right of what is, a row for each parameter. It grows with its panels and their rows. */
export function tornadoFigure(tornado: Tornado, options: FigureOptions = {}): Figure {
  const width = widthOf(options);
  const subtitle = tornado.subtitle.flatMap((text) => linesOf(text, width));
  const head = titleHeight + subtitle.length * lineHeight + legendRowHeight;
  const height = tornado.panels.reduce((sum, panel) => sum + panelHeight(panel, width), head) + sourceHeight;
  return {
    title: tornado.title,
    description: describe(tornado),
    size: { width, height },
    draw: (svg, d3) => {
      drawText(svg, tornado.title, margin, 28, { size: fontSize.title, weight: 'bold' });
      subtitle.forEach((line, i) => {
        drawText(svg, line, margin, titleHeight + (i + 0.5) * lineHeight, { size: fontSize.note, colour: ink.axis });
      });
      drawLegend(svg, d3, legendRows(legend, width - 2 * margin), margin, titleHeight + subtitle.length * lineHeight);
      let top = head;
      for (const panel of tornado.panels) {
        drawPanel(svg, d3, panel, top, width);
        top += panelHeight(panel, width);
      }
      drawText(svg, tornado.source, margin, height - 8, { size: fontSize.note, colour: ink.axis });
    },
  };
}
