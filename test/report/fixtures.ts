import { type Machine, physical, unlimitedPower } from '../../src/arch/machine.ts';
import type { CheckedCascade } from '../../src/einsum/check.ts';
import type { Workload } from '../../src/einsum/workload.ts';
import type { Metrics, StallCause } from '../../src/models/metrics.ts';
import type { Roofline } from '../../src/models/roofline.ts';
import type { ReportInput } from '../../src/report/report.ts';

const machine: Machine = {
  name: 'toy',
  description: 'a buffer and an array',
  clock_hz: 1e9,
  parameters: new Map([
    ['WIDTH', 16],
    ['BANDWIDTH', 4e9],
  ]),
  overlap: 1,
  power: unlimitedPower,
  levels: [],
  units: [],
  accountings: new Map([['physical', physical]]),
  sources: [{ path: 'clock', value: '1 GHz', source: 'made up' }],
};

const workload: Workload = {
  // Only the name of the cascade is reported.
  cascade: { name: 'gemm' } as CheckedCascade,
  sizes: new Map([
    ['N', 8],
    ['M', 4],
    ['K', 16],
  ]),
  variables: [],
  tensors: [],
  einsums: [],
  gates: [],
};

const metrics: Metrics = {
  model: 'cycle',
  board: { time_s: 2e-6, average_w: 0, uncertainty_w: 0, clock_hz: 1e9 },
  latency_cycles: 2000,
  lower_bound_cycles: 1500,
  accesses: new Map(),
  traffic: new Map([
    [
      'DRAM',
      {
        read_bytes: 256,
        write_bytes: 64,
        by_tensor: new Map([
          ['B', { read_bytes: 128, write_bytes: 0 }],
          ['A', { read_bytes: 128, write_bytes: 0 }],
          ['Z', { read_bytes: 0, write_bytes: 64 }],
        ]),
      },
    ],
  ]),
  operations: new Map([['mac', 512]]),
  flops: 1024,
  energy_pj: new Map([
    ['DRAM write', 640],
    ['DRAM read', 2560],
    ['Array mac', 512],
  ]),
  energy_accounting: 'physical',
  actions: new Map([
    ['DRAM write', { count: 64, each_pj: 10 }],
    ['DRAM read', { count: 256, each_pj: 10 }],
    ['Array mac', { count: 512, each_pj: 1 }],
  ]),
  area_mm2: 2.5,
  buffers: new Map([
    ['DRAM', { required_bytes: 0, capacity_bytes: Number.POSITIVE_INFINITY }],
    ['Buffer', { required_bytes: 192, capacity_bytes: 1024 }],
  ]),
  busy_cycles: new Map([
    ['Array', { cycles: 512, instances: 1, used: 1, kind: 'unit', slowdown: undefined }],
    ['Lanes', { cycles: 0, instances: 4, used: 0, kind: 'unit', slowdown: undefined }],
    ['DRAM.read', { cycles: 1500, instances: 1, used: 1, kind: 'port', slowdown: undefined }],
    ['Buffer', { cycles: 900, instances: 1, used: 1, kind: 'port', slowdown: undefined }],
  ] as const),
  utilization: new Map([
    ['Array', 0.256],
    ['Lanes', 0],
  ]),
  lane_utilization: new Map([
    ['Array', new Map([['Z', 0.128]])],
    ['Lanes', new Map<string, number>()],
  ]),
  busy_by_einsum: new Map([['Array', new Map([['Z', 512]])]]),
  busy_by_operator: new Map([['Array', new Map([['mac', 512]])]]),
  stalls: new Map<string, ReadonlyMap<StallCause, number>>([
    [
      'Array',
      new Map([
        ['operand', 1400],
        ['tail', 88],
      ]),
    ],
    ['Lanes', new Map([['idle', 8000]])],
    [
      'DRAM.read',
      new Map([
        ['operand', 15],
        ['slot', 300],
        ['tail', 185],
      ]),
    ],
    ['Buffer', new Map([['transfer', 1100]])],
  ]),
  bound: { resource: 'DRAM.read', kind: 'bandwidth', operands_from: new Map() },
  difference: {
    resource: 'DRAM.read',
    analytic_latency_cycles: 1600,
    work_cycles: 1480.25,
    beyond_cycles: 19.75,
    stalls: new Map([
      ['operand', 15],
      ['slot', 300],
      ['tail', 185],
    ] as const),
  },
  events: 42,
  detail: {
    critical_path: [
      { kind: 'held', resource: 'DRAM.read', subject: 'B', cycles: 1500 },
      { kind: 'held', resource: 'Array', subject: 'Z', cycles: 460 },
      { kind: 'latency', resource: undefined, subject: 'B', cycles: 40 },
    ],
    occupancy: new Map([['Buffer', { peak_bytes: 160, over_time_bytes: [0, 96, 160, 128, 128, 160, 96, 32] }]]),
  },
};

export const toyRoofline: Roofline = {
  level: 'DRAM',
  intensity_ops_per_byte: 3.2,
  ridge_ops_per_byte: 8,
  peak_ops_per_s: 32e9,
  bandwidth_bytes_per_s: 4e9,
  attainable_ops_per_s: 12.8e9,
  achieved_ops_per_s: 0.512e9,
};

/** A small run, every figure of which is checked by hand in the tests. */
export const toyRun: ReportInput = {
  machine,
  workload,
  mapping: { name: 'tiled', parameters: new Map([['T', 4]]) },
  metrics,
  rooflines: [toyRoofline],
  passes: [{ rank: 'K', passes: 1, chain: [] }],
  compulsory_bytes: 320,
};

/** One element a line, so that a change can be read. */
export const normalised = (svg: string): string => svg.replaceAll('><', '>\n<');
