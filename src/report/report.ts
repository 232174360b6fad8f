import { hasPower, type Machine } from '../arch/machine.ts';
import { selectionDensities } from '../einsum/selection-densities.ts';
import type { Workload } from '../einsum/workload.ts';
import { invariant } from '../invariant.ts';
import type { Difference, LevelTraffic, Metrics, PathKind, PathShare, StallCause } from '../models/metrics.ts';
import type { Roofline } from '../models/roofline.ts';
import type { Table } from './named-table.ts';

export const reportSchemaName = 'attnsim-report/1';

/** Traversals of a rank that no mapping can avoid, and the Einsums whose dependences force them. */
type ReportPasses = { readonly rank: string; readonly passes: number; readonly chain: readonly string[] };

/**
 * The result of one run, as written to a file. Keys of the tables are names of the machine's levels
 * and units and of the cascade's ranks, tensors, Einsums and operators. Units are in the names.
 * Everything is of the whole machine. `schema.ts` has the JSON Schema, `docs/report.md` the meaning.
 */
export type Report = {
  readonly schema: typeof reportSchemaName;
  readonly cascade: string;
  readonly hardware: string;
  readonly hardware_parameters: Table<number>;
  /** Sizes of the ranks and values of the cascade's parameters. */
  readonly workload: Table<number>;
  /** Of tensors. */
  readonly formats: Table<string>;
  /** By tensor of which data decides what exists: the share of what could that is taken to, and where that comes from. */
  readonly densities: Table<{ readonly share: number; readonly source: string }>;
  readonly mapping: string;
  readonly mapping_parameters: Table<number>;
  /** The machine's memories, outermost first. */
  readonly levels: readonly string[];
  readonly model: 'analytic' | 'cycle';
  readonly latency_cycles: number;
  readonly latency_s: number;
  /** Of the whole machine; null where its spec says nothing of power. `clock_hz` is the clock that its limit leaves it. */
  readonly power: { readonly average_w: number; readonly uncertainty_w: number; readonly clock_hz: number } | null;
  readonly energy_j: number;
  /** Name of the machine's accounting by which it is charged. */
  readonly energy_accounting: string;
  /** Counts behind the parts of the energy, by the same keys: operations, or accesses of a memory. */
  readonly energy_actions: Table<{ readonly count: number; readonly each_j: number }>;
  /** Adds up to `energy_j`. */
  readonly energy_by_component_j: Table<number>;
  readonly area_mm2: number;
  readonly operations: Table<number>;
  /** 2 a MAC of the tensor products, nothing else. */
  readonly flops: number;
  readonly traffic_bytes: Table<{
    readonly read: number;
    readonly write: number;
    readonly by_tensor: Table<{ readonly read: number; readonly write: number }>;
  }>;
  /** A capacity of null is unlimited. */
  readonly buffer_bytes: Table<{ readonly required: number; readonly capacity: number | null }>;
  /** Bytes in use, at most in all and in each of equal parts of the run. Null unless asked for and simulated. */
  readonly occupancy_bytes: Table<{ readonly peak: number; readonly over_time: readonly number[] }> | null;
  readonly utilization: Table<number>;
  readonly lane_utilization: Table<number>;
  readonly lane_utilization_by_einsum: Table<Table<number>>;
  /** Units, and ports of memories. */
  readonly resources: Table<ReportResource>;
  readonly busy_cycles_by_einsum: Table<Table<number>>;
  readonly busy_cycles_by_operator: Table<Table<number>>;
  /** Null where the model does not schedule, as the analytic one. */
  readonly stalls_cycles: Table<StallTable> | null;
  readonly bound: {
    readonly resource: string;
    readonly kind: Metrics['bound']['kind'];
    readonly operands_from: Table<readonly string[]>;
  };
  /** Largest parts first; their cycles add up to `latency_cycles`. Null unless asked for and simulated. */
  readonly critical_path: readonly ReportPathShare[] | null;
  /** Null in the analytic model. */
  readonly difference: ReportDifference | null;
  /** Of the outermost memory with finite bandwidth; null if there is none. */
  readonly roofline: ReportRoofline | null;
  readonly rooflines: readonly ReportRoofline[];
  readonly passes: readonly ReportPasses[];
  /** What no schedule of this mapping, (by the roofline) no mapping with its traffic, and no mapping at all can beat. */
  readonly lower_bounds: {
    readonly latency_cycles: number;
    readonly roofline_latency_cycles: number | null;
    /** Inputs as far as they are read and outputs, once each, through the outermost memory. */
    readonly traffic_bytes: number;
  };
  readonly sources: readonly { readonly path: string; readonly value: string; readonly source: string }[];
};

export type StallTable = { readonly [cause in StallCause]?: number };

