import { createHash } from 'node:crypto';
import type { Column } from './table.ts';

export type Objective = { readonly metric: string; readonly goal: 'minimize' | 'maximize' };

/** What a store belongs to: two stores of the same identity hold rows of the same table. */
export type Identity = {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly points: number;
  /** What is better: the first is what is meant where none is named. */
  readonly objectives: readonly Objective[];
  /** SHA-256 of the code that evaluates. */
  readonly code: string;
  /** SHA-256 of each text by its name: `experiment`, `hardware:fusemax`. */
  readonly texts: Readonly<Record<string, string>>;
};

const sortedTexts = (texts: Identity['texts']): readonly (readonly [string, string])[] =>
  Object.entries(texts).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** SHA-256 of all that the sweep is specified by. */
export const specHash = ({ texts }: Identity): string =>
  createHash('sha256')
    .update(JSON.stringify(sortedTexts(texts)))
    .digest('hex');

/** The same text for the same identity, whatever the order of its texts. */
export const identityText = ({ name, columns, points, objectives, code, texts }: Identity): string =>
  JSON.stringify({
    name,
    columns: columns.map(({ name, type, role }) => ({ name, type, role })),
    points,
    objectives: objectives.map(({ metric, goal }) => ({ metric, goal })),
    code,
    texts: Object.fromEntries(sortedTexts(texts)),
  });

/** What has changed from one identity to another, as phrases; none if they are the same. */
export function differences(before: Identity, after: Identity): readonly string[] {
  const found: string[] = [];
  if (before.name !== after.name) found.push(`the experiment was "${before.name}" and is "${after.name}"`);
  for (const text of new Set([...Object.keys(before.texts), ...Object.keys(after.texts)].sort())) {
    const [was, is] = [before.texts[text], after.texts[text]];
    if (was === is) continue;
    found.push(`"${text}" ${was === undefined ? 'is new' : is === undefined ? 'is gone' : 'changed'}`);
  }
  if (before.code !== after.code) found.push('the code of attnsim changed');
  if (before.points !== after.points) found.push(`there were ${before.points} points and are ${after.points}`);
  const columns = ({ columns }: Identity): string => JSON.stringify(columns.map((c) => [c.name, c.type, c.role]));
  if (columns(before) !== columns(after)) found.push(`columns ${columnChanges(before, after)}`);
  const objectives = (of: Identity): string => of.objectives.map((o) => `${o.goal} ${o.metric}`).join(', ');
  if (objectives(before) !== objectives(after))
    found.push(`the objectives were "${objectives(before)}" and are "${objectives(after)}"`);
  return found;
}

function columnChanges(before: Identity, after: Identity): string {
  const names = (of: Identity): readonly string[] => of.columns.map((c) => c.name);
  const missing = (from: readonly string[], these: readonly string[]): string =>
    these
      .filter((n) => !from.includes(n))
      .map((n) => `"${n}"`)
      .join(', ');
  const [gone, added] = [missing(names(after), names(before)), missing(names(before), names(after))];
  if (gone === '' && added === '') return 'have another order or type';
  return [...(gone === '' ? [] : [`${gone} are gone`]), ...(added === '' ? [] : [`${added} are new`])].join(', ');
}
