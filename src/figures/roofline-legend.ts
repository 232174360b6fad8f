import type { SymbolType } from 'd3';
import { rateText } from '../report/quantity-text.ts';
import { type LegendItem, type LegendRows, legendRows, type Mark, pointShape } from './legend.ts';
import type { RooflineLabels } from './roofline-labels.ts';
import { drawablePoints, pointText, type RooflinePlot } from './roofline-layout.ts';
import { arrowColour, type RooflineScene } from './roofline-scene.ts';
import { colourOf, dashOf, ink } from './style.ts';
import type { D3 } from './svg.ts';

function meanings({ plot, arrows }: RooflineScene, isNumbered: boolean): LegendItem[] {
  const points = drawablePoints(plot);
  const symbol = (shape: (d3: D3) => SymbolType, filled: boolean): Mark => ({
    kind: 'symbol',
    shape,
    colour: ink.axis,
    filled,
  });
  const items: LegendItem[] = [{ label: 'ridge point', mark: symbol((d3) => d3.symbolDiamond, false) }];
  if (points.length > 0) {
    const outer = [...new Set(points.map((p) => plot.machines[p.machine]!.levels[0]!.name))].join(' or ');
    const hasInner = points.some((p) => p.intensities_ops_per_byte.length > 1);
    const label = hasInner ? `run, at its ${outer} traffic` : 'run';
    if (!isNumbered) items.push({ label, mark: symbol((d3) => d3.symbolCircle, true) });
    if (hasInner) items.push({ label: 'at its inner traffic', mark: symbol((d3) => d3.symbolCircle, false) });
    items.push({ label: 'gap to the roof', mark: { kind: 'line', colour: ink.axis, dash: '1.5 3', upright: true } });
  }
  if (plot.machines.some((m) => m.ceilings.length > 0))
    items.push({ label: 'ceiling of a unit', mark: { kind: 'line', colour: ink.axis, dash: '5 3' } });
  if (arrows.length > 0) items.push({ label: 'before and after', mark: { kind: 'arrow', colour: arrowColour } });
  return items;
}

const runItems = (plot: RooflinePlot): LegendItem[] =>
  drawablePoints(plot).map((point, i) => ({
    label: `${i + 1}  ${pointText(plot, point).join(': ')}`,
    mark: { kind: 'symbol', shape: (d3) => pointShape(d3, i), colour: colourOf(point.machine), filled: true },
  }));

/** Lines whose labels had no room beside them. */
function unplacedItems({ plot, layout }: RooflineScene, { unplaced }: RooflineLabels): LegendItem[] {
  const slopes = unplaced.slopes.map((i): LegendItem => {
    const { machine, level } = layout.slopes[i]!;
    const { name, bandwidth_bytes_per_s } = plot.machines[machine]!.levels[level]!;
    const dash = dashOf(level);
    return {
      label: `${name} ${rateText(bandwidth_bytes_per_s, 'B/s')}`,
      mark: { kind: 'line', colour: colourOf(machine), ...(dash === undefined ? {} : { dash }) },
    };
  });
  const ceilings = unplaced.ceilings.map((i): LegendItem => {
    const { machine, label, line } = layout.ceilings[i]!;
    return {
      label: `${label}: ${rateText(line.y1, 'FLOP/s')}`,
      mark: { kind: 'line', colour: colourOf(machine), dash: '5 3' },
    };
  });
  return [...slopes, ...ceilings];
}

/** Machines and what marks mean; numbered runs begin a row of their own. */
export function rooflineLegend(scene: RooflineScene, labels: RooflineLabels, width: number): LegendRows {
  const { plot, layout } = scene;
  const isUnplaced = (machine: number): boolean =>
    labels.unplaced.roofs.some((i) => layout.roofs[i]!.machine === machine);
  const machines = plot.machines.map((m, i): LegendItem => {
    const peak = isUnplaced(i) ? `, peak ${rateText(m.peak_ops_per_s, 'FLOP/s')}` : '';
    return { label: `${m.name}${peak}`, mark: { kind: 'line', colour: colourOf(i) } };
  });
  const items = [...machines, ...unplacedItems(scene, labels), ...meanings(scene, labels.isNumbered)];
  return [...legendRows(items, width), ...(labels.isNumbered ? legendRows(runItems(plot), width) : [])];
}
