import { styleText } from 'node:util';
import type { Paint, Tone } from '../layout.ts';

/** When to use colours. */
export const colourChoices = ['auto', 'always', 'never'] as const;

type Format = Parameters<typeof styleText>[0];

/** The sixteen colours that every terminal has, in the shades that its user chose. */
const formats: { readonly [tone in Tone]: Format } = {
  head: 'bold',
  rule: 'dim',
  key: 'bold',
  good: 'green',
  bad: 'red',
  error: ['bold', 'red'],
  warning: ['bold', 'yellow'],
  place: 'bold',
  note: 'cyan',
};

export const coloured: Paint = (text, tone) => styleText(formats[tone], text, { validateStream: false });

/** The colours of a stream, as its user wants them: NO_COLOR before FORCE_COLOR before what the terminal can do. */
export function coloursOf(environment: Readonly<NodeJS.ProcessEnv>, isTerminal: boolean): Paint | undefined {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return undefined;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR === '0' || FORCE_COLOR === 'false' ? undefined : coloured;
  return isTerminal && TERM !== 'dumb' ? coloured : undefined;
}
