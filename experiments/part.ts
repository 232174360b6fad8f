import type { Chart, RooflinePlot } from 'attnsim';
import type { Job, Outcome } from './job.ts';
import type { Kind } from './kind.ts';

/** One question of an experiment: what is run for it, and what is shown of it. */
export type Part<J = Job, O = Outcome> = {
  readonly jobs: readonly J[];
  /** `of` gives what came out of one of the jobs. */
  readonly show: (of: (job: J) => O) => Shown;
};

export type Shown = {
  /** Markdown by name, for the document: tables, and sentences that tell numbers. */
  readonly blocks: Readonly<Record<string, string>>;
  /** By name, for `figures/NAME.svg`. */
  readonly charts: Readonly<Record<string, Chart>>;
  readonly rooflines?: Readonly<Record<string, RooflinePlot>>;
};

/** Parts by name, made when they are asked for: they may read files. */
export type Experiment<J = Job, O = Outcome> = {
  readonly name: string;
  readonly kind: Kind<J, O>;
  readonly parts: () => Promise<ReadonlyMap<string, Part<J, O>>>;
};

/** A table of Markdown; the first row is its head. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return `${line(head)}|${'---|'.repeat(head.length)}\n${body.map(line).join('')}`;
}

/** The document with a block in the place of what stands between `<!-- table NAME -->` and `<!-- end -->`. */
export function withBlock(document: string, name: string, block: string): string {
  const begin = `<!-- table ${name} -->\n`;
  const start = document.indexOf(begin);
  if (start < 0) throw new Error(`the document has no place for "${name}"`);
  const end = document.indexOf('<!-- end -->', start);
  return document.slice(0, start + begin.length) + block + document.slice(end);
}

/** Text of Markdown in lines of at most so many characters; an empty line begins a paragraph. */
export function wrapped(text: string, width = 128): string {
  const lines = (paragraph: string): string => {
    let length = -1;
    return paragraph
      .trim()
      .split(/\s+/)
      .reduce((done, word) => {
        const isBeyond = length + 1 + word.length > width;
        length = isBeyond || done === '' ? word.length : length + 1 + word.length;
        return done === '' ? word : `${done}${isBeyond ? '\n' : ' '}${word}`;
      }, '');
  };
  return `${text.split('\n\n').map(lines).join('\n\n')}\n`;
}