/** Over all instances: busy_cycles + its stalls_cycles = latency_cycles x instances, and the shares add up to 1. */
type ReportResource = {
  readonly busy_cycles: number;
  readonly busy_share: number;
  readonly instances: number;
  readonly kind: 'unit' | 'port';
  /** How many times longer an instance holds it than with the port to itself; null where the model does not schedule. */
  readonly slowdown: number | null;
  readonly stall_shares: StallTable | null;
  /** Most instances that were in use at a time; null where the model does not schedule. */
  readonly used_instances: number | null;
};

/** On average over the instances of the resource that bounds the run: work + beyond + stalls = latency_cycles. */
export type ReportDifference = {
  /** The closed form's estimate of the latency. */
  readonly analytic_latency_cycles: number;
  readonly beyond_cycles: number;
  readonly resource: string;
  readonly stalls_cycles: StallTable;
  readonly work_cycles: number;
};

/** `resource` and `subject` (an Einsum or a tensor) are null where there is none. */
export type ReportPathShare = {
  readonly cycles: number;
  readonly kind: PathKind;
  readonly resource: string | null;
  readonly share: number;
  readonly subject: string | null;
};

/** An intensity of null: nothing crosses the level. */
type ReportRoofline = Omit<Roofline, 'intensity_ops_per_byte'> & {
  readonly intensity_ops_per_byte: number | null;
};

/** What a report is made of; `simulate` gives all but the compulsory bytes. */
export type ReportInput = {
  readonly machine: Machine;
  readonly workload: Workload;
  readonly mapping: { readonly name: string; readonly parameters: ReadonlyMap<string, number> };
  readonly metrics: Metrics;
  /** One a memory level with finite bandwidth, outermost first. */
  readonly rooflines: readonly Roofline[];
  readonly passes: readonly ReportPasses[];
  /** Bytes that must cross the boundary to an unlimited buffer. */
  readonly compulsory_bytes: number;
};

