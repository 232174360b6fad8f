import { drawFrame, drawYTicks, type Frame, tickGroup } from './axes.ts';
import { type BarChart, type BarLayout, layoutBars } from './bar-layout.ts';
import { axisTicks } from './chart.ts';
import { barText } from './describe-chart.ts';
import { tell } from './figure.ts';
import { hatching } from './hatching.ts';
import { textWidth } from './label-placement.ts';
import type { PlotFrame } from './plot-frame.ts';
import { type Scale, scaleOf } from './scale.ts';
import { colourOf, fontSize, ink } from './style.ts';
import type { D3, Svg } from './svg.ts';
import { drawLines, drawText, lineHeight, shortenText, widestWord, wrapText } from './text.ts';

/** Inside of the frame, left and right of all bars. */
const inset = 6;
/** Room inside the frame for what stands above the highest bar. */
const headroom = 20;
const slant = (40 * Math.PI) / 180;
const longestName = 150;
const mostLines = 3;
/** A bold face is a little wider. */
const boldWidth = 1.08;
const tickLine = fontSize.tick * lineHeight;

/** Names of groups and sections under their bars. Lengths are pixels. */
export type BarFoot = {
  readonly kind: 'upright' | 'slanted';
  /** Names of sections that would be cut beside each other are slanted. */
  readonly sectionKind: 'upright' | 'slanted';
  readonly groups: readonly (readonly string[])[];
  readonly sections: readonly (readonly string[])[];
  readonly groupHeight: number;
  readonly height: number;
  /** How far left of the area the names reach. */
  readonly overhang: number;
};

/** In lines where they fit between their neighbours; else slanted, and cut where they are very long. */
export function layoutFoot(chart: BarChart, width: number): BarFoot {
  const { groups, sections } = layoutBars(chart);
  const room = width - 2 * inset;
  const widthAt = (i: number): number => groups[i]!.width * room * 0.94;
  const wrapped = groups.map((g, i) => wrapText(g.label, widthAt(i), fontSize.tick));
  const fits = groups.every(
    (g, i) => wrapped[i]!.length <= mostLines && widestWord(g.label, fontSize.tick) <= widthAt(i),
  );
  const cut = groups.map((g) => shortenText(g.label, longestName, fontSize.tick));
  const most = Math.max(0, ...cut.map((text) => textWidth(text, fontSize.tick)));
  const groupHeight = fits
    ? 8 + Math.max(1, ...wrapped.map((l) => l.length)) * tickLine
    : 16 + most * Math.sin(slant) + 6;
  const roomOf = (s: BarLayout['sections'][number]): number => (s.to - s.from) * room - 4;
  const isSlanted = sections.some((s) => widestWord(s.label, fontSize.label * boldWidth) > roomOf(s));
  const named = sections.map((s): readonly string[] => {
    if (s.label === '') return [];
    if (isSlanted) return [shortenText(s.label, longestName, fontSize.label * boldWidth)];
    return wrapText(s.label, roomOf(s), fontSize.label * boldWidth);
  });
  const sectionLines = Math.max(0, ...named.map((l) => l.length));
  const across = (text: string): number => textWidth(text, fontSize.label * boldWidth);
  const sectionHeight = isSlanted
    ? 20 + Math.max(0, ...named.flat().map(across)) * Math.sin(slant)
    : 12 + sectionLines * tickLine;
  const sectionOverhangs = isSlanted
    ? sections.map((s, i) => across(named[i]![0] ?? '') * Math.cos(slant) - inset - ((s.from + s.to) / 2) * room)
    : [];
  return {
    kind: fits ? 'upright' : 'slanted',
    sectionKind: isSlanted ? 'slanted' : 'upright',
    groups: fits ? wrapped : cut.map((text) => [text]),
    sections: named,
    groupHeight,
    height: groupHeight + (sectionLines === 0 ? 0 : sectionHeight),
    overhang: Math.max(
      0,
      ...sectionOverhangs,
      ...(fits
        ? []
        : cut.map((t, i) => textWidth(t, fontSize.tick) * Math.cos(slant) - inset - groups[i]!.middle * room)),
    ),
  };
}

/** Of slanted names as many as have room beside each other: all, or every second, third, ... */
const shownEvery = (pitch: number): number => Math.max(1, Math.ceil((fontSize.tick * 1.1) / (pitch * Math.sin(slant))));

