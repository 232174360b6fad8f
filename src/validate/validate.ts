import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { Metrics } from '../models/metrics.ts';
import {
  type Validation,
  type ValidationBound,
  type ValidationClaim,
  type ValidationError,
  type ValidationRow,
  validationSchemaName,
} from '../report/validation.ts';
import type { Library } from './library.ts';
import { groupMeans, seriesMeans } from './means.ts';
import type { Claim, Figure, Outcome, Point, Run, Subject, Suite } from './suite.ts';
import { worstErrors } from './worst.ts';

/** How points are evaluated, and what is told of them. */
export type ValidationOptions = {
  readonly model: Metrics['model'];
  /** Not given: the suite's. */
  readonly accounting?: string | undefined;
  /** Name of the file of points. */
  readonly pointsName: string;
  readonly claims: readonly Claim[];
  readonly library: Library;
  /** Called at the beginning, and after each point and each pair of a claim. */
  readonly onProgress?: (done: number, total: number) => void;
};

/** How many of the worst errors are told where the suite does not say. */
const usuallyWorst = 5;

/** What is predicted for a subject; a text says why it could not be run. */
type Predicted = { readonly figures: ReadonlyMap<string, number>; readonly outcomes: readonly Outcome[] } | string;
type Predictions = { readonly of: (subject: Subject) => Predicted; readonly diagnostics: readonly Diagnostic[] };

/** Runs the points of a suite, and what its claims need besides. What cannot be run is told, and the rest goes on. */
export async function validatePoints(
  suite: Suite,
  points: readonly Point[],
  options: ValidationOptions,
): Promise<{ readonly validation: Validation; readonly diagnostics: readonly Diagnostic[] }> {
  const { model } = options;
  const claims = withPairs(options.claims, points);
  const { of, diagnostics } = await predict(suite, points, claims, options);
  const refused = points.flatMap((point) => point.refused ?? []);
  const rows = points.map((point) => rowOf(suite, point, of(point), model));
  const errors = rows.filter((row) => row.aside === null).flatMap((row) => Object.values(row.figures));
  const figures = suite.figures.map(({ name, title, unit, error, detail, tolerance }) => ({
    name,
    title,
    unit,
    error,
    detail: detail ?? false,
    tolerance: tolerance?.[model] ?? null,
  }));
  const rules = suite.rules ?? {};
  const validation: Validation = {
    schema: validationSchemaName,
    suite: suite.name,
    points: options.pointsName,
    model,
    energy_accounting: options.accounting ?? suite.accounting,
    figures,
    plot_by: suite.plotBy ?? null,
    rules,
    rows,
    series: seriesMeans(rows),
    groups: groupMeans(rows, suite.meansBy ?? []),
    worst: worstErrors({ figures, rows, rules }, suite.worst ?? usuallyWorst),
    claims: claims.map((claim) => claimOf(claim, points, of)),
    beyond_tolerance: errors.filter((e) => e.within === false && e.rule === null).length,
    failed: rows.filter((row) => row.failed !== null).length,
  };
  return { validation, diagnostics: [...refused, ...diagnostics] };
}

/** What a subject is known by: equal for those with the same runs. */
const keyOf = ({ runs }: Subject): string => JSON.stringify(runs);

/** The claims, unless no pair of theirs is among the points: then those are about something else. */
function withPairs(claims: readonly Claim[], points: readonly Point[]): readonly Claim[] {
  const keys = new Set(points.map(keyOf));
  return claims.some(({ pairs }) => pairs.some((pair) => pair.every((s) => keys.has(keyOf(s))))) ? claims : [];
}

async function predict(
  suite: Suite,
  points: readonly Point[],
  claims: readonly Claim[],
  options: ValidationOptions,
): Promise<Predictions> {
  const subjects = new Map<string, Subject>(points.filter((p) => p.runs.length > 0).map((s) => [keyOf(s), s]));
  for (const subject of claims.flatMap((c) => c.pairs.flat()))
    if (!subjects.has(keyOf(subject))) subjects.set(keyOf(subject), subject);
  const evaluation = { model: options.model, accounting: options.accounting ?? suite.accounting };
  let done = 0;
  options.onProgress?.(done, subjects.size);
  // All at once: a library may have several workers. What comes of them is in the order of the subjects.
  const results = await Promise.all(
    [...subjects.values()].map(async (subject) => {
      const runs = await Promise.all(subject.runs.map((run) => options.library.evaluate(run, evaluation)));
      options.onProgress?.(++done, subjects.size);
      return { subject, runs };
    }),
  );
  const ran = new Map<string, readonly Outcome[] | string>();
  const diagnostics: Diagnostic[] = [];
  for (const { subject, runs } of results) {
    const wrong = runs.flatMap((r) => (r.ok ? [] : r.diagnostics));
    const outcomes = runs.flatMap((r) => (r.ok ? [r.value] : []));
    diagnostics.push(...wrong.map((d) => ofSubject(d, subject)));
    ran.set(keyOf(subject), wrong.length === 0 ? outcomes : wrong[0]!.message);
  }
  const of = (subject: Subject): Predicted => {
    const outcomes = ran.get(keyOf(subject)) ?? [];
    if (typeof outcomes === 'string') return outcomes;
    return { figures: figuresOf(suite.figures, outcomes, subject), outcomes };
  };
  return { of, diagnostics };
}

