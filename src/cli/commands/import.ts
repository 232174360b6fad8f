import { extname } from 'node:path';
import { diagnostic, type Result, success } from '../../diagnostic.ts';
import { packageFile, readTextFile, writeTextFile } from '../../files.ts';
import { importText, untranslatedLines } from '../../import/import-text.ts';
import { type Imported, type ImportedText, importKinds } from '../../import/imported.ts';
import type { Source } from '../../source.ts';
import { wrapText } from '../../wrap-text.ts';
import { choose } from '../choices.ts';
import { exitCodes, printDiagnostics, printResult, refuse, type Terminal } from '../terminal.ts';

export type ImportOptions = {
  readonly file: string;
  readonly from?: string;
  readonly out?: string;
  readonly json?: boolean;
};

/** Where the package has small files of other tools. */
const examples = 'docs/imports';

const nouns = { workload: 'workload', cascade: 'cascade', hardware: 'machine' } as const;
const extensions = { workload: '.yaml', cascade: '.einsum', hardware: '.yaml' } as const;

/** One text goes to the file as named; of several each has its own extension. */
function outPath(out: string, text: ImportedText, count: number): string {
  return count === 1 ? out : out.slice(0, out.length - extname(out).length) + extensions[text.kind];
}

/** What has been written, what was derived, and what has not been translated. */
function describe(imported: Imported, paths: readonly string[], width: number): string {
  const item = (line: string): string => `- ${wrapText(line, width - 2).join('\n  ')}\n`;
  const section = (title: string, lines: readonly string[]): string =>
    lines.length === 0 ? '' : `\n${title}:\n${lines.map(item).join('')}`;
  const written = imported.texts.map(({ kind, name }, i) => `${paths[i]}: ${nouns[kind]} ${name}\n`).join('');
  const lines = untranslatedLines(imported.untranslated);
  return `${written}${section('derived', imported.derived)}${section('not translated', lines)}`;
}

/** A file, or else an example that ships. */
async function readInput(file: string): Promise<Result<Source>> {
  const read = await readTextFile(file);
  if (read.ok || /[\\/]/.test(file)) return read;
  const example = await packageFile(`${examples}/${file}`);
  return example === undefined ? read : success({ ...example, name: file });
}

/** `attnsim import FILE`: a file of another tool as texts of ours, and what of it has no counterpart. */
export async function importFile(options: ImportOptions, terminal: Terminal): Promise<number> {
  const from = options.from === undefined ? undefined : choose('--from', options.from, importKinds);
  if (from !== undefined && !from.ok) return refuse(terminal, from.diagnostics, exitCodes.usageWrong);
  const source = await readInput(options.file);
  if (!source.ok) return refuse(terminal, source.diagnostics);
  const result = await importText(source.value, from?.value);
  if (!result.ok) return refuse(terminal, result.diagnostics);
  printDiagnostics(terminal, result.warnings);
  const { value: imported } = result;
  const { out } = options;
  const paths = imported.texts.map((text) => (out === undefined ? '' : outPath(out, text, imported.texts.length)));
  if (paths.includes(options.file)) {
    const message = `"${options.file}" is the file to import: the result would replace it`;
    return refuse(terminal, [diagnostic('unwritable-file', message, undefined)]);
  }
  if (out !== undefined)
    for (const [i, { text }] of imported.texts.entries()) {
      const wrong = await writeTextFile(paths[i]!, text);
      if (wrong !== undefined) return refuse(terminal, [wrong]);
    }
  if (options.json === true) terminal.out(`${JSON.stringify(imported, undefined, 2)}\n`);
  else if (out === undefined) terminal.out(imported.texts.map(({ text }) => text).join('\n'));
  else printResult(terminal, describe(imported, paths, terminal.width ?? 100), [out]);
  return exitCodes.done;
}
