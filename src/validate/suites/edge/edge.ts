import { type Diagnostic, failure, type Result, success } from '../../../diagnostic.ts';
import type { Source } from '../../../source.ts';
import { type PointRow, pointsSchema, type RowForm, readRow, readRows } from '../../points.ts';
import type { Outcome, Point, ReadShipped, Run, Subject, Suite } from '../../suite.ts';
import { deviceOf } from './devices.ts';
import { type Models, modelOf, quantizationOf, readModels } from './models.ts';
import { type Pass, runsOf } from './runs.ts';

/** A measured rate, as a file has it. */
type Rate = {
  readonly device: string;
  readonly model: string;
  readonly quant: string;
  readonly phase: string;
  /** Of the prompt, or generated. */
  readonly tokens?: number;
  readonly threads?: number;
  readonly tokens_per_s: number;
  readonly note?: string;
};

const name = { type: 'string', minLength: 1, maxLength: 200 };
const count = { type: 'integer', minimum: 1, maximum: 2 ** 31 };

const form: RowForm = {
  schema: {
    type: 'object',
    required: ['device', 'model', 'quant', 'phase', 'tokens_per_s'],
    properties: {
      device: name,
      model: name,
      quant: name,
      phase: name,
      tokens: count,
      threads: count,
      tokens_per_s: { type: 'number', exclusiveMinimum: 0 },
      note: { type: 'string' },
    },
  } as RowForm['schema'],
  unused: ['provenance', 'source', 'watts'],
};

/** Where a row does not say how many tokens the prompt has, or how many are generated after a short one. */
const usualTokens = 512;

/** A token that is generated sees on average half of those that are generated. */
function passOf({ phase, tokens = usualTokens }: Rate): Pass | undefined {
  if (phase === 'prefill') return { tokens, context: tokens };
  return phase === 'decode' ? { tokens: 1, context: Math.ceil(tokens / 2) } : undefined;
}

type Plan = { readonly device: string; readonly runs: readonly Run[] } | { readonly aside: string };

function planOf(rate: Rate, models: Models): Plan {
  const device = deviceOf(rate.device, rate.threads);
  if ('aside' in device) return device;
  const model = modelOf(models, rate.model);
  if (model === undefined) return { aside: `sizes of ${rate.model} are not among models.json` };
  const quantization = quantizationOf(models, model, rate.quant);
  if (quantization === undefined) return { aside: `formats of ${rate.quant} are not among models.json` };
  const pass = passOf(rate);
  if (pass === undefined) return { aside: `neither decode nor prefill alone: ${rate.phase}` };
  const machine = { hardware: device.hardware, parameters: { CORES: String(device.cores) } };
  return { device: device.title, runs: runsOf(model, quantization, pass, machine) };
}

function pointOf({ name: row, node }: PointRow, rate: Rate, models: Models): Point {
  const { device: named, model, quant, phase, tokens, threads, tokens_per_s, note } = rate;
  const plan = planOf(rate, models);
  const device = 'aside' in plan ? named : plan.device;
  const details = [model, quant, tokens === undefined ? '' : `${tokens} tokens`, threads ? `${threads} threads` : ''];
  const label = details.filter((detail) => detail !== '').join(' ');
  return {
    name: `${device}, ${phase}, ${label}`,
    row,
    series: `${device}, ${phase}`,
    label,
    at: node.span,
    runs: 'aside' in plan ? [] : plan.runs,
    published: new Map([['tokens_per_s', tokens_per_s]]),
    groups: { device, phase },
    ...('aside' in plan ? { aside: plan.aside } : {}),
    ...(note === undefined ? {} : { note }),
  };
}

async function readPoints(source: Source, readShipped: ReadShipped): Promise<Result<readonly Point[]>> {
  const rows = readRows(source, ['edge_tokens_per_s']);
  if (!rows.ok) return rows;
  const models = await readModels(readShipped);
  const read = rows.value.map((row) => ({ row, rate: readRow<Rate>(row, form) }));
  const wrong: readonly Diagnostic[] = read.flatMap(({ rate }) => (rate.ok ? [] : rate.diagnostics));
  if (wrong.length > 0) return failure(wrong);
  return success(
    read.flatMap(({ row, rate }) => (rate.ok ? [pointOf(row, rate.value, models)] : [])),
    read.flatMap(({ rate }) => (rate.ok ? rate.warnings : [])),
  );
}

const seconds = ({ metrics, machine }: Outcome): number => metrics.latency_cycles / machine.clock_hz;

/** All runs make one pass over the weights: for the tokens of a prompt, or for one. */
function tokensPerSecond(outcomes: readonly Outcome[], { runs }: Subject): number | undefined {
  const tokens = runs[0]?.sizes['P'];
  return tokens === undefined ? undefined : tokens / outcomes.reduce((sum, outcome) => sum + seconds(outcome), 0);
}

/** Language models on CPUs: tokens of prompts and generated tokens, a second. */
export const edge: Suite = {
  name: 'edge',
  description: 'language models on CPUs: published rates of tokens, of prompts and generated',
  points: 'experiments/edge/points.json',
  accounting: 'physical',
  figures: [
    {
      name: 'tokens_per_s',
      title: 'rate',
      unit: 'tokens/s',
      error: 'relative',
      tolerance: { analytic: 0.3, cycle: 0.3 },
      read: tokensPerSecond,
    },
  ],
  meansBy: [[], ['phase'], ['device'], ['device', 'phase']],
  plotBy: 'device',
  worst: 10,
  pointsSchema: async () => pointsSchema('edge', { edge_tokens_per_s: form.schema }),
  readPoints,
  claims: async () => [],
};
