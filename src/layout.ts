/** What a piece of text is to its reader; a terminal shows each in its own way. */
export type Tone = 'head' | 'rule' | 'key' | 'good' | 'bad' | 'error' | 'warning' | 'place' | 'note';

/** Marks a text for where it is shown. It takes no room: widths are those of the text. */
export type Paint = (text: string, tone: Tone) => string;

/** How a text is to be laid out; texts are plain, and lines as long as they come, unless this says otherwise. */
export type Layout = {
  /** Characters a line; unlimited if not given, as when the output is no terminal. */
  readonly width?: number | undefined;
  readonly indent?: string;
  readonly paint?: Paint | undefined;
};

export const unpainted: Paint = (text) => text;
