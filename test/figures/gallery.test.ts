import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { declaredProgram } from '../../src/cli/program.ts';
import { renderSvg } from '../../src/figures/svg.ts';
import { splitArguments } from '../cases/command-errors.ts';
import { cutTexts } from './cut-texts.ts';
import { type GalleryCase, sections } from './gallery-case.ts';

const cases = join(import.meta.dirname, 'cases');
const docs = join(import.meta.dirname, '../../docs');
const names = readdirSync(cases).map((file) => file.replace('.ts', ''));
const isUpdate = process.env['UPDATE_DOCS'] === '1';

const gallery = new Map<string, GalleryCase>(
  await Promise.all(
    names.map(async (name): Promise<[string, GalleryCase]> => {
      const { galleryCase } = (await import(join(cases, `${name}.ts`))) as { galleryCase: GalleryCase };
      return [name, galleryCase];
    }),
  ),
);

/** Compares a file of the documents with what it should be; UPDATE_DOCS=1 writes it. */
function expectWritten(path: string, text: string): void {
  if (isUpdate) writeFileSync(path, text);
  // Not `toBe` on the texts: a failure would print two pictures.
  expect(readFileSync(path, 'utf8') === text, `UPDATE_DOCS=1 writes ${path} as it is now`).toBe(true);
}

// The file is of another process, and maybe of another machine: figures are the same bytes everywhere.
test.each(names)('%s is as the gallery shows it', async (name) => {
  const figure = await gallery.get(name)!.draw();
  const svg = await renderSvg(figure);
  mkdirSync(join(docs, 'gallery'), { recursive: true });
  expectWritten(join(docs, `gallery/${name}.svg`), svg);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(cutTexts(svg, figure.size)).toEqual([]);
  expect(figure.title).not.toBe('');
  expect(figure.description.length).toBeGreaterThan(20);
});

test.each(names)('%s is drawn at the width of a telephone, too', async (name) => {
  const figure = await gallery.get(name)!.draw({ width: 380 });
  expect(figure.size.width).toBe(380);
  const svg = await renderSvg(figure);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(cutTexts(svg, figure.size)).toEqual([]);
});

test('the gallery has no picture without a case', () => {
  expect(readdirSync(join(docs, 'gallery')).toSorted()).toEqual(names.map((name) => `${name}.svg`).toSorted());
});

describe('what makes them', () => {
  const lines = names.flatMap((name) =>
    gallery.get(name)!.made.flatMap((line) => (line.startsWith('attnsim ') ? [{ name, line }] : [])),
  );
  test.each(lines)('$name: $line is a command line', async ({ line }) => {
    let ran = false;
    await declaredProgram(async () => {
      ran = true;
    }).parseAsync(splitArguments(line).slice(1), { from: 'user' });
    expect(ran).toBe(true);
  });
});

function pageOf(name: string, { title, text, made }: GalleryCase): string {
  const lines = made.map((line) => `    ${line}\n`).join('');
  return `### ${title}\n\n${text}\n\n![${title}](gallery/${name}.svg)\n\n${lines}`;
}

test('docs/gallery.md has all of them', () => {
  const parts = sections.flatMap((section) => {
    const own = [...gallery]
      .filter(([, c]) => c.section === section)
      .toSorted(([, a], [, b]) => (a.title < b.title ? -1 : 1));
    return own.length === 0 ? [] : [`## ${section}\n\n${own.map(([name, c]) => pageOf(name, c)).join('\n')}`];
  });
  const head = `# Gallery

Every kind of figure, from runs of what ships, with what makes such a one. Figures are SVG: they are sharp at any size, the same bytes on every
machine, dark where their reader prefers that, and marks say what they are where a pointer rests on them. They have a name and a description
for those who cannot see them, and are drawn anew for narrow pages (\`--width\`). Colours stay apart for colour-blind readers and on grey prints.
`;
  expectWritten(join(docs, 'gallery.md'), `${head}\n${parts.join('\n')}`);
});
