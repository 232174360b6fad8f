import type { SymbolType } from 'd3';
import { type LegendItem, type LegendRows, legendRows, type Mark, pointShape } from './legend.ts';
import { drawablePoints, isNumbered, pointText, type RooflinePlot } from './roofline-layout.ts';
import { colourOf, ink } from './style.ts';
import type { D3 } from './svg.ts';

function meanings(plot: RooflinePlot): LegendItem[] {
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
    if (!isNumbered(plot)) items.push({ label, mark: symbol((d3) => d3.symbolCircle, true) });
    if (hasInner) items.push({ label: 'at its inner traffic', mark: symbol((d3) => d3.symbolCircle, false) });
    items.push({ label: 'gap to the roof', mark: { kind: 'line', colour: ink.axis, dash: '1.5 3', upright: true } });
  }
  if (plot.machines.some((m) => m.ceilings.length > 0))
    items.push({ label: 'ceiling of a unit', mark: { kind: 'line', colour: ink.axis, dash: '5 3' } });
  return items;
}

function runItems(plot: RooflinePlot): LegendItem[] {
  if (!isNumbered(plot)) return [];
  return drawablePoints(plot).map((point, i) => ({
    label: `${i + 1}  ${pointText(plot, point).join(': ')}`,
    mark: { kind: 'symbol', shape: (d3) => pointShape(d3, i), colour: colourOf(point.machine), filled: true },
  }));
}

/** Machines and what marks mean; numbered runs begin a row of their own. */
export function rooflineLegend(plot: RooflinePlot, width: number): LegendRows {
  const machines = plot.machines.map(
    (m, i): LegendItem => ({ label: m.name, mark: { kind: 'line', colour: colourOf(i) } }),
  );
  return [...legendRows([...machines, ...meanings(plot)], width), ...legendRows(runItems(plot), width)];
}
