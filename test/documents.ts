import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { documents } from '../.vitepress/contents.ts';

export const root = join(import.meta.dirname, '..');

export type Block = {
  readonly document: string;
  /** Of the opening fence. */
  readonly line: number;
  /** The first word after the fence. */
  readonly language: string;
  /** What follows it: the name of a file, "error", or "by hand:" and the reason. */
  readonly rest: string;
  readonly text: string;
};

function blocksOf(document: string): readonly Block[] {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [, language = '', rest = ''] = /^(\S*) *(.*)$/.exec(match[1]!.trim())!;
    return { document, line: text.slice(0, match.index).split('\n').length, language, rest, text: match[2]! };
  });
}

/** Documents that tests write from the code as a whole (`reference.test.ts`): their blocks are what these say. */
const isWritten = (document: string): boolean => document.startsWith('docs/reference/');

/** Experiments whose commands and tables `test/experiments/sweeps.test.ts` makes again. */
export const remadeExperiments = { quick: ['sequence-length', 'edge-caches'], large: ['fusemax-design'] } as const;

const isRemade = (document: string): boolean =>
  [...remadeExperiments.quick, ...remadeExperiments.large].some((name) => document === `experiments/${name}/README.md`);

/** All documents whose blocks are for this test. */
export const executedDocuments = documents.filter((document) => !isWritten(document) && !isRemade(document));

export const blocks: readonly Block[] = executedDocuments.flatMap(blocksOf);

/** A block that names the file that it is: readers save it under that name. */
export const fileOf = ({ language, rest }: Block): string | undefined =>
  language !== 'sh' && /^[\w-]+(\/[\w-]+)*\.[a-z]+$/.test(rest) ? rest : undefined;

/** Commands of a block: lines, joined where a quote or a backslash goes on to the next. */
export function commandsOf({ text }: Block): readonly string[] {
  const commands: string[] = [];
  let begun = '';
  for (const line of text.split('\n')) {
    begun += begun === '' ? line : `\n${line}`;
    const isOpen = line.endsWith('\\') || begun.replaceAll(/"[^"]*"|'[^']*'/g, '').match(/["']/) !== null;
    if (isOpen) continue;
    if (begun.trim() !== '' && !begun.startsWith('#')) commands.push(begun);
    begun = '';
  }
  return commands;
}