/** Table with its keys in code-unit order, which no locale changes. */
export function sortedTable<V, T>(map: ReadonlyMap<string, V>, convert: (value: V, key: string) => T): Table<T> {
  const keys = [...map.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  // A tensor may be called `__proto__`; defining it, unlike assigning, makes an ordinary key.
  const table: Table<T> = {};
  for (const key of keys)
    Object.defineProperty(table, key, {
      value: convert(map.get(key)!, key),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  return table;
}

const numbers = (map: ReadonlyMap<string, number>): Table<number> => sortedTable(map, (v) => v);

/** A quotient of equal sums may come out one rounding above 1. */
const share = (value: number): number => (value > 1 && value < 1 + 1e-9 ? 1 : value);

const joulesPerPicojoule = 1e-12;

const trafficTable = (traffic: ReadonlyMap<string, LevelTraffic>): Report['traffic_bytes'] =>
  sortedTable(traffic, (level) => ({
    by_tensor: sortedTable(level.by_tensor, (t) => ({ read: t.read_bytes, write: t.write_bytes })),
    read: level.read_bytes,
    write: level.write_bytes,
  }));

/** Each part is divided on its own and the total is their sum, so that the parts add up to the last bit. */
function energyTable(energy: ReadonlyMap<string, number>): { parts: Table<number>; total: number } {
  const parts = sortedTable(energy, (pj) => pj * joulesPerPicojoule);
  return { parts, total: Object.values(parts).reduce((a, b) => a + b, 0) };
}

function powerOf(machine: Machine, { board }: Metrics): Report['power'] {
  if (!hasPower(machine)) return null;
  const { average_w, uncertainty_w, clock_hz } = board;
  return { average_w, uncertainty_w, clock_hz };
}

function rooflineLatency(flops: number, rooflines: readonly Roofline[], clock_hz: number): number | null {
  const attainable = Math.min(...rooflines.map((r) => r.attainable_ops_per_s));
  return rooflines.length === 0 || !(attainable > 0) ? null : (flops / attainable) * clock_hz;
}

/** Pure and deterministic: equal inputs give byte-identical reports. */
export function buildReport(input: ReportInput): Report {
  const { machine, workload, mapping, metrics, rooflines } = input;
  invariant(machine.clock_hz > 0, 'a machine has a clock');
  const energy = energyTable(metrics.energy_pj);
  return {
    area_mm2: metrics.area_mm2,
    bound: {
      kind: metrics.bound.kind,
      operands_from: sortedTable(metrics.bound.operands_from, (units) => units),
      resource: metrics.bound.resource,
    },
    buffer_bytes: sortedTable(metrics.buffers, (b) => ({
      capacity: Number.isFinite(b.capacity_bytes) ? b.capacity_bytes : null,
      required: b.required_bytes,
    })),
    busy_cycles_by_einsum: sortedTable(metrics.busy_by_einsum, numbers),
    busy_cycles_by_operator: sortedTable(metrics.busy_by_operator, numbers),
    cascade: workload.cascade.name,
    critical_path:
      metrics.detail === undefined ? null : pathShares(metrics.detail.critical_path, metrics.latency_cycles),
    densities: sortedTable(selectionDensities(workload), ({ share, source }) => ({ share, source })),
    difference: metrics.difference === undefined ? null : reportDifference(metrics.difference),
    energy_accounting: metrics.energy_accounting,
    energy_actions: sortedTable(metrics.actions, ({ count, each_pj }) => ({
      count,
      each_j: each_pj * joulesPerPicojoule,
    })),
    energy_by_component_j: energy.parts,
    energy_j: energy.total,
    flops: metrics.flops,
    formats: sortedTable(new Map(workload.tensors.map((t) => [t.name, t.format])), (format) => format),
    hardware: machine.name,
    hardware_parameters: numbers(machine.parameters),
    lane_utilization: sortedTable(metrics.lane_utilization, (einsums) =>
      share([...einsums.values()].reduce((sum, part) => sum + part, 0)),
    ),
    lane_utilization_by_einsum: sortedTable(metrics.lane_utilization, (einsums) => sortedTable(einsums, share)),
    latency_cycles: metrics.latency_cycles,
    latency_s: metrics.board.time_s,
    levels: [...metrics.buffers.keys()],
    lower_bounds: {
      latency_cycles: metrics.lower_bound_cycles,
      roofline_latency_cycles: rooflineLatency(metrics.flops, rooflines, machine.clock_hz),
      traffic_bytes: input.compulsory_bytes,
    },
    mapping: mapping.name,
    mapping_parameters: numbers(mapping.parameters),
    model: metrics.model,
    occupancy_bytes:
      metrics.detail === undefined
        ? null
        : sortedTable(metrics.detail.occupancy, (o) => ({ over_time: o.over_time_bytes, peak: o.peak_bytes })),
    operations: numbers(metrics.operations),
    passes: input.passes.map((p) => ({ chain: p.chain, passes: p.passes, rank: p.rank })),
    power: powerOf(machine, metrics),
    resources: resourceTable(metrics),
    roofline: rooflines.length === 0 ? null : reportRoofline(rooflines[0]!),
    rooflines: rooflines.map(reportRoofline),
    schema: reportSchemaName,
    sources: machine.sources.map((s) => ({ path: s.path, source: s.source, value: s.value })),
    stalls_cycles: metrics.stalls === undefined ? null : sortedTable(metrics.stalls, (causes) => numbers(causes)),
    traffic_bytes: trafficTable(metrics.traffic),
    utilization: sortedTable(metrics.utilization, share),
    workload: numbers(workload.sizes),
  };
}

function resourceTable({ busy_cycles, stalls, latency_cycles }: Metrics): Report['resources'] {
  return sortedTable(busy_cycles, ({ cycles, instances, used, kind, slowdown }, name) => {
    const whole = latency_cycles * instances;
    const causes = stalls?.get(name);
    return {
      busy_cycles: cycles,
      busy_share: whole === 0 ? 0 : share(cycles / whole),
      instances,
      kind,
      slowdown: slowdown ?? null,
      stall_shares: causes === undefined ? null : sortedTable(causes, (stood) => stood / whole),
      used_instances: used ?? null,
    };
  });
}

const pathShares = (path: readonly PathShare[], latency_cycles: number): readonly ReportPathShare[] =>
  path.map(({ kind, resource, subject, cycles }) => ({
    cycles,
    kind,
    resource: resource ?? null,
    share: share(cycles / latency_cycles),
    subject: subject ?? null,
  }));

const reportDifference = (d: Difference): ReportDifference => ({
  analytic_latency_cycles: d.analytic_latency_cycles,
  beyond_cycles: d.beyond_cycles,
  resource: d.resource,
  stalls_cycles: numbers(d.stalls),
  work_cycles: d.work_cycles,
});

const reportRoofline = (r: Roofline): ReportRoofline => ({
  achieved_ops_per_s: r.achieved_ops_per_s,
  attainable_ops_per_s: r.attainable_ops_per_s,
  bandwidth_bytes_per_s: r.bandwidth_bytes_per_s,
  intensity_ops_per_byte: Number.isFinite(r.intensity_ops_per_byte) ? r.intensity_ops_per_byte : null,
  level: r.level,
  peak_ops_per_s: r.peak_ops_per_s,
  ridge_ops_per_byte: r.ridge_ops_per_byte,
});

/** The text of a report file: sorted keys, two spaces, a line break at the end. */
export const printReport = (report: Report): string => `${JSON.stringify(report, undefined, 2)}\n`;
