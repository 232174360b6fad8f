import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagnosticCodes } from '../../src/diagnostic.ts';

const cases = join(import.meta.dirname, '../cases/errors');

type Example = { readonly kind: string; readonly name: string; readonly text: string };

const examples: readonly Example[] = readdirSync(cases).flatMap((kind) =>
  readdirSync(join(cases, kind))
    .filter((file) => file.endsWith('.expected.txt'))
    .map((file) => ({
      kind,
      name: file.replace(/\.expected\.txt$/, ''),
      text: readFileSync(join(cases, kind, file), 'utf8'),
    })),
);

/** The part of what is printed of a case that is about a code. */
function partAbout(code: string, { text }: Example): string | undefined {
  const parts = text.split(/\n(?=\n?[^ \n].*(?:error|warning)\[[a-z-]+\]: )/);
  return parts.find((part) => part.includes(`[${code}]: `))?.trim();
}

/** The case that is named after the code, or else the shortest that tells it. */
function exampleOf(code: string): string {
  const named = examples.filter(({ name }) => name === code);
  const others = examples.filter(({ name }) => name !== code);
  for (const from of [named, others]) {
    const parts = from.flatMap((example) => partAbout(code, example) ?? []);
    const shortest = parts.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))[0];
    if (shortest !== undefined) return shortest;
  }
  throw new Error(`no case tells "${code}"`);
}

/** docs/reference/diagnostics.md: every code with a case of the tests. */
export const diagnosticReference = (): string => `# Diagnostics

Every mistake has a code, which stays the same from version to version. With each, what \`attnsim\` prints of one of the mistakes
that the tests make. An error ends a command with exit code 1, or 2 where the command line is wrong; a warning is legal but surely a
mistake.

${diagnosticCodes
  .toSorted()
  .map((code) => `## ${code}\n\n\`\`\`text\n${exampleOf(code)}\n\`\`\`\n`)
  .join('\n')}`;
