import { availableParallelism } from 'node:os';
import { loadMachine } from '../../arch/load.ts';
import { type Diagnostic, failure, type Result, success } from '../../diagnostic.ts';
import { type FileKind, fileKinds, resolveSource, shippedNames } from '../../files.ts';
import { type Layout, unpainted } from '../../layout.ts';
import { parseMapping } from '../../mapper/parse.ts';
import type { Source } from '../../source.ts';
import { wrapSentence } from '../../wrap-text.ts';
import { resolveMachine } from '../fitting-mappings.ts';
import { exitCodes, printDiagnostics, sayUnless, type Terminal } from '../terminal.ts';
import { readCascade } from '../workload-inputs.ts';

/** YAML and JSON files are machines unless they look like workloads: sizes, and no levels. */
const yamlKind = (text: string): FileKind =>
  /^\s*["']?sizes["']?\s*:/m.test(text) && !/^\s*["']?levels["']?\s*:/m.test(text) ? 'workload' : 'hardware';

async function kindsOf(argument: string): Promise<readonly FileKind[]> {
  const kinds = Object.keys(fileKinds) as FileKind[];
  const byExtension = (['cascade', 'mapping'] as const).find((k) => argument.endsWith(fileKinds[k].extension));
  if (byExtension !== undefined) return [byExtension];
  const shipped = await Promise.all(kinds.map(async (k) => (await shippedNames(k)).includes(argument)));
  return kinds.filter((_, i) => shipped[i]);
}

type Checked = {
  readonly noun: string;
  readonly result: Result<unknown>;
  /** What there is to say of a text without mistakes. */
  readonly details?: string;
};

/** Any version: that it is another one is said where it is read. */
const isExperiment = (text: string): boolean => /"schema"\s*:\s*"attnsim-sweep\//.test(text);

type FoundExperiment = { readonly source: Source; readonly folder: string };

/** The experiment that an argument means; undefined: it is something else. */
async function experimentAt(argument: string): Promise<FoundExperiment | undefined> {
  const { findExperiment } = await import('../../sweep/gather-texts.ts');
  const found = await findExperiment(argument);
  return found.ok && isExperiment(found.value.source.text) ? found.value : undefined;
}

async function checkSource(kind: FileKind, source: Source): Promise<Result<unknown>> {
  switch (kind) {
    case 'cascade':
      return await readCascade(source);
    case 'hardware':
      return await loadMachine(source, { resolve: resolveMachine, known: await shippedNames('hardware') });
    case 'mapping':
      return parseMapping(source);
    case 'workload': {
      const { parseWorkloadFile } = await import('../../einsum/workload-file.ts');
      return parseWorkloadFile(source);
    }
  }
}

async function checkArgument(argument: string, layout: Layout): Promise<readonly Checked[]> {
  const kinds = await kindsOf(argument);
  if (kinds.length === 0) {
    const experiment = await experimentAt(argument);
    if (experiment !== undefined) return [await checkExperiment(experiment, layout)];
    const source = await resolveSource('hardware', argument);
    if (!source.ok) return [{ noun: fileKinds.hardware.noun, result: source }];
    const kind = yamlKind(source.value.text);
    return [{ noun: fileKinds[kind].noun, result: await checkSource(kind, source.value) }];
  }
  return await Promise.all(
    kinds.map(async (kind) => {
      const source = await resolveSource(kind, argument);
      return { noun: fileKinds[kind].noun, result: source.ok ? await checkSource(kind, source.value) : source };
    }),
  );
}

/** An experiment: its form, its space, the texts that it names, and what becomes of some of its points. */
async function checkExperiment({ source, folder }: FoundExperiment, layout: Layout): Promise<Checked> {
  const { parseExperiment } = await import('../../sweep/parse-experiment.ts');
  const { openSpace } = await import('../../sweep/space.ts');
  const { describeSpace, emptySpace, explainSpace } = await import('../../sweep/explain-space.ts');
  const noun = 'experiment';
  const experiment = parseExperiment(source);
  if (!experiment.ok) return { noun, result: experiment };
  const space = await openSpace(experiment.value);
  if (!space.ok) return { noun, result: space };
  const explanation = explainSpace(experiment.value, space.value);
  const empty = emptySpace(experiment.value, explanation);
  if (empty.length > 0) return { noun, result: failure(empty) };
  const { gatherTexts } = await import('../../sweep/gather-texts.ts');
  const { openSweep } = await import('../../sweep/open-sweep.ts');
  const { describeTrial, doubts, tryPoints } = await import('../../sweep/try-points.ts');
  const texts = await gatherTexts(source, folder);
  const sweep = texts.ok ? await openSweep(texts.value) : texts;
  if (!sweep.ok) return { noun, result: sweep };
  const trial = await tryPoints(sweep.value);
  const details =
    describeSpace(experiment.value, space.value, explanation, layout) +
    describeTrial(sweep.value, trial, availableParallelism(), layout);
  return { noun, result: success(undefined, doubts(sweep.value, trial)), details };
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

function verdict(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((d) => d.severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const parts = [errors > 0 ? count(errors, 'error') : '', warnings > 0 ? count(warnings, 'warning') : ''];
  return parts.filter((p) => p !== '').join(', ') || 'no mistakes found';
}

/** What a text is, and whether it has mistakes. */
function headLine(what: string, diagnostics: readonly Diagnostic[], layout: Layout): string {
  const { paint = unpainted } = layout;
  const isWrong = diagnostics.some((d) => d.severity === 'error');
  const tone = isWrong ? 'bad' : diagnostics.length > 0 ? 'warning' : 'good';
  const text = verdict(diagnostics);
  return wrapSentence(`${what} ${text}`, layout).replace(text, paint(text, tone));
}

/** `attnsim check FILE...`: what can be found without binding sizes; of an experiment, its space, and what becomes of some of its points. Exit code 1 if any file has an error. */
export async function check(files: readonly string[], terminal: Terminal): Promise<number> {
  const say = sayUnless(false, terminal);
  let wrong = false;
  for (const file of files)
    for (const { noun, result, details } of await checkArgument(file, terminal)) {
      const diagnostics = result.ok ? result.warnings : result.diagnostics;
      printDiagnostics(terminal, diagnostics);
      say(headLine(`${file}: ${noun},`, diagnostics, terminal) + (details ?? ''));
      wrong ||= !result.ok;
    }
  return wrong ? exitCodes.inputWrong : exitCodes.done;
}
