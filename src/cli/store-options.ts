import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Source } from '../source.ts';
import type { Identity, Objective } from '../sweep/identity.ts';
import { type TableFile, tableFormats } from '../sweep/table-file.ts';

/** A file to write a table to, by the end of its name. */
export function readTableFile(option: string, path: string): Result<TableFile> {
  const format = tableFormats.find((end) => path.endsWith(end));
  if (format !== undefined) return success({ path, format });
  const message = `${option} "${path}" ends in none of ${tableFormats.join(', ')}`;
  return failure([diagnostic('bad-choice', message, undefined)]);
}

/** A condition in SQL; all points without one. */
export const conditionOf = (where: string | undefined): Source => ({ name: '--where', text: where ?? 'true' });

const goals = { min: 'minimize', max: 'maximize' } as const;

const columnMissing = (identity: Identity, name: string): Diagnostic => {
  const known = identity.columns.filter((c) => c.type === 'number').map((c) => c.name);
  const isText = identity.columns.some((c) => c.name === name);
  const message = isText ? `column "${name}" has texts, not numbers` : `the table has no column "${name}"`;
  const help = didYouMean(name, known) ?? '"attnsim query FILE" lists the columns';
  return diagnostic('unknown-column', message, undefined, { help });
};

/** A column of numbers and which way it is better: as the sweep says, or the less the better. */
export function readObjective(identity: Identity, text: string): Result<Objective> {
  const [, name = text, way] = /^(.*):(min|max)$/.exec(text.trim()) ?? [undefined, text.trim()];
  if (!identity.columns.some((c) => c.name === name && c.type === 'number'))
    return failure([columnMissing(identity, name)]);
  const known = identity.objectives.find((o) => o.metric === name);
  return success({
    metric: name,
    goal: way === undefined ? (known?.goal ?? 'minimize') : goals[way as keyof typeof goals],
  });
}

/** Several of them with commas between, or those of the sweep. */
export function readObjectives(identity: Identity, text: string | undefined): Result<readonly Objective[]> {
  const read = text?.split(',').map((one) => readObjective(identity, one));
  const wrong = read?.flatMap((r) => (r.ok ? [] : r.diagnostics)) ?? [];
  if (wrong.length > 0) return failure(wrong);
  const objectives = read?.flatMap((r) => (r.ok ? [r.value] : [])) ?? identity.objectives;
  if (objectives.length >= 2 && new Set(objectives.map((o) => o.metric)).size === objectives.length)
    return success(objectives);
  const message =
    text === undefined
      ? `a front is of two objectives or more, and the sweep has ${objectives.length}: name them with --objectives`
      : `--objectives "${text}" does not weigh two columns or more against each other, each once`;
  const help = 'such as --objectives latency_s,utilization.Array2D:max';
  return failure([diagnostic('bad-choice', message, undefined, { help })]);
}

/** "the least latency_s" */
export const objectiveText = ({ metric, goal }: Objective): string =>
  `the ${goal === 'minimize' ? 'least' : 'most'} ${metric}`;