function drawFoot(svg: Svg, layout: BarLayout, foot: BarFoot, across: Scale, frame: Frame): void {
  const pitches = layout.groups.slice(1).map((g, i) => across(g.middle) - across(layout.groups[i]!.middle));
  const every = foot.kind === 'upright' ? 1 : shownEvery(Math.min(...pitches));
  layout.groups.forEach((group, i) => {
    // The marks of the others tell their names.
    if (i % every > 0) return;
    const x = across(group.middle);
    if (foot.kind === 'upright')
      drawLines(svg, foot.groups[i]!, x, frame.bottom + 5 + fontSize.tick, { anchor: 'middle', size: fontSize.tick });
    else
      drawText(svg, foot.groups[i]![0]!, x, frame.bottom + 15, { anchor: 'end', size: fontSize.tick }).attr(
        'transform',
        `rotate(-40 ${x} ${frame.bottom + 11})`,
      );
  });
  layout.sections.forEach(({ from, to, label }, i) => {
    if (label === '') return;
    const y = frame.bottom + foot.groupHeight + 4;
    svg
      .append('line')
      .attr('x1', across(from) + 2)
      .attr('y1', y)
      .attr('x2', across(to) - 2)
      .attr('y2', y)
      .attr('stroke', ink.axis)
      .attr('stroke-width', 1.2);
    const x = across((from + to) / 2);
    if (foot.sectionKind === 'slanted')
      drawText(svg, foot.sections[i]![0]!, x, y + 15, { anchor: 'end', weight: 'bold' }).attr(
        'transform',
        `rotate(-40 ${x} ${y + 11})`,
      );
    else drawLines(svg, foot.sections[i]!, x, y + 4 + fontSize.label, { anchor: 'middle', weight: 'bold' });
  });
}

type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** The name of a part inside it, where it has room: without colours the legend would not tell which is which. */
function namePart(svg: Svg, name: string, box: Box, fill: string): void {
  const width = textWidth(name, fontSize.note) + 8;
  const height = fontSize.note + 5;
  if (width > box.width || height > box.height) return;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  // A hatching would cut the letters.
  const plate = { x: x - width / 2, y: y - height / 2, width, height };
  drawBox(svg, plate, fill).attr('pointer-events', 'none');
  drawText(svg, name, x, y + fontSize.note * 0.36, {
    anchor: 'middle',
    size: fontSize.note,
    colour: ink.paper,
  }).attr('pointer-events', 'none');
}

const drawBox = (svg: Svg, { x, y, width, height }: Box, fill: string): Svg =>
  svg.append('rect').attr('x', x).attr('y', y).attr('width', width).attr('height', height).attr('fill', fill);

function drawTexts(svg: Svg, chart: BarChart, layout: BarLayout, across: Scale, y: Scale): void {
  chart.groups.forEach((group, g) => {
    const bars = layout.bars.filter((bar) => bar.group === g);
    group.texts?.forEach((text, i) => {
      const bar = chart.stacked === true ? bars.at(-1) : bars.find((b) => b.series === i);
      if (bar === undefined) return;
      const room = chart.stacked === true ? layout.groups[g]!.width : bar.width;
      // The tooltips of the bars tell it, too.
      if (textWidth(text, fontSize.note) > (across(room) - across(0)) * 1.06) return;
      drawText(svg, text, across(bar.x + bar.width / 2), y(bar.to) - 5, { anchor: 'middle', size: fontSize.note });
    });
  });
}

/** Draws bars, their names and their numbers; gives the scale of the y axis. */
export function drawBars(svg: Svg, chart: BarChart, d3: D3, { area }: PlotFrame, foot: BarFoot): Scale {
  const layout = layoutBars(chart);
  const top = chart.groups.some((g) => g.texts !== undefined) ? area.top + headroom : area.top;
  const y = scaleOf(d3, chart.y, layout.y, [area.bottom, top]);
  const across = d3.scaleLinear().range([area.left + inset, area.right - inset]);
  drawYTicks(tickGroup(svg), axisTicks(chart.y, layout.y), y, area);
  for (const bar of layout.bars) {
    const [from, to] = [y(bar.from), y(bar.to)];
    const name = chart.series[bar.series]!;
    const fill = colourOf(bar.series);
    const box = {
      x: across(bar.x),
      y: Math.min(from, to),
      width: across(bar.width) - across(0),
      height: Math.abs(from - to),
    };
    // Edges of paper keep parts apart where colours do not.
    const mark = drawBox(svg, box, fill).attr('stroke', ink.paper).attr('stroke-width', 0.8);
    tell(mark, barText(chart, bar));
    if (chart.hatched?.includes(name) === true)
      svg
        .append('path')
        .attr('d', hatching(box))
        .attr('stroke', ink.paper)
        .attr('stroke-width', 1.6)
        .attr('pointer-events', 'none');
    if (chart.stacked === true) namePart(svg, name, box, fill);
  }
  drawFrame(svg, area);
  drawTexts(svg, chart, layout, across, y);
  drawFoot(svg, layout, foot, across, area);
  return y;
}
