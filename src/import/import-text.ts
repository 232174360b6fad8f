import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { readDocument } from '../document.ts';
import { type Source, span } from '../source.ts';
import { wrapText } from '../wrap-text.ts';
import { accelforge } from './accelforge.ts';
import { checkText } from './check-text.ts';
import { huggingface } from './huggingface.ts';
import { type Draft, fileName, type Imported, type Importer, type ImportKind, importKinds } from './imported.ts';
import { Ledger, type Place, problem, type Untranslated } from './ledger.ts';
import { teaal } from './teaal.ts';
import { timeloop } from './timeloop.ts';

const importers: Readonly<Record<ImportKind, Importer>> = { huggingface, accelforge, timeloop, teaal };

/**
 * Reads a file of another tool as texts of ours, with a list of all that did not translate. The kind is recognised by
 * what the file has, if it is not named. Errors: those of `readDocument`, `template`, `unknown-format`,
 * `ambiguous-format`, `nothing-imported`, what the reader of the kind
 * finds, and mistakes of the texts, which are then those of the numbers in the file.
 */
export async function importText(source: Source, from?: ImportKind): Promise<Result<Imported>> {
  const template = findTemplate(source);
  if (template !== undefined) return template;
  const document = readDocument(source, { tags: 'kept' });
  if (!document.ok) return document;
  const root: Place = { node: document.value, path: '' };
  const kind = from === undefined ? recognise(root) : success(from);
  if (!kind.ok) return kind;
  const importer = importers[kind.value];
  const ledger = new Ledger();
  const draft = await importer.read(root, source, ledger);
  if (!draft.ok) return draft;
  if (draft.value.texts.length === 0) return failure([nothingImported(root, kind.value)]);
  const untranslated = ledger.untranslated(root, importer.otherwise);
  const imported = { ...withHeaders(draft.value, source, kind.value, untranslated), from: kind.value, untranslated };
  const checks = await Promise.all(imported.texts.map(checkText));
  const mistakes = checks.flatMap((check) => (check.ok ? [] : check.diagnostics));
  if (mistakes.length > 0) return failure(mistakes);
  const warnings = checks.flatMap((check) => (check.ok ? check.warnings : []));
  return success(imported, warnings);
}

const nothingImported = (root: Place, from: ImportKind) =>
  problem(
    'nothing-imported',
    `nothing in the file translates from ${from}`,
    root,
    `a file of ${from} has ${importers[from].looksLike}`,
  );

/** Templates are programs that write YAML: what they write can be imported. */
function findTemplate(source: Source): Result<never> | undefined {
  // A text in JSON may quote one.
  const found = /^\s*\{\s*"/.test(source.text) ? null : /\{%|\{\{[^{}\n]*\}\}/.exec(source.text);
  if (found === null) return undefined;
  const at = span(source, found.index, found.index + found[0].length);
  const help = 'render it with the tool that it is for, and import what comes out';
  return failure([diagnostic('template', 'the file is a Jinja template, and not what it stands for', at, { help })]);
}

function recognise(root: Place): Result<ImportKind> {
  const kinds = importKinds.filter((kind) => importers[kind].recognises(root));
  if (kinds.length === 1) return success(kinds[0]!);
  const among = kinds.length === 0 ? importKinds : kinds;
  const help = among.map((kind) => `--from ${kind} is for files with ${importers[kind].looksLike}`).join('; ');
  return failure([
    kinds.length === 0
      ? problem('unknown-format', 'the file is of no kind that is known', root, help)
      : problem('ambiguous-format', `the file may be of ${kinds.join(' or ')}`, root, help),
  ]);
}

/** Every text begins with where it is from, what was derived and what is left out. */
function withHeaders(
  draft: Draft,
  source: Source,
  from: ImportKind,
  untranslated: readonly Untranslated[],
): Pick<Imported, 'texts' | 'derived'> {
  const derived = draft.derived.map(onOneLine);
  const lines = [
    `Imported from ${onOneLine(fileName(source))} (${from}).`,
    ...section('Derived:', derived),
    ...section('Not translated:', untranslatedLines(untranslated)),
  ];
  const header = lines.flatMap(commentLines).join('\n');
  return { texts: draft.texts.map((t) => ({ ...t, text: `${header}\n${t.text}` })), derived };
}

/** A line as comments of at most 118 characters, where its words allow that. */
const commentLines = (line: string): readonly string[] =>
  wrapText(line, 114).map((part, i) => (i === 0 ? `# ${part}` : `#   ${part}`));

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [title, ...lines.map((line) => `- ${line}`)];

/** A key may have any character: one that breaks the line would end a comment. */
const onOneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '\uFFFD');

/** What did not translate, a line for each reason, as in "dropout (12:3), bos (14:3): training is not modelled". */
export function untranslatedLines(untranslated: readonly Untranslated[]): readonly string[] {
  const reasons = [...new Set(untranslated.map(({ reason }) => reason))];
  return reasons.map((reason) => {
    const places = untranslated.filter((u) => u.reason === reason);
    return onOneLine(`${places.map(({ path, line, column }) => `${path} (${line}:${column})`).join(', ')}: ${reason}`);
  });
}
