import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** Documents under a heading of the sidebar, as paths in the repository. */
type Section = { readonly title: string; readonly documents: readonly string[] };

/** In the order in which one reads them; what is in no list comes last in the section of its folder. */
const sections: readonly (Section & { readonly folder?: string })[] = [
  { title: 'Start', documents: ['README.md', 'docs/tutorial.md'] },
  {
    title: 'How to',
    folder: 'docs/how-to',
    documents: [
      'docs/how-to/add-a-cascade.md',
      'docs/how-to/add-a-machine.md',
      'docs/how-to/add-a-mapping.md',
      'docs/how-to/add-an-experiment.md',
    ],
  },
  {
    title: 'What goes in',
    documents: ['docs/language.md', 'docs/hardware.md', 'docs/mappings.md', 'docs/importing.md', 'docs/editors.md'],
  },
  {
    title: 'What comes out',
    folder: 'docs',
    documents: [
      'docs/report.md',
      'docs/gallery.md',
      'docs/search.md',
      'docs/constraints.md',
      'docs/sweeps.md',
      'docs/numerics.md',
      'docs/library.md',
    ],
  },
  { title: 'Why to believe it', documents: ['docs/models.md', 'docs/validation.md'] },
  {
    title: 'Reference',
    folder: 'docs/reference',
    documents: [
      'docs/reference/commands.md',
      'docs/reference/hardware-spec.md',
      'docs/reference/workload.md',
      'docs/reference/experiment.md',
      'docs/reference/report.md',
      'docs/reference/printed.md',
    ],
  },
  {
    title: 'Experiments',
    folder: 'experiments',
    documents: ['experiments/first-sweep/README.md', 'experiments/fusemax/README.md', 'experiments/spatten/README.md'],
  },
  { title: 'The project', documents: ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'] },
];

const documentsIn = (folder: string, isDeep: boolean): readonly string[] =>
  readdirSync(join(root, folder), { recursive: isDeep, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file).replaceAll('\\', '/'))
    .sort();

/** Every document of the repository, as a path in it. */
export const documents: readonly string[] = [
  ...documentsIn('.', false),
  ...documentsIn('docs', true),
  ...documentsIn('experiments', true),
];

const listed = new Set(sections.flatMap((section) => section.documents));

/** The section whose folder is the innermost around a document. */
const homeOf = (document: string): Section | undefined =>
  sections
    .filter(({ folder }) => folder !== undefined && document.startsWith(`${folder}/`))
    .toSorted((a, b) => b.folder!.length - a.folder!.length)[0];

/** All documents by section, in order. */
export const contents: readonly Section[] = sections.map((section) => ({
  title: section.title,
  documents: [
    ...section.documents,
    ...documents.filter((document) => !listed.has(document) && homeOf(document) === section),
  ],
}));

/** The first heading of a document. */
export const titleOf = (document: string): string =>
  /^# (.*)$/m.exec(readFileSync(join(root, document), 'utf8'))?.[1]?.replaceAll('`', '') ?? document;

/** Where a document is in the site: a folder's README is what the folder shows. */
export const pageOf = (document: string): string => document.replace(/README\.md$/, 'index.md');
