import { pathKinds, type StallCause, stallCauses } from '../models/metrics.ts';
import { reportSchemaName } from './report.ts';
import { describe, list, orNull, record, table, text } from './schema-parts.ts';

const count = { type: 'integer', minimum: 0 } as const;
const amount = { type: 'number', minimum: 0 } as const;
const positive = { type: 'number', exclusiveMinimum: 0 } as const;
const share = { type: 'number', minimum: 0, maximum: 1 } as const;

const moved = { read: describe(amount, 'Bytes read'), write: describe(amount, 'Bytes written') };

const roofline = record(
  {
    achieved_ops_per_s: describe(
      amount,
      'FLOPs over latency_s; the roofs are at the clock of the spec, which a power limit may lower',
    ),
    attainable_ops_per_s: describe(amount, 'min(peak, intensity x bandwidth)'),
    bandwidth_bytes_per_s: describe(positive, 'Of all instances of the level'),
    intensity_ops_per_byte: describe(orNull(amount), 'FLOPs per byte through the level; null if nothing crosses it'),
    level: describe(text, 'The memory whose bytes count'),
    peak_ops_per_s: describe(positive, 'Of the units that the mapping gives MACs'),
    ridge_ops_per_byte: describe(positive, 'Peak over bandwidth: above it compute limits'),
  },
  'Roofline at one memory level; an operation is a FLOP',
);

const stallText: { readonly [Cause in StallCause]: string } = {
  operand: 'An operand was still being computed',
  transfer: 'An operand was still on its way',
  slot: 'The output buffer had no free slot',
  order: 'The mapping wants another operation first',
  unit: 'Another unit of the same operation was busy',
  port: 'A port of the same operation was busy',
  ramp: 'The array was filling or emptying',
  launch: 'A grid, or a step of it, was beginning',
  tail: 'There was nothing left to do before the end',
  idle: 'There was nothing to do at all',
};

const stalls = {
  type: 'object',
  description: 'By cause',
  properties: Object.fromEntries(stallCauses.map((cause) => [cause, describe(amount, stallText[cause])])),
  additionalProperties: false,
};

const resource = record({
  busy_cycles: describe(amount, 'Of all instances'),
  busy_share: describe(share, 'Of latency x instances'),
  instances: { type: 'integer', minimum: 1, description: 'In the whole machine' },
  kind: { enum: ['unit', 'port'], description: 'What computes, or what moves bytes' },
  slowdown: describe(
    orNull({ type: 'number', minimum: 1 }),
    'How many times longer an instance holds it than with the port to itself. Null where the model does not schedule',
  ),
  stall_shares: describe(
    orNull({ $ref: '#/$defs/stalls' }),
    'By cause; with busy_share they add up to 1. Null where the model does not schedule',
  ),
  used_instances: describe(orNull(count), 'Most that were in use at a time; null where the model does not schedule'),
});

const difference = record(
  {
    analytic_latency_cycles: describe(amount, "The closed form's estimate of the latency"),
    beyond_cycles: describe({ type: 'number' }, 'Busy beyond its work: whole accesses and whole ticks'),
    resource: describe(text, 'The one that bounds the run'),
    stalls_cycles: describe({ $ref: '#/$defs/stalls' }, 'By cause'),
    work_cycles: describe(amount, 'What the closed form says that it has to do'),
  },
  'Average over the instances of the bounding resource: work + beyond + stalls = latency_cycles',
);

const path_share = record(
  {
    cycles: describe(amount, 'All parts add up to latency_cycles'),
    kind: { enum: pathKinds, description: 'What the run waited for meanwhile' },
    resource: describe(orNull(text), 'The unit or port that was held; null for the other kinds'),
    share: describe(share, 'Of latency_cycles'),
    subject: describe(orNull(text), 'The Einsum that was computed or the tensor that was moved'),
  },
  'Cycles of the critical path of one kind on one thing',
);

const occupancy = record({
  over_time: { type: 'array', items: amount, description: 'Most in each of as many equal parts of the run' },
  peak: describe(amount, 'Most at a time'),
});

