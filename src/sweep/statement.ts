import type { DuckDBConnection } from '@duckdb/node-api';
import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { type Source, span } from '../source.ts';
import { type DuckDB, engineError } from './duckdb.ts';

/** A text of a user's, and what of ours stands around it in the statement that is run. */
export type Statement = { readonly before: string; readonly source: Source; readonly after: string };

/** Such as a condition; it ends with its line, since it may end with a comment. */
export const statementOf = (source: Source, before = '', after = ''): Statement => ({ before, source, after });

export const textOf = ({ before, source, after }: Statement): string => `${before}${source.text}${after}`;

/** Functions that set the engine up, such as to log what it does into files. */
const settingUp = /\b(?:en|dis)able_\w+"?\s*\(/i;

/** Blanks and comments; the engine has no words for a text of these alone. */
const blank = /^(?:[\s;]|--[^\n]*(?:\n|$)|\/\*.*?\*\/)*$/s;

/** Position in a text of so many bytes of its UTF-8. */
const characterAt = (text: string, bytes: number): number =>
  new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, bytes)).length;

function refused({ source }: Statement, message: string, help?: string): Result<never> {
  return failure([diagnostic('bad-query', message, span(source, 0, source.text.length), { help })]);
}

/** As our own messages begin. */
const uncapitalized = (text: string): string => text.replace(/^[A-Z](?=[a-z])/, (c) => c.toLowerCase());

/** What the engine says of a statement, at its place in the text of the user's. Throws what is no error of the engine. */
export function statementMistake(error: unknown, statement: Statement): Result<never> {
  const said = engineError(error);
  if (said === undefined) throw error;
  if (said.type === 'Out of Memory')
    return refused(statement, 'it needs more memory than it is given', 'ask for fewer rows or columns at a time');
  const [what = '', ...more] = said.message.split('\n').filter((line) => line !== '');
  const help = more.length === 0 ? undefined : uncapitalized(more.join(' '));
  const reason = uncapitalized(what.replace(/[!.]$/, ''));
  if (said.position === undefined) return refused(statement, reason, help);
  const { text } = statement.source;
  const at = characterAt(textOf(statement), said.position) - statement.before.length;
  const start = Math.min(Math.max(0, at), text.length);
  const word = /^(?:"[^"]*"|[\w.]+|.)/s.exec(text.slice(start))?.[0] ?? '';
  return failure([diagnostic('bad-query', reason, span(statement.source, start, start + word.length), { help })]);
}

/**
 * Whether a statement asks for rows and does nothing else. What it may reach is the business of whoever opened the
 * database. Error: `bad-query` with its place.
 */
export async function checkStatement(
  { StatementType }: DuckDB,
  connection: DuckDBConnection,
  statement: Statement,
): Promise<Result<void>> {
  const text = textOf(statement);
  const refuse = (message: string, help?: string): Result<never> => refused(statement, message, help);
  if (blank.test(statement.source.text)) return refuse('it says nothing', 'such as "select count(*) from points"');
  if (settingUp.test(text)) return refuse('functions that set the engine up are off');
  try {
    const statements = await connection.extractStatements(text);
    if (statements.count > 1) return refuse(`these are ${statements.count} statements, and one is run at a time`);
    const prepared = await statements.prepare(0);
    const { statementType, parameterCount } = prepared;
    prepared.destroySync();
    if (statementType !== StatementType.SELECT)
      return refuse('this does not ask for rows, and a store is only read', 'begin with "select"');
    if (parameterCount > 0) return refuse('it has parameters, and no values for them');
    return success(undefined);
  } catch (error) {
    return statementMistake(error, statement);
  }
}
