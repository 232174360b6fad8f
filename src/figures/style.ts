/**
 * Looks shared by the figures. Colours are chosen so that neighbours stay apart for colour-blind readers and on grey
 * prints, and that all can be read as text on paper, as paper can as text on them (test/figures/palette.test.ts).
 */
export const palette = ['#074e87', '#ae5e0c', '#134622', '#9647ae', '#564700', '#008092', '#a20140'] as const;

/** How many there are before they come again. */
export const colourCount = palette.length;

export const colourOf = (index: number): string => palette[index % palette.length]!;

export const ink = {
  paper: '#ffffff',
  text: '#1a1a1a',
  axis: '#444444',
  grid: '#e4e4e4',
  leader: '#888888',
  faint: '#8296a8',
} as const;

/** What is drawn in these colours has those on dark paper. A colour stands for one thing, so that it can be told by itself. */
export const dark: readonly (readonly [light: string, dark: string])[] = [
  [ink.paper, '#16191d'],
  [ink.text, '#e8e8e8'],
  [ink.axis, '#b5b5b5'],
  [ink.grid, '#31363c'],
  [ink.leader, '#8a8f95'],
  [ink.faint, '#5f768a'],
  [palette[0], '#3888ec'],
  [palette[1], '#fa8a5f'],
  [palette[2], '#4ff4bc'],
  [palette[3], '#e376c4'],
  [palette[4], '#fed96c'],
  [palette[5], '#3accfa'],
  [palette[6], '#e15870'],
];

/** What a colour is on dark paper; colours of which nothing is said stay. */
export const darkColourOf = (colour: string): string => dark.find(([light]) => light === colour)?.[1] ?? colour;

/** Style rules that darken figures inside of what the selector names. Drawing code knows the light colours alone. */
export const darkRules = (within: string): string =>
  dark
    .flatMap(([light, colour]) =>
      ['fill', 'stroke'].map((property) => `${within}[${property}="${light}"]{${property}:${colour}}`),
    )
    .join('');

export const fontFamily = 'Helvetica, Arial, "Liberation Sans", sans-serif';

/** Pixels; nothing is set smaller than 11. */
export const fontSize = { title: 15, axis: 13, tick: 12, label: 12, note: 11 } as const;

/** Dashes of the memory levels, outermost (the one that matters most) solid. */
const levelDashes = [undefined, '9 4', '3 3', '9 3 2 3', '14 3'] as const;

export const dashOf = (depth: number): string | undefined => levelDashes[Math.min(depth, levelDashes.length - 1)];
