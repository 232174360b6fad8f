import { type Result, success } from '../diagnostic.ts';
import { invariant } from '../invariant.ts';
import type { Experiment } from './experiment.ts';
import { type FigurePath, figurePath } from './figures.ts';
import { inputsOf, openSubjects } from './open-subjects.ts';
import type { Parameter } from './parameters-at.ts';
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
  /**
   * Rows of points that need not be of the grid or the sample: their axes in base units, in the order of `space.axes`, of
   * texts the position. Numbered in the order of the list; those outside of the space have no row.
   */
  readonly evaluateAt: (points: readonly ArrayLike<number>[]) => Promise<Rows>;
  /** Parameters of the machine and the mapping at such a point. Errors: those of the pipeline. */
  readonly parametersAt: (point: ArrayLike<number>) => Promise<Result<readonly Parameter[]>>;
};

export type OpenSweepFrom = (texts: SweepTexts) => Promise<Result<OpenSweep>>;

/** Errors: those of `parseExperiment` and `openSpace`. */
export const openSweep: OpenSweepFrom = async (texts) => {
  const parsed = parseExperiment(texts.experiment);
  return parsed.ok ? openExperiment(parsed.value, texts) : parsed;
};

/** The same for an experiment that may be another than its text says. Errors: those of `openSpace`. */
export async function openExperiment(experiment: Experiment, texts: SweepTexts): Promise<Result<OpenSweep>> {
  const opened = await openSpace(experiment);
  if (!opened.ok) return opened;
  const space = opened.value;
  // What is no metric has been told by `parseExperiment`.
  const figures = experiment.metrics.map((m) => figurePath(m)).filter((path) => 'bind' in path);
  const columns = columnsOf(space, figures);
  const subjects = openSubjects(experiment, space, texts, figures);
  const evaluate = rangeEvaluator(space, columns, subjects);
  return success({
    experiment,
    space,
    columns,
    points: space.points,
    evaluate: (range) => {
      invariant(range.first >= 0 && range.first + range.count <= space.points, 'a range is of points that there are');
      return evaluate(range, space.read);
    },
    evaluateAt: (points) =>
      evaluate({ first: 0, count: points.length }, (point, into) => {
        into.set(points[point]!);
        return space.complete(into);
      }),
    parametersAt: async (point) => {
      const values = new Float64Array(space.axes.length + space.derived.size);
      values.set(point);
      space.complete(values);
      const subject = await subjects.at(values);
      if (!subject.ok) return subject;
      return await subject.value.parameters(Float64Array.from(inputsOf(space), ({ run }) => run(values)));
    },
  });
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
