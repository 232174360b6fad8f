import { type Diagnostic, diagnostic, type Result, success } from '../../../diagnostic.ts';
import type { Source } from '../../../source.ts';
import type { Outcome, Point, Suite } from '../../suite.ts';
import { causeOf, causeTexts } from './causes.ts';
import { type Device, deviceOf, deviceTitles, isVague } from './devices.ts';
import { bitsOf, formatNames } from './formats.ts';
import { type Family, familyNames, familyOf, runsOf } from './kernels.ts';
import { type Measurement, measurementsSchema, readMeasurements, type Shape } from './points.ts';

/** "4x32/8x8192 d128 causal": batch, heads of queries and of keys, length, head size. */
function shapeText({ batch, heads_q, heads_kv, seqlen_q, seqlen_kv, ...shape }: Shape): string {
  const heads = heads_q === heads_kv ? `${heads_q}` : `${heads_q}/${heads_kv}`;
  const length = seqlen_q === seqlen_kv ? `${seqlen_q}` : `${seqlen_q}:${seqlen_kv}`;
  const size =
    shape.head_dim_qk === shape.head_dim_v ? `${shape.head_dim_qk}` : `${shape.head_dim_qk}/${shape.head_dim_v}`;
  const window = shape.sliding_window === undefined ? '' : ` window ${shape.sliding_window}`;
  return `${batch}x${heads}x${length} d${size}${shape.causal ? ' causal' : ''}${window}`;
}

/** What runs for a measurement, or why nothing does. */
type Plan =
  | { readonly device: Device; readonly family: Family; readonly runs: Point['runs'] }
  | { readonly refused: Diagnostic }
  | { readonly aside: string };

function planOf(measurement: Measurement): Plan {
  const { row, at, pass, dtype, shape } = measurement;
  if (!('batch' in shape)) return { aside: `not stated: ${shape.join(', ')}` };
  const refused = (message: string, help: string): Plan => ({
    refused: diagnostic('unknown-name', message, at, { help }),
  });
  const device = deviceOf(measurement.device);
  const known = (names: readonly string[]): string => `known: ${names.join(', ')}`;
  if (device === undefined)
    return refused(`${row}: no spec ships for device "${measurement.device}"`, known(deviceTitles));
  const family = familyOf(measurement.kernel, pass, device);
  if (family === undefined)
    return refused(
      `${row}: no mapping ships for pass "${pass}" of kernel "${measurement.kernel}" on ${device.title}`,
      known(familyNames),
    );
  const bits = bitsOf(dtype);
  if (bits === undefined)
    return refused(`${row}: no kernel of attention is known for the format "${dtype}"`, known(formatNames));
  if (bits < device.least_bits)
    return refused(`${row}: the matrix units of ${device.title} have no format of ${bits} bits`, known(formatNames));
  const task = { device, shape, dtype: dtype.toLowerCase(), kernel: measurement.kernel.toLowerCase() };
  const refusal = family.refusal?.(task);
  if (refusal !== undefined) return refused(`${row}: ${refusal}`, 'docs/validation.md says what a row can be');
  return { device, family, runs: runsOf(family, pass, task) };
}

/** Why a row that is predicted is in no mean; undefined: it is. */
function asideOf({ device, time_ms }: Measurement): string | undefined {
  if (time_ms === undefined) return 'nothing measured';
  return isVague(device) ? `device not named: ${device}` : undefined;
}

function pointOf(measurement: Measurement): Point {
  const { row, at, kernel, pass, dtype, shape, time_ms, note } = measurement;
  const plan = planOf(measurement);
  const label = `${'batch' in shape ? shapeText(shape) : 'shape incomplete'} ${dtype}`;
  const of = 'device' in plan ? plan.device : undefined;
  const device = of?.title ?? measurement.device;
  const series = `${device}, ${kernel}, ${pass}`;
  const aside = 'aside' in plan ? plan.aside : asideOf(measurement);
  const cause = 'batch' in shape && time_ms !== undefined ? causeOf(measurement, shape) : undefined;
  return {
    name: `${series}, ${label}`,
    row,
    series,
    label,
    at,
    runs: 'runs' in plan ? plan.runs : [],
    published: time_ms === undefined ? new Map() : new Map([['time_ms', time_ms]]),
    groups: {
      device,
      kernel,
      pass,
      ...(of === undefined ? {} : { chip: of.chip, vendor: of.vendor, generation: of.generation }),
      ...('family' in plan ? { family: plan.family.name } : {}),
    },
    ...(aside === undefined ? {} : { aside }),
    ...(cause === undefined ? {} : { explained: new Map([['time_ms', cause]]) }),
    ...('refused' in plan ? { refused: plan.refused } : {}),
    ...(note === undefined ? {} : { note }),
  };
}

async function readPoints(source: Source): Promise<Result<readonly Point[]>> {
  const read = readMeasurements(source);
  return read.ok ? success(read.value.map(pointOf), read.warnings) : read;
}

const milliseconds = ({ metrics }: Outcome): number => metrics.board.time_s * 1e3;

/** Kernels of attention as they were measured on GPUs. */
export const gpus: Suite = {
  name: 'gpus',
  description: 'kernels of attention on GPUs, forward, backward and decoding: published measurements',
  points: 'experiments/gpus/points.json',
  factors: 'experiments/gpus/factors.json',
  calibration: 'experiments/gpus/calibration.json',
  accounting: 'physical',
  figures: [
    {
      name: 'time_ms',
      title: 'time',
      unit: 'ms',
      error: 'relative',
      tolerance: { analytic: 0.3, cycle: 0.3 },
      read: (outcomes) => outcomes.reduce((sum, outcome) => sum + milliseconds(outcome), 0),
    },
  ],
  meansBy: [
    [],
    ['vendor'],
    ['chip'],
    ['device'],
    ['pass'],
    ['vendor', 'pass'],
    ['device', 'pass'],
    ['device', 'family', 'pass'],
  ],
  plotBy: 'device',
  worst: 20,
  rules: causeTexts,
  pointsSchema: async () => measurementsSchema,
  readPoints,
  claims: async () => [],
};
