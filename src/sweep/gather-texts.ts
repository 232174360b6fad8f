import { realpath, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { readChain } from '../arch/chain.ts';
import { type Diagnostic, diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import {
  type FileKind,
  fileKinds,
  packageFile,
  packagePath,
  readTextFile,
  shippedNames,
  shippedSource,
} from '../files.ts';
import type { Source } from '../source.ts';
import { choiceValues } from './choices.ts';
import type { Choice, Experiment, Written } from './experiment.ts';
import { parseExperiment } from './parse-experiment.ts';
import { candidateKind, type SweepTexts } from './sweep-texts.ts';

/** What an argument such as "fusemax-design" or "my-sweep/sweep.json" means: a file, the `sweep.json` of a folder, or one that ships. */
export async function findExperiment(
  argument: string,
): Promise<Result<{ readonly source: Source; readonly folder: string }>> {
  const found = await stat(argument).catch(() => undefined);
  if (found !== undefined) {
    const path = found.isDirectory() ? join(argument, 'sweep.json') : argument;
    const read = await readTextFile(path);
    return read.ok ? success({ source: read.value, folder: dirname(path) }) : read;
  }
  if (/^[a-z0-9-]+$/.test(argument)) {
    const shipped = await packageFile(`experiments/${argument}/sweep.json`);
    if (shipped !== undefined) return success({ source: shipped, folder: packagePath(`experiments/${argument}`) });
  }
  const message = `there is no file or folder "${argument}", and no experiment of that name ships`;
  return failure([diagnostic('not-found', message, undefined, { help: 'name a sweep.json or a folder that has one' })]);
}

/**
 * Reads an experiment and all texts that it names: what ships, or files in its own folder. Errors: those of
 * `parseExperiment`, `not-found`, `outside-folder`, those of the specs that a spec extends.
 */
export async function gatherTexts(source: Source, folder: string): Promise<Result<SweepTexts>> {
  const parsed = parseExperiment(source);
  if (!parsed.ok) return parsed;
  const experiment = parsed.value;
  const files: Record<string, Source> = {};
  const diagnostics: Diagnostic[] = [];
  for (const [kind, choice] of choicesOf(experiment))
    for (const value of choiceValues(experiment, choice)) {
      if (kind === 'mapping' && value.text === 'auto') continue;
      const found = await findText(kind, value, folder);
      if (found.ok) files[`${kind}:${value.text}`] = found.value;
      else diagnostics.push(...found.diagnostics);
    }
  for (const [key, machine] of Object.entries(files)) {
    if (!key.startsWith('hardware:')) continue;
    const resolve = async (name: string): Promise<Source | undefined> => {
      const base = await shippedSource('hardware', name);
      if (base !== undefined) files[`hardware:${name}`] ??= base;
      return base;
    };
    const chain = await readChain(machine, { resolve, known: await shippedNames('hardware') });
    if (!chain.ok) diagnostics.push(...chain.diagnostics);
  }
  if (choiceValues(experiment, experiment.mapping).some(({ text }) => text === 'auto'))
    for (const name of await shippedNames('mapping'))
      files[`${candidateKind}${name}`] = (await shippedSource('mapping', name))!;
  if (diagnostics.length > 0) return failure(diagnostics);
  return success({
    experiment: source,
    files: Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))),
  });
}

const choicesOf = ({ cascade, hardware, mapping, workload }: Experiment): readonly (readonly [FileKind, Choice])[] => [
  ['cascade', cascade],
  ['hardware', hardware],
  ['mapping', mapping],
  ...(workload === undefined ? [] : [['workload', workload] as const]),
];

/** A file of the experiment's folder if it looks like a path, else what ships under the name. */
async function findText(kind: FileKind, { text, span }: Written, folder: string): Promise<Result<Source>> {
  const { noun, plural, extension } = fileKinds[kind];
  if (!text.includes('/') && !text.endsWith(extension)) {
    const shipped = await shippedSource(kind, text);
    if (shipped !== undefined) return success(shipped);
    const help =
      didYouMean(text, await shippedNames(kind)) ??
      `"attnsim list ${plural}" shows what ships; a file of the experiment is named with its ending, as in "${text}${extension}"`;
    return failure([diagnostic('not-found', `no ${noun} "${text}" ships`, span, { help })]);
  }
  const path = join(folder, text);
  // A link may lead out of the folder, too.
  const [real, home] = await Promise.all([path, folder].map((p) => realpath(p).catch(() => undefined)));
  if (real !== undefined && home !== undefined && relative(home, real).startsWith('..')) {
    const message = `"${text}" is a link out of the folder of the experiment`;
    return failure([diagnostic('outside-folder', message, span, { help: 'copy the file beside the experiment' })]);
  }
  const read = await readTextFile(path);
  return read.ok
    ? success({ name: text, text: read.value.text })
    : failure(read.diagnostics.map((d) => ({ ...d, span: d.span ?? span })));
}
