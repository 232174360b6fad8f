import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

type Export = { readonly name: string; readonly declared: string; readonly file: string };

type Topic = { readonly title: string; readonly exports: readonly Export[] };

/** What `src/index.ts` exports, under its comments. */
function topics(): readonly Topic[] {
  const [, ...parts] = readFileSync(join(root, 'src/index.ts'), 'utf8').split(/^\n\/\/ /m);
  return parts.map((part) => {
    const title = part.slice(0, part.indexOf('\n')).replace(/\.$/, '');
    const found = [...part.matchAll(/^export (?:type )?\{([^}]*)\} from '\.\/([^']*)\.ts';/gm)];
    const exports = found.flatMap(([, names = '', file = '']) =>
      names.split(',').flatMap((entry) => {
        const [declared = '', name = declared] = entry
          .trim()
          .replace(/^type /, '')
          .split(' as ');
        return declared === '' ? [] : [{ name, declared, file }];
      }),
    );
    return { title, exports: exports.toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1)) };
  });
}

/** Where a declaration ends: at the first semicolon outside of brackets, comments and texts. */
function endOf(text: string, from: number): number {
  const token = /\/\*[\s\S]*?\*\/|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{([]|[})\]]|;/g;
  token.lastIndex = from;
  let depth = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (/^[{([]$/.test(match[0])) depth++;
    else if (/^[})\]]$/.test(match[0])) depth--;
    else if (match[0] === ';' && depth === 0) return token.lastIndex;
  }
  return text.length;
}

const plainComment = (comment: string): string =>
  comment
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim();

/** What is declared of an export, and what its docstring says. Throws if it says nothing. */
function sectionOf({ name, declared: written, file }: Export): string {
  const text = readFileSync(join(root, 'dist', `${file}.d.ts`), 'utf8');
  const declared = new RegExp(
    `(?:/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\n)?export (?:declare )?(?:function|const|type|class|interface) ${written}\\b`,
  ).exec(text);
  if (declared === null) throw new Error(`${file}.d.ts declares no ${name}`);
  if (declared[1] === undefined) throw new Error(`src/${file}.ts: ${name} is public and has no docstring`);
  const begin = declared.index + declared[0].lastIndexOf('export ');
  const code = text
    .slice(begin, endOf(text, begin))
    .replace(/^export (declare )?/, '')
    .replaceAll(/^ {4}/gm, '  ');
  return `### ${name}\n\n${proseOf(plainComment(declared[1]))}\n\n\`\`\`ts\n${code}\n\`\`\`\n`;
}

/** Drawings, which are indented, as they are; tags and names that look like them as code. */
const proseOf = (comment: string): string =>
  comment
    .split(/\n\n/)
    .map((part) => (/^ /.test(part) ? `\`\`\`text\n${part}\n\`\`\`` : part.replaceAll('<', '&lt;')))
    .join('\n\n');

/** docs/reference/library.md: every export of the package with its docstring and its declaration. */
export const libraryReference = (): string => `# Exports of the library

Everything that \`import { ... } from 'attnsim'\` gives, by topic. [The library](../library.md) has examples.

${topics()
  .map(({ title, exports }) => `## ${title}\n\n${exports.map(sectionOf).join('\n')}`)
  .join('\n')}`;