/** JSON Schema (2020-12) of a report; `docs/report-schema.json` is its published copy. */
export const reportSchema: object = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: reportSchemaName,
  title: 'attnsim report',
  ...record({
    area_mm2: describe(amount, 'Area of the machine, mm^2'),
    bound: record(
      {
        kind: {
          enum: ['compute', 'bandwidth', 'latency'],
          description: 'What its instances are busy with for at least half of the run; else latency',
        },
        operands_from: table(
          { type: 'array', items: text },
          'By Einsum whose result the resource takes as an operand: the other units that compute it',
        ),
        resource: describe(text, 'The busiest unit or port'),
      },
      'What limits the run',
    ),
    buffer_bytes: table(
      record({
        capacity: describe(orNull(amount), 'What there is; null: unlimited'),
        required: describe(amount, 'What the mapping needs'),
      }),
      'By level, of one instance',
    ),
    busy_cycles_by_einsum: table(table(amount, 'By Einsum'), 'By unit: busy cycles, all instances'),
    busy_cycles_by_operator: table(table(amount, 'By operator'), 'By unit: the same cycles by what they are for'),
    cascade: describe(text, 'Its name'),
    critical_path: describe(
      orNull({ type: 'array', items: { $ref: '#/$defs/path_share' } }),
      'Largest first; the cycles add up to latency_cycles. Null unless asked for and simulated',
    ),
    densities: table(
      record({
        share: describe(share, 'Of what could exist'),
        source: describe(text, 'Given, or measured on which inputs'),
      }),
      'By tensor of which data decides what exists: what is taken to exist on average, and where that comes from',
    ),
    difference: describe(orNull({ $ref: '#/$defs/difference' }), 'Null in the analytic model'),
    energy_accounting: describe(text, "Name of the machine's accounting by which energy is charged"),
    energy_actions: table(
      record({
        count: describe(amount, 'How many'),
        each_j: describe(amount, 'Energy of one, J'),
      }),
      'By component and action: operations, or accesses of a memory, that are charged',
    ),
    energy_by_component_j: table(amount, 'By component and action, J; adds up to energy_j'),
    energy_j: describe(amount, 'Dynamic energy, J'),
    flops: describe(amount, '2 a MAC of the tensor products; softmax is not counted'),
    formats: table({ type: 'string' }, 'By tensor: the format in which it is kept'),
    hardware: describe(text, 'Name of the machine'),
    hardware_parameters: table({ type: 'number' }, "Values of the machine's parameters, in base units"),
    lane_utilization: table(share, 'By unit: share of its lanes x cycles in which they compute a point'),
    lane_utilization_by_einsum: table(table(share, 'By Einsum'), 'By unit: the parts of lane_utilization'),
    latency_cycles: describe(amount, 'From the first operation to the end of the last'),
    latency_s: describe(amount, 'The same in seconds'),
    power: describe(
      orNull(
        record({
          average_w: describe(amount, 'Mean over the run, W'),
          clock_hz: describe(amount, 'The clock of the spec, or a lower one where power has a limit'),
          uncertainty_w: describe(amount, 'Standard error of the mean, W'),
        }),
      ),
      'Of the whole machine, with the clock that its limit leaves it; null where the spec says nothing of power',
    ),
    levels: { type: 'array', items: text, description: 'Memories, outermost first' },
    lower_bounds: record(
      {
        latency_cycles: describe(amount, 'No schedule of this mapping is faster'),
        roofline_latency_cycles: describe(orNull(amount), 'FLOPs over the attainable performance'),
        traffic_bytes: describe(amount, 'What is used of the inputs, and the outputs, once'),
      },
      'What cannot be undercut',
    ),
    mapping: describe(text, 'Its name'),
    mapping_parameters: table({ type: 'number' }, "Values of the mapping's parameters"),
    model: { enum: ['analytic', 'cycle'], description: 'The closed form, or the simulator' },
    occupancy_bytes: describe(
      orNull({ type: 'object', additionalProperties: { $ref: '#/$defs/occupancy' } }),
      'By level, of one instance: bytes in use. Null unless asked for and simulated',
    ),
    operations: table(
      amount,
      'By operator; independent of the mapping. Whole numbers where no density is a part of them',
    ),
    passes: {
      type: 'array',
      items: record({
        chain: list(text, 'Einsums, each of which needs all of the one before'),
        passes: describe(count, 'How many traversals'),
        rank: describe(text, 'What is traversed'),
      }),
      description: 'By rank: traversals that no mapping can avoid, and the Einsums that force them',
    },
    resources: table(resource, 'By unit and port; with its stalls_cycles the busy cycles are latency x instances'),
    roofline: describe(
      orNull({ $ref: '#/$defs/roofline' }),
      'At the outermost memory with a finite bandwidth; null if there is none',
    ),
    rooflines: { type: 'array', items: { $ref: '#/$defs/roofline' }, description: 'Outermost memory first' },
    schema: { const: reportSchemaName, description: 'Version of this form' },
    sources: {
      type: 'array',
      items: record({
        path: describe(text, 'Place in the spec'),
        source: describe(text, 'Citation, as the spec has it'),
        value: { type: 'string', description: 'As written, with its unit' },
      }),
      description: 'Where each number of the machine comes from',
    },
    stalls_cycles: describe(
      orNull({ type: 'object', additionalProperties: { $ref: '#/$defs/stalls' } }),
      'By resource and cause: cycles in which it stood still, all instances; null where the model does not schedule',
    ),
    traffic_bytes: table(
      record({ by_tensor: table(record(moved), 'By tensor'), ...moved }),
      'By level: bytes through its ports, all instances',
    ),
    utilization: table(share, 'By unit: busy share of the run'),
    workload: table({ type: 'integer' }, 'Rank sizes and parameters of the cascade'),
  }),
  $defs: { difference, occupancy, path_share, roofline, stalls },
};
