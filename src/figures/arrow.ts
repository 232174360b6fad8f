import type { Segment } from './label-placement.ts';
import type { Svg } from './svg.ts';

/** Of the head: how long it is, and half of how wide. */
const head = { length: 9, half: 4 };

/** A line with a head at its end, as one path: a marker would need a name that is unique in a page. */
export function drawArrow(svg: Svg, { x1, y1, x2, y2 }: Segment, colour: string): Svg {
  const length = Math.hypot(x2 - x1, y2 - y1);
  const [x, y] = [(x2 - x1) / length, (y2 - y1) / length];
  const [neckX, neckY] = [x2 - x * head.length, y2 - y * head.length];
  const left = `${neckX - y * head.half},${neckY + x * head.half}`;
  const right = `${neckX + y * head.half},${neckY - x * head.half}`;
  return svg
    .append('path')
    .attr('d', `M${x1},${y1}L${neckX},${neckY}M${x2},${y2}L${left}L${right}Z`)
    .attr('fill', colour)
    .attr('stroke', colour)
    .attr('stroke-width', 1.6)
    .attr('stroke-linejoin', 'round');
}
