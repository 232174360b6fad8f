import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diagnostic, type Result, success } from '../../diagnostic.ts';
import type { Tornado } from '../../figures/tornado.ts';
import { wholeTable } from '../../sweep/export.ts';
import type { StoreReader } from '../../sweep/read-store.ts';
import { type Statement, statementOf, textOf } from '../../sweep/statement.ts';
import type { TableFile } from '../../sweep/table-file.ts';
import { answerJson, answerTable } from '../answer-text.ts';
import { sensitivityChart } from '../sensitivity-chart.ts';
import { readSensitivity } from '../sensitivity-file.ts';
import { readTableFile } from '../store-options.ts';
import { storeText, summarizeStore } from '../store-text.ts';
import { writeSweepPage } from '../sweep-page.ts';
import { exitCodes, refuse, type Terminal } from '../terminal.ts';
import { asking, withStore } from '../with-store.ts';

export type QueryOptions = {
  readonly file: string;
  readonly statement: string | undefined;
  readonly csv?: boolean;
  readonly json?: boolean;
  readonly out?: string;
  readonly html?: string;
  readonly sensitivity?: string;
};

/** `attnsim query FILE [STATEMENT]`: what a statement of SQL gives of a sweep's table, or what the table is. */
export async function query(options: QueryOptions, terminal: Terminal): Promise<number> {
  const { csv, json, out, html } = options;
  if ([csv, json, out, html].filter((o) => o !== undefined).length > 1) {
    const clash = diagnostic('bad-choice', '--csv, --json, --out and --html exclude each other', undefined);
    return refuse(terminal, [clash], exitCodes.usageWrong);
  }
  if (out !== undefined) {
    const file = readTableFile('--out', out);
    return file.ok
      ? await answerTo(file.value, options, terminal)
      : refuse(terminal, file.diagnostics, exitCodes.usageWrong);
  }
  if (csv === true) return await printCsv(options, terminal);
  if (options.sensitivity !== undefined && html === undefined) {
    const lone = diagnostic('bad-choice', '--sensitivity is for the page that --html writes', undefined);
    return refuse(terminal, [lone], exitCodes.usageWrong);
  }
  if (html !== undefined)
    return await withStore(options.file, undefined, terminal, (store) => writePage(store, html, options));
  return await withStore(options.file, undefined, terminal, (store) =>
    options.statement === undefined
      ? describe(store, options, terminal)
      : print(store, options.statement, options, terminal),
  );
}

async function describe(store: StoreReader, { json }: QueryOptions, terminal: Terminal): Promise<Result<void>> {
  const summary = await summarizeStore(store);
  terminal.out(json === true ? `${JSON.stringify(summary, undefined, 2)}\n` : storeText(summary, terminal));
  return success(undefined);
}

const statementNamed = (text: string): Statement => statementOf({ name: 'statement', text });

async function print(
  store: StoreReader,
  text: string,
  { file, json }: QueryOptions,
  terminal: Terminal,
): Promise<Result<void>> {
  const statement = statementNamed(text);
  const checked = await store.check(statement);
  if (!checked.ok) return checked;
  return await asking(file, statement, async () => {
    const answer = await store.ask(textOf(statement));
    if (json === true) for await (const part of answerJson(answer)) terminal.out(part);
    else terminal.out(await answerTable(answer, terminal));
    return success(undefined);
  });
}

/** The chart of what `attnsim sensitivity` has found. */
async function sensitivityOf({ sensitivity }: QueryOptions): Promise<Result<Tornado | undefined>> {
  if (sensitivity === undefined) return success(undefined);
  const data = await readSensitivity(sensitivity);
  return data.ok ? sensitivityChart(data.value) : data;
}

/** A page of what is asked for, or of all rows that are ok. */
async function writePage(store: StoreReader, html: string, options: QueryOptions): Promise<Result<void>> {
  const { file, statement: text } = options;
  const sensitivity = await sensitivityOf(options);
  if (!sensitivity.ok) return sensitivity;
  const write = (): Promise<Result<void>> =>
    writeSweepPage(store, { file, html, statement: text, sensitivity: sensitivity.value });
  if (text === undefined) return await write();
  const statement = statementNamed(text);
  const checked = await store.check(statement);
  return checked.ok ? await asking(file, statement, write) : checked;
}

/** Writes what is asked for, or all rows by point, into a file. */
const answerTo = (out: TableFile, { file, statement: text }: QueryOptions, terminal: Terminal): Promise<number> =>
  withStore(file, out, terminal, async (store) => {
    const statement = statementNamed(text ?? wholeTable(store.identity));
    const checked = await store.check(statement);
    return checked.ok ? await asking(file, statement, () => store.write(textOf(statement))) : checked;
  });

/** The same bytes as in a file: by way of one. */
async function printCsv(options: QueryOptions, terminal: Terminal): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'attnsim-'));
  try {
    const path = join(folder, 'answer.csv');
    const code = await answerTo({ path, format: '.csv' }, options, terminal);
    if (code === exitCodes.done)
      for await (const part of createReadStream(path, { encoding: 'utf8' })) terminal.out(part as string);
    return code;
  } finally {
    await rm(folder, { recursive: true });
  }
}
