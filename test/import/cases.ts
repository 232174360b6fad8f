import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Diagnostic, type Result, renderDiagnostic } from '../../src/diagnostic.ts';
import { importText } from '../../src/import/import-text.ts';
import type { Imported, ImportKind } from '../../src/import/imported.ts';
import { importKinds } from '../../src/import/imported.ts';
import type { Source } from '../../src/source.ts';

export const caseRoot = join(import.meta.dirname, 'cases');
const exampleRoot = join(import.meta.dirname, '../../docs/imports');

export type Case = { readonly kind: ImportKind; readonly name: string; readonly source: Source };

const stem = (file: string): string => file.replace(/\.[^.]+$/, '');

function casesIn(folder: string, kind: ImportKind, files: readonly string[]): readonly Case[] {
  return files.map((file) => ({
    kind,
    name: stem(file),
    source: { name: file, text: readFileSync(join(folder, file), 'utf8') },
  }));
}

/** Examples of the documents are named after what they come from, but for configs. */
const kindOf = (file: string): ImportKind => importKinds.find((kind) => file.startsWith(kind)) ?? 'huggingface';

/** Files of other tools: those in the folders of `cases`, and the examples that ship. */
export const cases: readonly Case[] = [
  ...importKinds.flatMap((kind) => {
    const folder = join(caseRoot, kind);
    return casesIn(
      folder,
      kind,
      readdirSync(folder).filter((file) => !file.includes('.expected.')),
    );
  }),
  ...readdirSync(exampleRoot).flatMap((file) => casesIn(exampleRoot, kindOf(file), [file])),
];

export function contentOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(rendered(result.diagnostics));
  return result.value;
}

export const rendered = (diagnostics: readonly Diagnostic[]): string => diagnostics.map(renderDiagnostic).join('\n');

export const imported = async (source: Source): Promise<Imported> => contentOf(await importText(source));
