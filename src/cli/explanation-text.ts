import type { Layout } from '../layout.ts';
import type { Metrics } from '../models/metrics.ts';
import { bytesText, countText } from '../report/quantity-text.ts';
import { type Column, renderPairs, renderTable } from '../report/table.ts';
import type { FoundMapping } from '../search/best-mappings.ts';
import type { Alternative, Explanation } from '../search/explain.ts';
import { type Objective, objectives } from '../search/objective.ts';
import { spaceName } from './map-summary.ts';

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

/** How much more or less than another value, which is more than 0. */
function change(value: number, from: number): string {
  if (value === from) return 'equal';
  const share = value / from - 1;
  const digits = Math.abs(share) < 0.0001 ? share.toExponential(1) : (100 * share).toPrecision(3);
  return `${share > 0 ? '+' : ''}${digits}${Math.abs(share) < 0.0001 ? '' : '%'}`;
}

/** Why a mapping is the best: what limits it, what the runner-up does worse, and what other numbers would do. */
export function explanationText(
  { metrics, runnerUp, alternatives }: Explanation,
  best: FoundMapping,
  objective: Objective,
  layout: Layout,
): string {
  const value = objectives[objective];
  const { resource, kind } = metrics.bound;
  const busy = metrics.busy_cycles.get(resource)!;
  const share = busy.cycles / busy.instances / metrics.latency_cycles;
  const pairs: (readonly [string, string])[] = [
    ['limited by', `${resource} (${kind}): busy ${percent(share)} of the time`],
    ...[...metrics.buffers].map(([level, { required_bytes: need, capacity_bytes: has }]): readonly [string, string] => [
      `room in ${level}`,
      Number.isFinite(has) ? `${bytesText(need)} of ${bytesText(has)}, ${percent(need / has)}` : bytesText(need),
    ]),
    [
      'runner-up',
      runnerUp === undefined ? 'none was looked at elsewhere' : runnerUpText(runnerUp.found, best, value, objective),
    ],
  ];
  const parts = [renderPairs(pairs, { ...layout, indent: '  ' })];
  if (runnerUp !== undefined) parts.push(comparison(metrics, runnerUp.metrics, layout));
  if (alternatives.length > 0) parts.push(alternativesTable(alternatives, value(best.cost), objective, layout));
  return parts.join('\n');
}

function runnerUpText(
  { cost, mapping, space }: FoundMapping,
  best: FoundMapping,
  value: (cost: FoundMapping['cost']) => number,
  objective: Objective,
): string {
  const where = spaceName(space) === mapping.name ? mapping.name : `${mapping.name} of ${spaceName(space)}`;
  return `${where}, ${objective} ${change(value(cost), value(best.cost))}`;
}

/** What both keep busy, move and spend. */
function comparison(a: Metrics, b: Metrics, layout: Layout): string {
  const energy = (m: Metrics): number => [...m.energy_pj.values()].reduce((sum, e) => sum + e, 0);
  const rows: (readonly [string, number, number, (n: number) => string])[] = [
    ['latency', a.latency_cycles, b.latency_cycles, (n) => countText(n, 'cycles')],
    ['energy', energy(a), energy(b), (n) => `${(n / 1e12).toPrecision(4)} J`],
  ];
  for (const [name, { cycles }] of a.busy_cycles)
    rows.push([`${name} busy`, cycles, b.busy_cycles.get(name)?.cycles ?? 0, (n) => countText(n, 'cycles')]);
  for (const [name, t] of a.traffic) {
    const other = b.traffic.get(name) ?? { read_bytes: 0, write_bytes: 0 };
    rows.push([`${name} moved`, t.read_bytes + t.write_bytes, other.read_bytes + other.write_bytes, bytesText]);
  }
  const columns: readonly Column[] = [
    { title: '' },
    { title: 'this', align: 'right' },
    { title: 'runner-up', align: 'right' },
    { title: 'runner-up has', align: 'right' },
  ];
  const cells = rows
    .filter(([, x, y]) => x > 0 || y > 0)
    .map(([name, x, y, text]) => [name, text(x), text(y), x > 0 ? change(y, x) : '']);
  return renderTable(columns, cells, { ...layout, indent: '  ' });
}

function alternativesTable(
  alternatives: readonly Alternative[],
  value: number,
  objective: Objective,
  layout: Layout,
): string {
  const columns: readonly Column[] = [
    { title: 'number' },
    { title: 'chosen', align: 'right' },
    { title: 'instead', align: 'right' },
    { title: `${objective}, or why not`, wrap: true },
  ];
  const rows = alternatives.map(({ number, chosen, instead, outcome }) => [
    number,
    String(chosen),
    String(instead),
    'cost' in outcome ? change(objectives[objective](outcome.cost), value) : outcome.refused,
  ]);
  return renderTable(columns, rows, { ...layout, indent: '  ' });
}

/** The same as data; names of fields carry their units. */
export function explanationData({ metrics, runnerUp, alternatives }: Explanation): object {
  const { resource, kind } = metrics.bound;
  return {
    limited_by: { resource, kind },
    buffers: Object.fromEntries(metrics.buffers),
    runner_up:
      runnerUp === undefined
        ? null
        : { mapping: runnerUp.found.mapping.name, space: spaceName(runnerUp.found.space), ...runnerUp.found.cost },
    alternatives: alternatives.map(({ number, chosen, instead, outcome }) => ({
      number,
      chosen,
      instead,
      ...('cost' in outcome ? outcome.cost : outcome),
    })),
  };
}
