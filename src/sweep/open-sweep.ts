import { type Diagnostic, failure, type Result, success } from '../diagnostic.ts';
import type { Experiment } from './experiment.ts';
import { type FigurePath, figurePath, usualFigures } from './figures.ts';
import { openSubjects } from './open-subjects.ts';
import { parseExperiment } from './parse-experiment.ts';
import { rangeEvaluator } from './range-evaluator.ts';
import { openSpace, type Space } from './space.ts';
import type { SweepTexts } from './sweep-texts.ts';
import { type Column, outcomeColumns, type Range, type Rows } from './table.ts';

/** A sweep that is ready to be evaluated. Its rows depend on the texts and the point alone. */
export type OpenSweep = {
  readonly experiment: Experiment;
  readonly space: Space;
  readonly columns: readonly Column[];
  /** Points are numbered from 0; some of them may not be in the space. */
  readonly points: number;
  readonly evaluate: (range: Range) => Promise<Rows>;
};

export type OpenSweepFrom = (texts: SweepTexts) => Promise<Result<OpenSweep>>;

/** Errors: those of `parseExperiment` and `openSpace`, `unknown-metric`. */
export const openSweep: OpenSweepFrom = async (texts) => {
  const parsed = parseExperiment(texts.experiment);
  if (!parsed.ok) return parsed;
  const experiment = parsed.value;
  const opened = await openSpace(experiment);
  const figures = figuresIn(experiment);
  if (!opened.ok || !figures.ok) return failure([opened, figures].flatMap((r) => (r.ok ? [] : r.diagnostics)));
  const space = opened.value;
  const columns = columnsOf(space, figures.value);
  const subjects = openSubjects(experiment, space, texts, figures.value);
  return success({
    experiment,
    space,
    columns,
    points: space.points,
    evaluate: rangeEvaluator(space, columns, subjects),
  });
};

function figuresIn({ metrics }: Experiment): Result<readonly FigurePath[]> {
  const nowhere = { source: { name: 'the usual metrics', text: '' }, start: 0, end: 0 };
  const wanted = metrics.length > 0 ? metrics : usualFigures.map((text) => ({ text, span: nowhere }));
  const diagnostics: Diagnostic[] = [];
  const paths: FigurePath[] = [];
  for (const written of wanted) {
    const found = figurePath(written);
    if ('bind' in found) paths.push(found);
    else diagnostics.push(found);
  }
  return diagnostics.length > 0 ? failure(diagnostics) : success(paths);
}

/** Axes and derived values, metrics, and what became of the point. */
const columnsOf = ({ axes, derived }: Space, figures: readonly FigurePath[]): readonly Column[] => [
  ...axes.map(
    ({ name, values }): Column => ({
      name: name.text,
      type: values.kind === 'texts' ? 'text' : 'number',
      role: 'parameter',
    }),
  ),
  ...[...derived.keys()].map((name): Column => ({ name, type: 'number', role: 'parameter' })),
  ...figures.map(({ name, type }): Column => ({ name, type, role: 'metric' })),
  ...outcomeColumns,
];
