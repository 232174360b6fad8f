import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { fusemax } from './fusemax/experiment.ts';
import { packageRoot, packageText } from './job.ts';
import { mapper } from './mapper/experiment.ts';
import type { Experiment } from './part.ts';
import { executeAll } from './pool.ts';
import { present, resultsFile } from './results.ts';
import { spatten } from './spatten/experiment.ts';

const experiments: Readonly<Record<string, () => Promise<void>>> = {
  [fusemax.name]: () => perform(fusemax),
  [mapper.name]: () => perform(mapper),
  [spatten.name]: () => perform(spatten),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string' }, only: { type: 'string' }, workers: { type: 'string', default: '2' } },
});
const chosen = experiments[positionals[0] ?? ''];
const workers = Number(values.workers);
if (chosen === undefined || !Number.isInteger(workers) || workers < 0 || workers > 64) {
  const names = Object.keys(experiments).join(' | ');
  console.error(`usage: npm run experiment -- ${names} [--out DIR] [--only PART,...] [--workers N]`);
  process.exit(2);
}
await chosen();

async function perform<J, O>({ name, kind, parts: readParts }: Experiment<J, O>): Promise<void> {
  const started = performance.now();
  const folder = `experiments/${name}`;
  const all = await readParts();
  const wanted = values.only?.split(',') ?? [...all.keys()];
  const unknown = wanted.filter((part) => !all.has(part));
  if (unknown.length > 0) {
    console.error(`no part "${unknown.join('", "')}"; parts are ${[...all.keys()].join(', ')}`);
    process.exit(2);
  }
  const parts = wanted.map((part) => all.get(part)!);
  const outcomes = await executeAll(
    kind,
    parts.flatMap((part) => part.jobs),
    workers,
  );
  const { text } = await packageText(`${folder}/README.md`);
  const files = new Map(await present(kind, parts, outcomes, text));
  if (wanted.length === all.size) files.set('results.json', resultsFile(kind, parts, outcomes));
  const out = values.out ?? join(packageRoot, folder);
  for (const [path, content] of files) {
    await mkdir(dirname(join(out, path)), { recursive: true });
    await writeFile(join(out, path), content);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${outcomes.size} jobs in ${seconds} s; ${files.size} files in ${out}`);
}
