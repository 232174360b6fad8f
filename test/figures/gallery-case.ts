import type { Figure, FigureOptions } from '../../src/figures/figure.ts';

/** Parts of docs/gallery.md, in their order. */
export const sections = ['Runs', 'Design spaces', 'Predictions', 'Cascades and mappings'] as const;

/**
 * A figure of the gallery: what `test/figures/cases/NAME.ts` exports as `galleryCase`. Its picture is docs/gallery/NAME.svg.
 */
export type GalleryCase = {
  readonly section: (typeof sections)[number];
  readonly title: string;
  /** What it shows, in a sentence or two. */
  readonly text: string;
  /** Command lines that make such a figure, or a line of code with the library. */
  readonly made: readonly string[];
  /** From data of what ships; cheap. */
  readonly draw: (options?: FigureOptions) => Promise<Figure>;
};
