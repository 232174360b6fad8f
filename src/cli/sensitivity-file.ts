import { failure, type Result, success } from '../diagnostic.ts';
import { readDocument } from '../document.ts';
import { readTextFile } from '../files.ts';
import { checkForm, plain } from '../form.ts';
import type { SensitivityData } from './sensitivity-data.ts';

const text = { type: 'string' };
const numberOrNull = { type: ['number', 'null'] };
const list = (items: object): object => ({ type: 'array', items });
const fields = (
  required: Readonly<Record<string, object>>,
  optional: Readonly<Record<string, object>> = {},
): object => ({
  type: 'object',
  required: Object.keys(required),
  properties: { ...required, ...optional },
});
const orNull = (form: object): object => ({ anyOf: [{ type: 'null' }, form] });

const side = fields(
  { value: numberOrNull, status: { enum: ['ok', 'excluded', 'missing'] } },
  { change: numberOrNull, reason: text },
);

/** What charts take of it. */
const schema = fields({
  experiment: text,
  model: { enum: ['analytic', 'cycle'] },
  at: text,
  units: { type: 'object', additionalProperties: text },
  step: { type: 'string' },
  points: list(
    fields({
      axes: { type: 'object', additionalProperties: { type: ['number', 'string'] } },
      metrics: { type: 'object', additionalProperties: numberOrNull },
    }),
  ),
  objectives: list(
    fields({
      metric: text,
      goal: { enum: ['minimize', 'maximize'] },
      parameters: list(
        fields({
          parameter: text,
          unit: text,
          kinks: { type: 'number' },
          points: list(orNull(fields({ value: { type: 'number' }, lower: side, higher: side }))),
        }),
      ),
    }),
  ),
});

/** Reads what `attnsim sensitivity --out` has written. Errors: those of files, documents and their form. */
export async function readSensitivity(path: string): Promise<Result<SensitivityData>> {
  const read = await readTextFile(path);
  if (!read.ok) return read;
  const root = readDocument(read.value);
  if (!root.ok) return root;
  const mistakes = checkForm(root.value, schema, { whole: 'what "attnsim sensitivity --out" writes' });
  return mistakes.length > 0
    ? failure(mistakes.map((m) => m.diagnostic))
    : success(plain(root.value) as SensitivityData);
}
