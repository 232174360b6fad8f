import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { allRows } from '../sweep/answer.ts';
import { bestPoints, findFront } from '../sweep/best-points.ts';
import { identityOf } from '../sweep/identify.ts';
import { differences, type Objective } from '../sweep/identity.ts';
import { middleOf } from '../sweep/middle.ts';
import type { OpenSweep } from '../sweep/open-sweep.ts';
import { openStoreForReading, type StoreReader } from '../sweep/read-store.ts';
import type { BasePoint } from '../sweep/sensitivity.ts';
import { textOf } from '../sweep/statement.ts';
import { findStore } from '../sweep/store.ts';
import type { SweepTexts } from '../sweep/sweep-texts.ts';
import { baseUnit } from '../units.ts';
import { conditionOf, objectiveText, readObjective, readObjectives } from './store-options.ts';

/** Where parameters are moved: points, and what they are together. */
export type ChosenPoints = {
  /** "the middle of the space" */
  readonly what: string;
  readonly points: readonly ChosenPoint[];
};

/** `number`: in the space; undefined where it is not counted. */
type ChosenPoint = BasePoint & { readonly number: number | undefined };

/** Which points were asked for; `stored`: of a table, of the sweep's own if none is named. */
export type Asked =
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'stored'; readonly which: 'best' | 'front'; readonly file: string | undefined }
  /** The best of the sweep's own table if there is one, else the middle of the space. */
  | { readonly kind: 'usual' };

/**
 * Errors: `bad-point` where there is no such number, those of `openStoreForReading`, `other-sweep`, `nothing-found` where no
 * point of the table is ok, those of the objectives.
 */
export async function choosePoints(
  sweep: OpenSweep,
  texts: SweepTexts,
  asked: Asked,
  objective: Objective,
): Promise<Result<ChosenPoints>> {
  if (asked.kind === 'number') return numbered(sweep, [asked.number], `point ${asked.number}`);
  const own = `${sweep.experiment.name.text}.duckdb`;
  if (asked.kind === 'usual' && !(await findStore(own)).ok) return success(middlePoint(sweep));
  const path = (asked.kind === 'stored' ? asked.file : undefined) ?? own;
  const opened = await openStoreForReading(path);
  if (!opened.ok) return opened;
  const store = opened.value;
  try {
    const same = isOf(sweep, texts, store, path);
    if (!same.ok) return same;
    const found =
      asked.kind === 'stored' && asked.which === 'front' ? await front(store) : await best(store, objective);
    if (!found.ok) return found;
    const { numbers, by } = found.value;
    if (numbers.length === 0)
      return failure([
        diagnostic('nothing-found', `"${path}" has no point that is ok`, undefined, { help: otherwise }),
      ]);
    const what = numbers.length === 1 ? `point ${numbers[0]}` : `${numbers.length} points`;
    return numbered(sweep, numbers, `${what}, ${by} of "${path}"`);
  } finally {
    store.close();
  }
}

const otherwise = '--point names a point without a table';

/** Other code is no reason to refuse: what is moved is compared with what this code says of the point. */
function isOf(sweep: OpenSweep, texts: SweepTexts, { identity }: StoreReader, path: string): Result<void> {
  const changes = differences(identity, identityOf(sweep, texts, identity.code));
  if (changes.length === 0) return success(undefined);
  const message = `"${path}" belongs to another sweep: since it began, ${changes.join('; ')}`;
  return failure([diagnostic('other-sweep', message, undefined, { help: otherwise })]);
}

type Stored = { readonly numbers: readonly number[]; readonly by: string };

async function best(store: StoreReader, usual: Objective): Promise<Result<Stored>> {
  const [first] = store.identity.objectives;
  const objective = first === undefined ? readObjective(store.identity, usual.metric) : success(first);
  if (!objective.ok) return objective;
  const by = { ...objective.value, goal: first?.goal ?? usual.goal };
  const statement = textOf(bestPoints(store.identity, by, conditionOf(undefined), 1));
  return success({ numbers: await pointsOf(store, statement), by: objectiveText(by) });
}

async function front(store: StoreReader): Promise<Result<Stored>> {
  const objectives = readObjectives(store.identity, undefined);
  if (!objectives.ok) return objectives;
  const found = await findFront(store, objectives.value, conditionOf(undefined));
  if (!found.ok) return found;
  const numbers = await pointsOf(store, found.value.statement);
  return success({ numbers, by: `the front (${objectives.value.map(objectiveText).join(', ')})` });
}

/** The column `point` is the first of all statements of points. */
async function pointsOf(store: StoreReader, statement: string): Promise<readonly number[]> {
  return (await allRows(await store.ask(statement))).map(([point]) => Number(point));
}

function numbered({ space }: OpenSweep, numbers: readonly number[], what: string): Result<ChosenPoints> {
  const beyond = numbers.find((number) => number >= space.points);
  if (beyond !== undefined) {
    const message = `there is no point ${beyond}: the space has points 0 to ${space.points - 1}`;
    return failure([diagnostic('bad-point', message, undefined)]);
  }
  const points = numbers.map((number): ChosenPoint => {
    const values = new Float64Array(space.axes.length + space.derived.size);
    space.place(number, values);
    return { number, label: `point ${number}`, values: values.slice(0, space.axes.length) };
  });
  return success({ what, points });
}

function middlePoint({ experiment }: OpenSweep): ChosenPoints {
  const what = 'the middle of the space';
  return { what, points: [{ number: undefined, label: what, values: middleOf(experiment.axes) }] };
}

/** Base units of axes of numbers, by name. */
export const axisUnits = ({ space }: OpenSweep): Readonly<Record<string, string>> =>
  Object.fromEntries(
    space.axes.flatMap(({ name, values }) =>
      values.kind === 'texts' ? [] : [[name.text, baseUnit(values.dimension)]],
    ),
  );

/** The axes of a point: texts, and numbers in base units. */
export const axisData = ({ space }: OpenSweep, { values }: BasePoint): Readonly<Record<string, number | string>> =>
  Object.fromEntries(
    space.axes.map((axis, i) => {
      const value = values[i]!;
      return [axis.name.text, axis.values.kind === 'texts' ? axis.values.texts[value]!.text : value];
    }),
  );
