/** What there is to say of a sweep, or of the rows of a statement, in sentences. */
export type SweepSummary = {
  readonly name: string;
  /** Points of the sweep, and those that have been evaluated. */
  readonly points: number;
  readonly done: number;
  /** Rows of the sweep by status. */
  readonly statuses: Readonly<Record<'ok' | 'excluded' | 'failed', number>>;
  /** Rows that are asked for: those that are ok, or those of a statement. */
  readonly rows: number;
  readonly isStatement: boolean;
  /** What is weighed against each other, and rows that no other beats in all of it. */
  readonly objectives: readonly string[];
  readonly front: number;
};

const whole = (count: number): string => count.toLocaleString('en-US');
const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
const are = (count: number, one: string, many: string): string => `${whole(count)} ${count === 1 ? one : many}`;

/** `shown` rows are on the page. */
export function sweepSentences(summary: SweepSummary, shown: number): readonly string[] {
  return [
    summary.isStatement ? statementSentence(summary) : pointsSentence(summary),
    ...frontSentence(summary),
    ...shownSentence(summary, shown),
  ];
}

function pointsSentence({ name, points, done, statuses: { ok, excluded, failed } }: SweepSummary): string {
  const outside = done - ok - excluded - failed;
  const others = [
    ...(excluded > 0 ? [are(excluded, 'breaks a constraint', 'break a constraint')] : []),
    ...(failed > 0 ? [are(failed, 'is not legal', 'are not legal')] : []),
    ...(outside > 0 ? [are(outside, 'is not in the space', 'are not in the space')] : []),
  ];
  const missing = points - done;
  const unfinished = missing > 0 ? ` ${are(missing, 'point has', 'points have')} not been evaluated.` : '';
  return `Of ${are(done, 'point', 'points')} of ${name}, ${listed([are(ok, 'is ok', 'are ok'), ...others])}.${unfinished}`;
}

const statementSentence = ({ name, rows }: SweepSummary): string =>
  `${are(rows, 'row', 'rows')} of the table of ${name}.`;

function frontSentence({ objectives, front }: SweepSummary): readonly string[] {
  if (objectives.length < 2 || front === 0) return [];
  return [
    `${front === 1 ? 'One is' : `${whole(front)} are`} in the front of ${listed(objectives)}: no other is better in one and as good in the others.`,
  ];
}

function shownSentence({ rows, objectives, front }: SweepSummary, shown: number): readonly string[] {
  if (shown === rows) return [];
  const kept =
    objectives.length === 0
      ? ''
      : front < shown
        ? 'all of the front, the best by each objective, and '
        : 'of the front ';
  return [
    `The page has ${whole(shown)} of the ${whole(rows)} rows: ${kept}an even sample${front < shown && objectives.length > 0 ? ' of the others' : ''}.`,
  ];
}
