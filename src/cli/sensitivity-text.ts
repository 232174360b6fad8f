import type { Layout } from '../layout.ts';
import { quantityText, signedPercent, significant } from '../report/quantity-text.ts';
import { type Cell, type Column, renderTable } from '../report/table.ts';
import { type Change, firstChange } from '../sweep/first-change.ts';
import type { Objective } from '../sweep/identity.ts';
import { isIdle, type Ranked, ranked } from '../sweep/ranking.ts';
import type { MovedParameter, Sensitivity, Side } from '../sweep/sensitivity.ts';
import type { Step } from '../sweep/step.ts';
import { wrapSentence } from '../wrap-text.ts';

/** What was moved, and by how much, in words. */
export const stepText = (step: Step): string =>
  step.kind === 'share'
    ? `${plainPercent(step.share)} each way`
    : `to the next values of its axis, or ${plainPercent(step.otherwise)} each way where it has none`;

const plainPercent = (share: number): string => `${Number((share * 100).toPrecision(6))}%`;

/** "-4.8%"; "~0%" below 0.005%. */
const changeText = (change: number): string =>
  change === 0 ? '0%' : Math.abs(change) < 5e-5 ? '~0%' : `${signedPercent(change)}%`;

const orDash = (value: number | undefined, text: (value: number) => string): string =>
  value === undefined ? '-' : text(value);

/** How much of an objective a move takes or gives, and whether that is what is wanted. */
function changeCell(change: number | undefined, goal: Objective['goal']): Cell {
  if (change === undefined) return '-';
  const text = changeText(change);
  if (Math.abs(change) < 5e-5) return text;
  return { text, tone: change < 0 === (goal === 'minimize') ? 'good' : 'bad' };
}

const elasticityText = (value: number): string => (Math.abs(value) < 0.0005 ? '0' : value.toFixed(3));

/** What to change first, for each objective a line, and one more where a size would gain more. */
export function firstChangesText(
  sensitivity: Sensitivity,
  objectives: readonly Objective[],
  step: Step,
  layout: Layout,
): string {
  const line = (text: string, indent: string): string => wrapSentence(text, { ...layout, indent });
  const lines = objectives.flatMap(({ metric, goal }, m) => {
    const design = firstChange(sensitivity, m, goal, ({ isSize }) => !isSize);
    const size = firstChange(sensitivity, m, goal, ({ isSize }) => isSize);
    const first =
      design === undefined
        ? `nothing that is moved makes it noticeably ${goal === 'minimize' ? 'less' : 'more'}`
        : changeWords(sensitivity, design, step);
    const kinks = kinkedNames(sensitivity, m);
    return [
      line(`${metric}: ${first}`, '  '),
      ...(size !== undefined && size.gain > (design?.gain ?? 0)
        ? [line(`(of what is computed: ${changeWords(sensitivity, size, step)})`, '    ')]
        : []),
      ...(kinks === '' ? [] : [line(`(at a kink, where a larger step may say something else: ${kinks})`, '    ')]),
    ];
  });
  return `What to change first:\n${lines.join('')}`;
}

/** Parameters of a design at whose ceiling a point is: what they bring shows when it is left. */
function kinkedNames(sensitivity: Sensitivity, metric: number): string {
  const kinks = ranked(sensitivity, metric).flatMap((r) => (r.kinks > 0 ? [sensitivity.parameters[r.parameter]!] : []));
  return kinks.flatMap(({ name, of, isSize }) => (isSize || of === 'mapping' ? [] : [name])).join(', ');
}

function changeWords(
  { parameters }: Sensitivity,
  { parameter, way, gain, change, points }: Change,
  step: Step,
): string {
  const { name, responses, dimension } = parameters[parameter]!;
  const verb = way === 'higher' ? 'raise' : 'lower';
  const [only] = responses;
  const shown = (value: number): string => quantityText(value, dimension);
  const each = `${significant(gain, 3)}% for each 1%`;
  return responses.length === 1
    ? `${verb} ${name} from ${shown(only!.base)} to ${shown(only![way].value!)}: ${changeText(change)}, ${each}`
    : `${verb} ${name} by ${step.kind === 'axis' ? 'a step' : plainPercent(step.share)}: ${changeText(change)} at ${points} of ${responses.length} points; on average ${each}`;
}

