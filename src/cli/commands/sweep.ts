import { availableParallelism } from 'node:os';
import { diagnostic, failure, type Result, success } from '../../diagnostic.ts';
import type { Executor } from '../../sweep/executor.ts';
import { findExperiment, gatherTexts } from '../../sweep/gather-texts.ts';
import { codeHash, identityKey, identityOf } from '../../sweep/identify.ts';
import type { Identity } from '../../sweep/identity.ts';
import { openSweep } from '../../sweep/open-sweep.ts';
import { startPool } from '../../sweep/pool.ts';
import { openQueue } from '../../sweep/queue.ts';
import { type Connection, connectRedis } from '../../sweep/redis.ts';
import { runSweep } from '../../sweep/run-sweep.ts';
import { pointsIn, rangesOfShard, type Shard, without } from '../../sweep/shard.ts';
import { createStore, findStore, resumeStore, type Store } from '../../sweep/store.ts';
import type { SweepTexts } from '../../sweep/sweep-texts.ts';
import type { Range } from '../../sweep/table.ts';
import { readCount } from '../choices.ts';
import { watchInterrupt } from '../interrupt.ts';
import { openProgress } from '../progress.ts';
import { summarizeSweep, sweepText } from '../sweep-summary.ts';
import { exitCodes, printDiagnostics, refuse, sayUnless, type Terminal } from '../terminal.ts';
import { withStore } from '../with-store.ts';

export type SweepOptions = {
  readonly experiment: string;
  readonly jobs?: string;
  readonly out?: string;
  readonly html?: string;
  readonly resume?: boolean;
  readonly shard?: string;
  readonly queue?: string;
  readonly patience: string;
  readonly json?: boolean;
};

/** Where points are evaluated, and how it is told that nobody does. */
type Workers = {
  readonly executor: Executor;
  readonly missing?: () => string | undefined;
  readonly stop: () => Promise<void>;
};

type Numbers = { readonly jobs: number; readonly shard: Shard; readonly patience_s: number };

const wholeSweep: Shard = { index: 1, of: 1 };

function readShard(text: string | undefined): Result<Shard> {
  if (text === undefined) return success(wholeSweep);
  const [, index, of] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
  if (index !== undefined && of !== undefined && index >= 1 && index <= of) return success({ index, of });
  const message = `--shard "${text}" is not I/N with I of 1 to N, such as 3/16`;
  return failure([diagnostic('bad-choice', message, undefined)]);
}

function readNumbers(options: SweepOptions): Result<Numbers> {
  const jobs = options.jobs === undefined ? success(availableParallelism()) : readCount('--jobs', options.jobs);
  const shard = readShard(options.shard);
  const patience = readCount('--patience', options.patience);
  const unused = (['jobs', 'shard'] as const).flatMap((name) =>
    options.queue === undefined || options[name] === undefined
      ? []
      : [diagnostic('bad-choice', `--${name} has no meaning with --queue`, undefined, { help: withQueue[name] })],
  );
  if (jobs.ok && shard.ok && patience.ok && unused.length === 0)
    return success({ jobs: jobs.value, shard: shard.value, patience_s: patience.value });
  return failure([...[jobs, shard, patience].flatMap((r) => (r.ok ? [] : r.diagnostics)), ...unused]);
}

const withQueue = {
  jobs: 'each "attnsim worker" has its own',
  shard: 'any number of workers take part as it is',
};

async function openStore(path: string, resume: boolean, identity: Identity): Promise<Result<Store>> {
  if (resume && (await findStore(path)).ok) return resumeStore(path, identity);
  const created = await createStore(path, identity);
  if (created.ok || resume) return created;
  const help = `--resume goes on with it, --out begins another`;
  return failure(created.diagnostics.map((d) => (d.code === 'store-exists' ? { ...d, help } : d)));
}

/** Threads of this process, or the workers of a queue. */
async function startWorkers(
  queue: Connection | undefined,
  jobs: number,
  { texts, identity }: Given,
  left: readonly Range[],
): Promise<Result<Workers>> {
  if (queue === undefined) {
    const executor = await startPool(texts, jobs);
    return success({ executor, stop: executor.stop });
  }
  const { code, columns } = identity;
  const opened = await openQueue(queue, { key: identityKey(identity), code, texts, columns }, left);
  if (!opened.ok) return opened;
  const { threads, stop } = opened.value;
  const missing = `no worker is there: "attnsim worker --queue ${queue.url}" starts one`;
  return success({ executor: opened.value, missing: () => (threads() === 0 ? missing : undefined), stop });
}

