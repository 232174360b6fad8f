import type { Machine } from '../../arch/machine.ts';
import type { Figure, Outcome } from '../suite.ts';
import type { FusemaxRow } from './fusemax-rows.ts';

const squareMillimetre_um2 = 1e6;

const sum = (read: (outcome: Outcome) => number) => (outcomes: readonly Outcome[]) =>
  outcomes.reduce((total, outcome) => total + read(outcome), 0);

/** Of a single run: shares of two cannot be added. */
const single = (read: (outcome: Outcome) => number | undefined) => (outcomes: readonly Outcome[]) =>
  outcomes.length === 1 ? read(outcomes[0]!) : undefined;

function dramBytes({ metrics }: Outcome): number {
  const moved = metrics.traffic.get('DRAM');
  return moved === undefined ? 0 : moved.read_bytes + moved.write_bytes;
}

const energy_pj = ({ metrics }: Outcome): number => [...metrics.energy_pj.values()].reduce((a, b) => a + b, 0);

/** Lanes at work: the artifact weights the time of its array by the PEs in use. */
function laneShare({ metrics }: Outcome, name: string): number | undefined {
  const einsums = metrics.lane_utilization.get(name);
  return einsums === undefined ? undefined : [...einsums.values()].reduce((sum, part) => sum + part, 0);
}

/** Einsums of the 2D array in any of the variants. */
const einsums2d = ['QK', 'AV', 'LM', 'SLN', 'SLD', 'SLNV'];
const shareOf = (einsum: string): string => `utilization_2d_${einsum}`;

const busy_s =
  (unit: string) =>
  ({ metrics, machine }: Outcome): number | undefined => {
    const busy = metrics.busy_cycles.get(unit);
    return busy === undefined ? undefined : busy.cycles / busy.instances / machine.clock_hz;
  };

/** A unit, and the level that it is alone in. */
function unitArea({ machine }: Outcome, name: string): number | undefined {
  const unit = machine.units.find((u) => u.name === name);
  return unit === undefined ? undefined : unit.area_mm2 + machine.levels[unit.level]!.area_mm2;
}

const time = { analytic: 0.001, cycle: 0.01 };
const exact = { analytic: 0.001, cycle: 0.001 };
const share = { analytic: 0.002, cycle: 0.01 };
const energy = { analytic: 0.01, cycle: 0.01 };

export const fusemaxFigures: readonly Figure[] = [
  {
    name: 'latency_cycles',
    title: 'latency',
    unit: 'cycles',
    error: 'relative',
    tolerance: time,
    read: sum((o) => o.metrics.latency_cycles),
  },
  { name: 'dram_bytes', title: 'DRAM', unit: 'B', error: 'relative', tolerance: exact, read: sum(dramBytes) },
  {
    name: 'utilization_2d',
    title: '2D used',
    unit: '',
    error: 'absolute',
    tolerance: share,
    read: single((o) => laneShare(o, 'Array2D')),
  },
  {
    name: 'utilization_1d',
    title: '1D used',
    unit: '',
    error: 'absolute',
    tolerance: share,
    read: single((o) => laneShare(o, 'Array1D')),
  },
  ...einsums2d.map(
    (einsum): Figure => ({
      name: shareOf(einsum),
      title: `2D used, ${einsum}`,
      unit: '',
      error: 'absolute',
      detail: true,
      tolerance: share,
      read: single((o) => o.metrics.lane_utilization.get('Array2D')?.get(einsum)),
    }),
  ),
  { name: 'energy_pj', title: 'energy', unit: 'pJ', error: 'relative', tolerance: energy, read: sum(energy_pj) },
  // With what the artifact's wrapped integers add, up to 7.6%.
  { name: 'printed_energy_pj', title: 'energy as printed', unit: 'pJ', error: 'relative', read: sum(energy_pj) },
  {
    name: 'busy_2d_s',
    title: '2D time',
    unit: 's',
    error: 'relative',
    tolerance: time,
    read: single(busy_s('Array2D')),
  },
  {
    name: 'busy_1d_s',
    title: '1D time',
    unit: 's',
    error: 'relative',
    tolerance: time,
    read: single(busy_s('Array1D')),
  },
  {
    name: 'area_2d_mm2',
    title: '2D area',
    unit: 'mm2',
    error: 'relative',
    tolerance: exact,
    read: single((o) => unitArea(o, 'Array2D')),
  },
  {
    name: 'area_mm2',
    title: 'area',
    unit: 'mm2',
    error: 'relative',
    tolerance: exact,
    read: single((o) => o.metrics.area_mm2),
  },
];

const times = (value: number | undefined, factor: number): number | undefined =>
  value === undefined ? undefined : value * factor;

/** What a row states, by figure; of seconds, the cycles of the machine that the row is of. */
export function publishedFigures(row: FusemaxRow, { clock_hz }: Machine): ReadonlyMap<string, number> {
  const printed = row.csv_energy_pJ ?? row.energy_pJ;
  // Nothing wraps in the linear layers.
  const linear = row.kernel === 'linear_layers';
  const stated: Record<string, number | undefined> = {
    latency_cycles: row.latency_cycles ?? times(row.csv_latency_s ?? row.latency_s, clock_hz),
    dram_bytes: row.csv_dram_bytes ?? row.dram_bytes,
    utilization_2d: row.csv_util_2d,
    utilization_1d: row.csv_util_1d,
    ...Object.fromEntries(einsums2d.map((einsum) => [shareOf(einsum), row.csv_util_2d_by_einsum?.[einsum]])),
    energy_pj: row.model_energy_total_without_uint64_overflow_pJ ?? (linear ? printed : undefined),
    printed_energy_pj: linear ? undefined : printed,
    busy_2d_s: row.array2d_busy_s,
    busy_1d_s: row.array1d_busy_s,
    area_2d_mm2: times(row.array2d_area_um2, 1 / squareMillimetre_um2),
    area_mm2: times(row.total_area_um2, 1 / squareMillimetre_um2),
  };
  return new Map(Object.entries(stated).filter((e): e is [string, number] => e[1] !== undefined));
}
