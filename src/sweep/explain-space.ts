import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { Layout } from '../layout.ts';
import { quantityText, significant } from '../report/quantity-text.ts';
import { type Column, renderTable } from '../report/table.ts';
import { wrapSentence } from '../wrap-text.ts';
import { axesOf } from './axis-tree.ts';
import type { Axis, Experiment } from './experiment.ts';
import { randomShare } from './philox.ts';
import type { Space } from './space.ts';

/** What is left of a space, of all its points or of some that were drawn from them. */
export type SpaceExplanation = {
  readonly points: number;
  readonly examined: number;
  /** Of those examined: how many no condition excludes. */
  readonly left: number;
  /** Of those examined: how many each condition excludes, whatever the others do. */
  readonly excluded: readonly number[];
};

/** Points that are examined, less where each is much to work out: it takes a second or two. */
const mostExamined = 1_000_000;
const mostWork = 250_000_000;

/** About how much a point is to work out, in characters. */
function workOf({ axes, derived, where }: Experiment): number {
  const expressions = [...derived.values(), ...where];
  return 20 * axesOf(axes).length + expressions.reduce((sum, { text }) => sum + text.length, 0);
}

/** Counts what conditions exclude: exactly up to a million points, of more of a million of them, spread over all. */
export function explainSpace(experiment: Experiment, { points, where, axes, derived, place }: Space): SpaceExplanation {
  const most = Math.min(mostExamined, Math.ceil(mostWork / workOf(experiment)));
  const values = new Float64Array(axes.length + derived.size);
  const examined = Math.min(points, most);
  const excluded = where.map(() => 0);
  let left = 0;
  for (let i = 0; i < examined; i++) {
    // Drawn at random within equal parts: at even distances only some values of an axis might ever be met.
    const point = examined === points ? i : Math.floor(((i + randomShare(0, i, 0)) * points) / examined);
    place(point, values);
    let holds = true;
    for (let c = 0; c < where.length; c++) {
      if (where[c]!.holds(values)) continue;
      excluded[c]!++;
      holds = false;
    }
    if (holds) left++;
  }
  return { points, examined, left, excluded };
}

/** The mistake of a space without points. */
export function emptySpace(experiment: Experiment, explanation: SpaceExplanation): readonly Diagnostic[] {
  if (explanation.left > 0 || explanation.examined < explanation.points) return [];
  const most = explanation.excluded.indexOf(Math.max(...explanation.excluded));
  const { text, span } = experiment.where[most]!;
  const message = `no point is left of ${explanation.points}: "${text}" alone excludes ${explanation.excluded[most]}`;
  return [diagnostic('empty-space', message, span)];
}

/** A space for people: how many points, its axes, and what its conditions exclude. */
export function describeSpace(
  experiment: Experiment,
  space: Space,
  explanation: SpaceExplanation,
  layout: Layout,
): string {
  const { points, examined, left, excluded } = explanation;
  const exact = examined === points;
  const scaled = (n: number): string => (exact ? String(n) : `about ${significant((n / examined) * points, 3)}`);
  const { sampling } = experiment;
  const how = sampling.method === 'grid' ? 'all combinations' : `${sampling.method}, seed ${sampling.seed}`;
  const lines = [`${points} point${points === 1 ? '' : 's'} (${how})`];
  if (experiment.where.length > 0)
    lines.push(`, ${scaled(left)} of them in the space${exact ? '' : ` (of ${examined} examined: ${left})`}`);
  const table = (columns: readonly Column[], rows: readonly (readonly string[])[]): string =>
    rows.length === 0 ? '' : `\n${renderTable(columns, rows, { ...layout, indent: '  ' })}`;
  const conditions = experiment.where.map(({ text }, i) => [text, scaled(excluded[i]!)]);
  return (
    wrapSentence(lines.join(''), { ...layout, indent: '  ' }) +
    table(axisColumns, space.axes.map(describeAxis)) +
    table(
      [
        { title: 'condition', wrap: true },
        { title: 'excludes', align: 'right' },
      ],
      conditions,
    )
  );
}

const axisColumns: readonly Column[] = [
  { title: 'axis' },
  { title: 'values', align: 'right' },
  { title: 'first', align: 'right' },
  { title: 'last', align: 'right' },
];

function describeAxis({ name, values }: Axis): readonly string[] {
  if (values.kind === 'texts')
    return [name.text, String(values.texts.length), values.texts[0]!.text, values.texts.at(-1)!.text];
  const { dimension, numbers, interval } = values;
  const shown = (value: number): string => quantityText(value, dimension);
  if (interval !== undefined)
    return [name.text, interval.whole ? 'whole' : 'any', shown(interval.from), shown(interval.to)];
  return [name.text, String(numbers.length), shown(numbers[0]!), shown(numbers.at(-1)!)];
}
