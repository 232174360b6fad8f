import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Diagnostic, type Result, renderDiagnostic } from '../../src/diagnostic.ts';
import { openDatabase } from '../../src/sweep/duckdb.ts';
import type { Identity } from '../../src/sweep/identity.ts';
import { createStore, resumeStore } from '../../src/sweep/store.ts';
import { must } from '../mapper/inputs.ts';
import { identity, rowsOf } from '../sweep/tables.ts';
import { runCommand } from './command-errors.ts';

/** Files that are there, and what is done with them; `DIR/` in any text is the folder of the files. */
type StoreCase = {
  readonly files: Readonly<Record<string, GivenFile>>;
  readonly create?: string;
  readonly resume?: string;
  /** Arguments of a command line. */
  readonly command?: readonly string[];
  /** What is other in the identity of the store that is made or resumed. */
  readonly as?: Partial<Identity>;
};

type GivenFile =
  | { readonly text: string }
  | {
      /** What is other in its identity. */
      readonly store: Partial<Identity>;
      /** Points that are done, from 0. */
      readonly done?: number;
      /** What is done to its tables. */
      readonly change?: string;
      readonly format?: number;
      /** Bytes that are left of it. */
      readonly cut?: number;
      /** Another process has it open. */
      readonly held?: boolean;
    };

async function run(path: string, statement: string): Promise<void> {
  const database = await openDatabase(path, 'write');
  await database.connection.run(statement);
  database.close();
}

/** Opens a file in another process, and gives what ends that. */
async function hold(path: string): Promise<() => void> {
  const script = `const { DuckDBInstance } = require('@duckdb/node-api');
    DuckDBInstance.create(process.argv[1]).then(() => { console.log('open'); setInterval(() => {}, 1000); });`;
  const child = spawn(process.execPath, ['-e', script, path], { cwd: import.meta.dirname });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return () => child.kill('SIGKILL');
}

async function make(path: string, file: GivenFile): Promise<() => void> {
  if ('text' in file) {
    writeFileSync(path, file.text);
    return () => undefined;
  }
  const store = must(await createStore(path, { ...identity, ...file.store }));
  if (file.done !== undefined) must(await store.append(rowsOf({ first: 0, count: file.done })));
  await store.close();
  if (file.change !== undefined) await run(path, file.change);
  if (file.format !== undefined) await run(path, `UPDATE store.identity SET format = ${file.format}`);
  if (file.cut !== undefined) truncateSync(path, file.cut);
  return file.held === true ? await hold(path) : () => undefined;
}

const diagnosticsOf = (result: Result<unknown>): readonly Diagnostic[] =>
  result.ok ? result.warnings : result.diagnostics;

/** What is said of the case of a store, which is JSON. */
export async function findInStore({ text }: { readonly text: string }): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'attnsim-'));
  const { files, create, resume, as, command } = JSON.parse(text.replaceAll('DIR/', `${folder}/`)) as StoreCase;
  const releases: (() => void)[] = [];
  try {
    for (const [path, file] of Object.entries(files)) releases.push(await make(path, file));
    const hide = (said: string): string => said.replaceAll(`${folder}/`, 'DIR/').replace(/process \d+/, 'process N');
    if (command !== undefined) {
      const { code, error } = await runCommand(command);
      return `${hide(error)}exit code ${code}\n`;
    }
    const found = [
      ...(create === undefined ? [] : diagnosticsOf(await createStore(create, { ...identity, ...as }))),
      ...(resume === undefined ? [] : diagnosticsOf(await resumeStore(resume, { ...identity, ...as }))),
    ];
    return hide(found.map((d) => `${renderDiagnostic(d)}\n`).join('\n'));
  } finally {
    for (const release of releases) release();
    rmSync(folder, { recursive: true });
  }
}
