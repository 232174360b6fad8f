import type { Domain } from './axes.ts';
import type { ChartAxis } from './chart.ts';
import type { D3 } from './svg.ts';

/** From values of an axis to pixels. */
export type Scale = (value: number) => number;

export function scaleOf(d3: D3, axis: ChartAxis, domain: Domain, range: readonly [number, number]): Scale {
  const scale = axis.scale === 'log' ? d3.scaleLog() : d3.scaleLinear();
  return scale.domain(domain).range(range).clamp(true);
}
