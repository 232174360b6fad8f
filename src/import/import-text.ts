import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { readDocument } from '../document.ts';
import { type Source, span } from '../source.ts';
import { huggingface } from './huggingface.ts';
import { type Draft, fileName, type Imported, type Importer, type ImportKind, importKinds } from './imported.ts';
import { Ledger, type Place, problem, type Untranslated } from './ledger.ts';

const importers: Readonly<Record<ImportKind, Importer>> = { huggingface };

/**
 * Reads a file of another tool as texts of ours, with a list of all that did not translate. The kind is recognised by
 * what the file has, if it is not named. Errors: those of `readDocument`, `template`, `unknown-format`,
 * and what the reader of the kind finds.
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
  const untranslated = ledger.untranslated(root, importer.otherwise);
  return success({ ...withHeaders(draft.value, source, kind.value, untranslated), from: kind.value, untranslated });
}

/** Templates are programs that write YAML: what they write can be imported. */
function findTemplate(source: Source): Result<never> | undefined {
  const found = /\{%|\{\{[^{}\n]*\}\}/.exec(source.text);
  if (found === null) return undefined;
  const at = span(source, found.index, found.index + found[0].length);
  const help = 'render it with the tool that it is for, and import what comes out';
  return failure([diagnostic('template', 'the file is a Jinja template, and not what it stands for', at, { help })]);
}

function recognise(root: Place): Result<ImportKind> {
  const kind = importKinds.find((k) => importers[k].recognises(root));
  if (kind !== undefined) return success(kind);
  const help = importKinds.map((k) => `--from ${k} is for files with ${importers[k].looksLike}`).join('; ');
  return failure([problem('unknown-format', 'the file is of no kind that is known', root, help)]);
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
  const header = lines.map((line) => `# ${line}`).join('\n');
  return { texts: draft.texts.map((t) => ({ ...t, text: `${header}\n${t.text}` })), derived };
}

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