/** A sweep whose texts are there. */
type Given = { readonly texts: SweepTexts; readonly identity: Identity };

async function open(argument: string): Promise<Result<Given>> {
  const found = await findExperiment(argument);
  if (!found.ok) return found;
  const texts = await gatherTexts(found.value.source, found.value.folder);
  if (!texts.ok) return texts;
  const sweep = await openSweep(texts.value);
  if (!sweep.ok) return sweep;
  const identity = identityOf(sweep.value, texts.value, await codeHash());
  return success({ texts: texts.value, identity }, [...texts.warnings, ...sweep.warnings]);
}

/** `attnsim sweep EXPERIMENT`: evaluates the points of a design space that are not yet in its store. */
export async function sweep(options: SweepOptions, terminal: Terminal): Promise<number> {
  const numbers = readNumbers(options);
  if (!numbers.ok) return refuse(terminal, numbers.diagnostics, exitCodes.usageWrong);
  const given = await open(options.experiment);
  if (!given.ok) return refuse(terminal, given.diagnostics);
  printDiagnostics(terminal, given.warnings);
  const out = options.out ?? `${given.value.identity.name}.duckdb`;
  // Before a store is made, which would be in the way of the next try.
  const queue =
    options.queue === undefined ? success(undefined) : await connectRedis(options.queue, numbers.value.patience_s);
  if (!queue.ok) return refuse(terminal, queue.diagnostics);
  const interrupt = watchInterrupt();
  try {
    const store = await openStore(out, options.resume === true, given.value.identity);
    if (!store.ok) return refuse(terminal, store.diagnostics);
    const run = { queue: queue.value, json: options.json === true, terminal, signal: interrupt.signal };
    const filling = fill(store.value, given.value, numbers.value, run);
    const ended = await filling.finally(store.value.close);
    if (!ended.ok) return refuse(terminal, ended.diagnostics);
    if (ended.value === 'stopped') return tellStopped(options, out, terminal);
    return await withStore(out, undefined, terminal, async (reader) => {
      const summary = await summarizeSweep(out, reader);
      if (options.json === true) terminal.out(`${JSON.stringify(summary, null, 2)}\n`);
      else sayUnless(false, terminal)(sweepText(summary, terminal));
      if (options.html === undefined) return success(undefined);
      const { writeSweepPage } = await import('../sweep-page.ts');
      return await writeSweepPage(reader, {
        file: out,
        html: options.html,
        statement: undefined,
        sensitivity: undefined,
      });
    });
  } finally {
    interrupt.forget();
    queue.value?.close();
  }
}

type Run = {
  readonly queue: Connection | undefined;
  readonly json: boolean;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
};

/** Evaluates what the store does not have. */
async function fill(
  store: Store,
  given: Given,
  numbers: Numbers,
  { queue, json, terminal, signal }: Run,
): Promise<Result<'done' | 'stopped'>> {
  const mine = rangesOfShard(given.identity.points, numbers.shard);
  const left = without(mine, await store.done());
  if (left.length === 0) sayUnless(json, terminal)('every point is evaluated already\n');
  const workers = await startWorkers(queue, numbers.jobs, given, left);
  if (!workers.ok) return workers;
  const { executor, missing, stop } = workers.value;
  const total = pointsIn(mine);
  const progress = openProgress(terminal, total, total - pointsIn(left), missing);
  try {
    return await runSweep(left, executor, store, { signal, onStored: ({ range }) => progress.add(range.count) });
  } finally {
    progress.end();
    await stop();
  }
}

/** As a shell reads it back. */
const shellWord = (text: string): string =>
  /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

function tellStopped(options: SweepOptions, out: string, terminal: Terminal): number {
  const words = [
    'attnsim sweep',
    shellWord(options.experiment),
    ...(options.shard === undefined ? [] : [`--shard ${options.shard}`]),
    ...(options.queue === undefined ? [] : ['--queue URL']),
    `--out ${shellWord(out)}`,
    '--resume',
  ];
  terminal.error(`stopped; what is done is in "${out}", and this goes on:\n  ${words.join(' ')}\n`);
  return exitCodes.interrupted;
}
