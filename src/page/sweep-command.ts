import type { SweepPageData } from './sweep-data.ts';

/** A word of a command line as a POSIX shell takes it. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** The command that gives rows for which a condition holds; all if it is empty. */
export function rowsCommand(
  { file, statement, objectives, columns }: Pick<SweepPageData, 'file' | 'statement' | 'objectives' | 'columns'>,
  condition: string,
): string {
  if (statement !== undefined) {
    const rows = `FROM query('${statement.replaceAll("'", "''")}')`;
    const asked = condition === '' ? rows : `${rows} WHERE ${condition}`;
    return ['attnsim', 'query', file, asked].map(quoted).join(' ');
  }
  const [objective] = objectives;
  if (objective === undefined) {
    const rows = "FROM points WHERE status = 'ok'";
    return ['attnsim', 'query', file, condition === '' ? rows : `${rows} AND ${condition}`].map(quoted).join(' ');
  }
  const where = condition === '' ? [] : ['--where', condition];
  const by = columns[objective.column]!.name;
  return ['attnsim', 'best', file, '--by', by, ...where, '--top', '20'].map(quoted).join(' ');
}