/** A table for each objective, from what moves it most. */
export function tablesText(sensitivity: Sensitivity, objectives: readonly Objective[], layout: Layout): string {
  const isOne = sensitivity.figures.length === 1;
  const [columns, rowOf] = isOne ? [pointColumns, pointRow] : [frontColumns, frontRow];
  return objectives
    .map(({ metric, goal }, m) => {
      const all = ranked(sensitivity, m);
      const rows = all.filter((r) => !isIdle(r)).map((r) => rowOf(sensitivity.parameters[r.parameter]!, r, goal));
      const idle = all.filter(isIdle).map((r) => sensitivity.parameters[r.parameter]!.name);
      const base = isOne ? `= ${significant(sensitivity.figures[0]![m]!)}` : `of ${sensitivity.figures.length} points`;
      const table = rows.length === 0 ? '' : renderTable(columns, rows, { ...layout, indent: '  ' });
      const rest =
        idle.length === 0
          ? ''
          : wrapSentence(`moves it by less than 0.01%: ${idle.join(', ')}`, { ...layout, indent: '  ' });
      return `\n${metric} ${base} (${goal})\n${table}${rest}`;
    })
    .join('');
}

const right = (title: string): Column => ({ title, align: 'right' });

const pointColumns: readonly Column[] = [
  { title: 'parameter' },
  { title: 'of' },
  right('value'),
  right('elasticity'),
  right('lower'),
  right('change'),
  right('higher'),
  right('change'),
  { title: 'note', wrap: true },
];

function pointRow(
  { name, of, dimension, responses }: MovedParameter,
  { elasticity, change, kinks }: Ranked,
  goal: Objective['goal'],
): readonly Cell[] {
  const { base, lower, higher } = responses[0]!;
  const shown = (value: number): string => quantityText(value, dimension);
  const notes = [
    ...(kinks > 0 ? ['kink'] : []),
    ...(
      [
        ['lower', lower],
        ['higher', higher],
      ] as const
    ).flatMap(([way, side]) => sideNotes(way, side)),
  ];
  return [
    name,
    of,
    shown(base),
    orDash(elasticity?.mean, elasticityText),
    orDash(lower.value, shown),
    changeCell(change.lower, goal),
    orDash(higher.value, shown),
    changeCell(change.higher, goal),
    notes.join('; '),
  ];
}

const sideNotes = (way: string, side: Side): readonly string[] =>
  side.kind === 'missing' ? [`no ${way}`] : side.excluded ? [`${way} breaks a constraint`] : [];

const frontColumns: readonly Column[] = [
  { title: 'parameter' },
  { title: 'of' },
  right('elasticity'),
  right('least'),
  right('most'),
  right('lower'),
  right('higher'),
  { title: 'note', wrap: true },
];

function frontRow(
  { name, of, responses }: MovedParameter,
  { elasticity, change, kinks }: Ranked,
  goal: Objective['goal'],
): readonly Cell[] {
  const count = (way: 'lower' | 'higher', is: (side: Side) => boolean): number =>
    responses.filter((r) => r !== undefined && is(r[way])).length;
  const told = (number: number, what: string): readonly string[] => (number === 0 ? [] : [`${what} at ${number}`]);
  return [
    name,
    of,
    orDash(elasticity?.mean, elasticityText),
    orDash(elasticity?.least, elasticityText),
    orDash(elasticity?.most, elasticityText),
    changeCell(change.lower, goal),
    changeCell(change.higher, goal),
    [
      ...told(kinks, 'kink'),
      ...(['lower', 'higher'] as const).flatMap((way) => [
        ...told(
          count(way, (side) => side.kind === 'missing'),
          `no ${way}`,
        ),
        ...told(
          count(way, (side) => side.kind === 'found' && side.excluded),
          `${way} breaks a constraint`,
        ),
      ]),
      ...told(responses.filter((r) => r === undefined).length, 'not there'),
    ].join('; '),
  ];
}

/** Why sides are missing, and which are not where the step leads to. */
export function notesText({ parameters }: Sensitivity, layout: Layout): string {
  const missing = parameters.flatMap(({ name, dimension, responses }) =>
    (['lower', 'higher'] as const).flatMap((way) => {
      const sides = responses.flatMap((r) => (r === undefined ? [] : [r[way]]));
      const first = sides.find((side) => side.kind === 'missing');
      if (first === undefined) return [];
      const failed = sides.filter((side) => side.kind === 'missing').length;
      const where = responses.length === 1 ? '' : ` (at ${failed} of ${sides.length} points; the first)`;
      const value =
        first.value === undefined ? `no ${way} ${name}` : `${name} = ${quantityText(first.value, dimension)}`;
      return [`${value}${where}: ${first.reason}`];
    }),
  );
  const isRounded = (side: Side): boolean => side.kind === 'found' && side.rounded;
  const rounded = parameters
    .filter(({ responses }) => responses.some((r) => r !== undefined && (isRounded(r.lower) || isRounded(r.higher))))
    .map(({ name }) => name);
  const lines = [
    ...missing,
    ...(rounded.length > 0 ? [`moved to whole numbers, since those between are refused: ${rounded.join(', ')}`] : []),
  ];
  return lines.length === 0
    ? ''
    : `\nNotes:\n${lines.map((line) => wrapSentence(line, { ...layout, indent: '  ' })).join('')}`;
}
