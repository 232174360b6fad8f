import type { Machine } from '../arch/machine.ts';
import type { LineChart } from '../figures/line-layout.ts';
import type { Layout } from '../layout.ts';
import { bytesText, countText, engineering } from '../report/quantity-text.ts';
import { type Column, renderTable } from '../report/table.ts';
import type { BestMappings, FoundMapping } from '../search/best-mappings.ts';
import type { Axis } from '../search/front.ts';
import { wrapSentence } from '../wrap-text.ts';
import type { Algorithm } from './algorithms.ts';
import { nameOf, spaceName, spacesData, spaceTable } from './map-summary.ts';

/** Objectives that are weighed against each other, and the part of a cost that each is. */
export const weighed = {
  latency: 'latency_cycles',
  energy: 'energy_pj',
  'dram-bytes': 'home_bytes',
  buffer: 'room_bytes',
} as const satisfies Record<string, Axis>;

/** Points of a front by their first axis, each with the text of its mapping. */
export type FrontPoint = FoundMapping & { readonly text: string };

const columns = (hasRoom: boolean): readonly Column[] => [
  { title: 'point', align: 'right' },
  { title: 'latency', align: 'right' },
  { title: 'energy', align: 'right' },
  { title: 'outermost memory', align: 'right' },
  ...(hasRoom ? [{ title: 'room', align: 'right' } as const] : []),
  { title: 'found in' },
];

/** A table of the front, and what proves it. */
export function summarizeFront(
  points: readonly FrontPoint[],
  best: BestMappings,
  axes: readonly Axis[],
  algorithms: readonly Algorithm[],
  { clock_hz }: Machine,
  layout: Layout,
): string {
  const hasRoom = axes.includes('room_bytes');
  const rows = points.map(({ cost, space }, i) => [
    String(i + 1),
    `${countText(cost.latency_cycles, 'cycles')}, ${engineering(cost.latency_cycles / clock_hz, 's')}`,
    engineering(cost.energy_pj / 1e12, 'J'),
    bytesText(cost.home_bytes),
    ...(hasRoom ? [bytesText(cost.room_bytes)] : []),
    algorithms.length > 1 ? `${nameOf(algorithms, space)}: ${spaceName(space)}` : spaceName(space),
  ]);
  const table = renderTable(columns(hasRoom), rows, { ...layout, indent: '  ' });
  return `${table}\n${wrapSentence(provenText(best, axes), { ...layout, indent: '  ' })}\n${spaceTable(best.searched, algorithms, layout)}`;
}

function provenText({ searched, bound }: BestMappings, axes: readonly Axis[]): string {
  if (searched.every((s) => s.remaining === undefined))
    return 'proven: no mapping of these spaces is better than all of these points by any measure';
  const texts: Readonly<Record<Axis, string>> = {
    latency_cycles: `latency of ${countText(bound.latency_cycles, 'cycles')}`,
    energy_pj: `energy of ${engineering(bound.energy_pj / 1e12, 'J')}`,
    home_bytes: `${bytesText(bound.home_bytes)} of the outermost memory`,
    room_bytes: `${bytesText(bound.room_bytes)} of room`,
  };
  return `mappings were left; none has less than ${axes.map((a) => texts[a]).join(', ')}`;
}

export function frontData(
  points: readonly FrontPoint[],
  { searched, bound }: BestMappings,
  pareto: readonly string[],
  algorithms: readonly Algorithm[],
): object {
  return {
    pareto,
    points: points.map(({ cost, space, text }) => ({
      ...cost,
      algorithm: nameOf(algorithms, space),
      space: spaceName(space),
      mapping: text,
    })),
    complete: searched.every((s) => s.remaining === undefined),
    bound,
    spaces: spacesData(searched, algorithms),
  };
}

/** The first two axes of a front. */
export function frontChart(
  points: readonly FrontPoint[],
  [x, y]: readonly Axis[],
  title: string,
  algorithms: readonly Algorithm[],
): LineChart {
  const titles: Readonly<Record<Axis, string>> = {
    latency_cycles: 'latency (cycles)',
    energy_pj: 'energy (pJ)',
    home_bytes: 'bytes of the outermost memory',
    room_bytes: 'room (bytes)',
  };
  const names = [...new Set(points.map((p) => nameOf(algorithms, p.space)))];
  return {
    kind: 'lines',
    title,
    source: 'attnsim map, closed form',
    x: { title: titles[x!], scale: 'log' },
    y: { title: titles[y!], scale: 'log' },
    series: names.map((name) => ({
      name,
      joined: false,
      points: points.flatMap(({ cost, space }, i) =>
        // Its number in the table, and in the names of files.
        nameOf(algorithms, space) === name ? [{ x: cost[x!], y: cost[y!], label: String(i + 1) }] : [],
      ),
    })),
  };
}
