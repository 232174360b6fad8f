import { significant } from '../report/quantity-text.ts';
import { drawFrame, drawXTicks, type Frame, linearTicks, tickGroup } from './axes.ts';
import { type Figure, type FigureOptions, tell, widthOf } from './figure.ts';
import { textWidth } from './label-placement.ts';
import { drawLegend, type LegendItem, legendRowHeight, legendRows } from './legend.ts';
import { colourOf, fontSize, ink } from './style.ts';
import type { D3, Svg } from './svg.ts';
import {
  drawLines,
  drawNote,
  drawText,
  drawTitle,
  lineHeight,
  margin,
  noteHeight,
  noteLines,
  shortenText,
  titleHeight,
  titleLines,
  wrapText,
} from './text.ts';
import { type Direction, layoutTornado, type Tornado, type TornadoLayout, type TornadoPanel } from './tornado.ts';

const rowHeight = 26;
/** Of a name that stands above its bars, where it would leave them too little room beside it. */
const nameHeight = 18;
const widestNames = 0.35;
/** Above a panel's title, and below the numbers of its axis. */
const panelGap = 12;
const tickHeight = 26;
/** Height of a bar, and of each of two that share a row. */
const barHeight = { whole: 16, upper: 11, under: 11 } as const;
const barTop = { whole: 5, upper: 2, under: 13 } as const;
const labelGap = 4;
const noteLine = fontSize.note * lineHeight;
const axisLine = fontSize.axis * lineHeight;

const colours = { lower: colourOf(0), higher: colourOf(1) } as const;

const legend: readonly LegendItem[] = (['lower', 'higher'] as const).map((side) => ({
  label: `parameter ${side}`,
  mark: { kind: 'fill', colour: colours[side], hatched: false },
}));

/** Room for the labels that stand on one side of the bars. */
const labelRoom = ({ rows }: TornadoLayout, direction: Direction): number =>
  Math.max(
    0,
    ...rows.flatMap(({ bars }) =>
      bars.filter((bar) => bar.direction === direction).map((bar) => textWidth(bar.label, fontSize.note)),
    ),
  ) +
  2 * labelGap;

/** Where the parts of a panel are, from its top. */
type PanelLayout = {
  readonly bars: TornadoLayout;
  readonly title: readonly string[];
  readonly xTitle: readonly string[];
  readonly note: readonly string[];
  /** Names stand beside the bars, or above them where they are wide. */
  readonly beside: boolean;
  readonly row: number;
  readonly frame: Frame;
  readonly height: number;
};

function layoutPanel(panel: TornadoPanel, width: number): PanelLayout {
  const bars = layoutTornado(panel);
  const names = Math.max(0, ...bars.rows.map(({ label }) => textWidth(label, fontSize.label)));
  const beside = names <= width * widestNames;
  const row = beside ? rowHeight : rowHeight + nameHeight;
  const title = wrapText(panel.title, (width - 2 * margin) / 1.08, fontSize.axis);
  const top = panelGap + title.length * axisLine + 6;
  const left = beside ? margin + names + 8 : margin;
  const frame = { left, right: width - margin, top, bottom: top + Math.max(1, bars.rows.length) * row };
  const xTitle = wrapText(panel.x, frame.right - frame.left, fontSize.axis);
  const note = panel.note === undefined ? [] : noteLines(panel.note, width);
  const foot = tickHeight + xTitle.length * axisLine + 8 + note.length * noteLine;
  return { bars, title, xTitle, note, beside, row, frame, height: frame.bottom + foot };
}

function drawPanel(svg: Svg, d3: D3, panel: TornadoPanel, layout: PanelLayout, top: number): void {
  const { bars, beside, row } = layout;
  const frame = { ...layout.frame, top: top + layout.frame.top, bottom: top + layout.frame.bottom };
  const x = d3
    .scaleLinear()
    .domain(bars.x)
    .range([frame.left + labelRoom(bars, -1), frame.right - labelRoom(bars, 1)]);
  drawLines(svg, layout.title, margin, top + panelGap + fontSize.axis, { size: fontSize.axis, weight: 'bold' });
  drawXTicks(tickGroup(svg), linearTicks(bars.x), x, frame);
  bars.rows.forEach(({ label, bars: pair }, i) => {
    const rowTop = frame.top + i * row + (beside ? 0 : nameHeight);
    if (beside) drawText(svg, label, frame.left - 8, rowTop + 17, { anchor: 'end' });
    else drawText(svg, shortenText(label, frame.right - frame.left - 8, fontSize.label), frame.left + 4, rowTop - 2);
    for (const { side, to, direction, band, label: value } of pair) {
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
  drawLines(svg, layout.xTitle, (frame.left + frame.right) / 2, frame.bottom + tickHeight + fontSize.axis, {
    anchor: 'middle',
    size: fontSize.axis,
  });
  const notesTop = frame.bottom + tickHeight + layout.xTitle.length * axisLine + 8;
  drawLines(svg, layout.note, margin, notesTop + fontSize.note, { size: fontSize.note, colour: ink.axis });
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
  const title = titleLines(tornado.title, width);
  const subtitle = tornado.subtitle.flatMap((text) => noteLines(text, width));
  const legendTop = titleHeight(title) + subtitle.length * noteLine + 4;
  const rows = legendRows(legend, width - 2 * margin);
  const panels = tornado.panels.map((panel) => ({ panel, layout: layoutPanel(panel, width) }));
  const head = legendTop + rows.length * legendRowHeight;
  const source = noteLines(tornado.source, width);
  const bottom = panels.reduce((sum, { layout }) => sum + layout.height, head);
  const height = Math.ceil(bottom + noteHeight(source));
  return {
    title: tornado.title,
    description: describe(tornado),
    size: { width, height },
    draw: (svg, d3) => {
      drawTitle(svg, title);
      drawLines(svg, subtitle, margin, titleHeight(title) + fontSize.note, { size: fontSize.note, colour: ink.axis });
      drawLegend(svg, d3, rows, margin, legendTop);
      let top = head;
      for (const { panel, layout } of panels) {
        drawPanel(svg, d3, panel, layout, top);
        top += layout.height;
      }
      drawNote(svg, source, height);
    },
  };
}
