import type { Result } from '../diagnostic.ts';
import type { Source } from '../source.ts';
import type { Ledger, Place, Untranslated } from './ledger.ts';

/** The tools and formats that files come from. */
export const importKinds = ['huggingface', 'accelforge', 'timeloop', 'teaal'] as const;
/** A tool or format that files come from. */
export type ImportKind = (typeof importKinds)[number];

/** A text of attnsim that was made of a file of another tool. */
export type ImportedText = {
  readonly kind: 'workload' | 'cascade' | 'hardware';
  readonly name: string;
  readonly text: string;
};

/** What became of a file of another tool. */
export type Imported = {
  readonly from: ImportKind;
  /** At most one of each kind. */
  readonly texts: readonly ImportedText[];
  /** What is in the texts and not as such in the file, and how it follows: sentences. */
  readonly derived: readonly string[];
  /** All that is in the file and not in the texts, in the order of the file. */
  readonly untranslated: readonly Untranslated[];
};

/** What an importer makes of a document; what it has not read is in its ledger. */
export type Draft = {
  readonly texts: readonly ImportedText[];
  readonly derived: readonly string[];
};

export type Importer = {
  /** Completes "... has" in the help for a file that is of no kind. */
  readonly looksLike: string;
  /** Does the root have what files of this kind have? */
  readonly recognises: (root: Place) => boolean;
  readonly read: (root: Place, source: Source, ledger: Ledger) => Promise<Result<Draft>>;
  /** Why something is not translated, if no reader has said it. */
  readonly otherwise: (path: string) => string;
};

/** The file without its folders: texts are the same wherever it lies. */
export const fileName = (source: Source): string => source.name.split(/[\\/]/).at(-1) ?? source.name;

/** Text in double quotes, as YAML and JSON have it. */
export const quoted = (text: string): string => JSON.stringify(text);