const figuresOf = (
  figures: readonly Figure[],
  outcomes: readonly Outcome[],
  subject: Subject,
): ReadonlyMap<string, number> =>
  new Map(
    figures.flatMap(({ name, read }) => {
      const value = read(outcomes, subject);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );

/** Tells a mistake at the point that it was made for; where in a mapping or cascade it shows comes with it. */
function ofSubject(d: Diagnostic, subject: Subject & Partial<Point>): Diagnostic {
  const name = subject.row === undefined ? subject.name : `${subject.row} (${subject.name})`;
  const shown = d.span === undefined ? [] : [{ span: d.span, message: 'shows here' }];
  const related = subject.at === undefined ? d.related : [...shown, ...d.related];
  return diagnostic(d.code, `${name}: ${d.message}`, subject.at ?? d.span, { ...d, related });
}

const valueIn = (predicted: Predicted, figure: string): number | undefined =>
  typeof predicted === 'string' ? undefined : predicted.figures.get(figure);

function rowOf(suite: Suite, point: Point, predicted: Predicted, model: Metrics['model']): ValidationRow {
  const values =
    typeof predicted === 'string' || point.runs.length === 0 ? new Map<string, number>() : predicted.figures;
  const figures = suite.figures.flatMap((figure) => {
    const value = values.get(figure.name);
    if (!point.published.has(figure.name) || value === undefined) return [];
    return [[figure.name, errorOf(figure, point, value, model)] as const];
  });
  return {
    row: point.row,
    series: point.series,
    label: point.label,
    runs: point.runs.map((run, i) => shownRun(run, typeof predicted === 'string' ? undefined : predicted.outcomes[i])),
    groups: point.groups ?? {},
    predicted: Object.fromEntries(values),
    figures: Object.fromEntries(figures),
    aside: point.aside ?? null,
    note: point.note ?? null,
    failed: point.refused?.message ?? (typeof predicted === 'string' ? predicted : null),
  };
}

const shownRun = (run: Run, outcome: Outcome | undefined): ValidationRow['runs'][number] => ({
  cascade: run.cascade,
  hardware: run.hardware,
  mapping: run.mapping,
  workload: run.workload ?? null,
  sizes: run.sizes,
  formats: run.formats ?? {},
  densities: run.densities ?? {},
  parameters: run.parameters,
  bound: outcome === undefined ? null : boundOf(outcome),
});

function boundOf({ metrics: { bound, busy_cycles, latency_cycles } }: Outcome): ValidationBound {
  const { cycles, instances } = busy_cycles.get(bound.resource)!;
  return { resource: bound.resource, kind: bound.kind, busy: cycles / instances / latency_cycles };
}

function errorOf(figure: Figure, point: Point, predicted: number, model: Metrics['model']): ValidationError {
  const published = point.published.get(figure.name)!;
  // Where nothing is published, all of it is the error.
  const share = figure.error === 'relative' && published !== 0;
  const error = share ? predicted / published - 1 : predicted - published;
  const tolerance = figure.tolerance?.[model];
  const within = tolerance === undefined ? null : Math.abs(error) <= tolerance;
  return { published, predicted, error, within, rule: point.explained?.get(figure.name) ?? null };
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function claimOf(claim: Claim, points: readonly Point[], of: Predictions['of']): ValidationClaim {
  const stating = points.filter((p) => p.published.has(claim.figure));
  const published = new Map(stating.map((p) => [keyOf(p), p.published.get(claim.figure)]));
  const ratio = (value: (subject: Subject) => number | undefined) => (pair: readonly [Subject, Subject]) => {
    const [above, below] = [value(pair[0]), value(pair[1])];
    return above === undefined || below === undefined ? undefined : above / below;
  };
  const publishedRatio = ratio((subject) => published.get(keyOf(subject)));
  const predictedRatio = ratio((subject) => valueIn(of(subject), claim.figure));
  const known = (values: readonly (number | undefined)[]) => values.filter((v) => v !== undefined);
  const predicted = known(claim.pairs.map(predictedRatio));
  const given = claim.pairs.filter((p) => publishedRatio(p) !== undefined && predictedRatio(p) !== undefined);
  return {
    claim: claim.claim,
    figure: claim.figure,
    printed: claim.printed ?? null,
    recomputed: claim.recomputed,
    given:
      given.length === 0
        ? null
        : {
            pairs: given.length,
            published: mean(known(given.map(publishedRatio))),
            predicted: mean(known(given.map(predictedRatio))),
          },
    predicted: predicted.length === claim.pairs.length ? mean(predicted) : null,
    pairs: claim.pairs.length,
  };
}
