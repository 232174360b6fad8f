/**
 * Looks shared by the figures. Colours are those of Okabe and Ito, "Color Universal Design" (2008), in an
 * order that keeps neighbours apart for colour-blind readers; the yellow is left out, for white paper.
 */
const palette = ['#0072B2', '#D55E00', '#009E73', '#AA4499', '#56B4E9', '#000000', '#E69F00'] as const;

export const colourOf = (index: number): string => palette[index % palette.length]!;

export const ink = {
  paper: '#ffffff',
  text: '#1a1a1a',
  axis: '#444444',
  grid: '#e4e4e4',
  leader: '#888888',
  faint: '#9fb3c4',
} as const;

/** What is drawn in these colours has those on dark paper. A colour stands for one thing, so that it can be told by itself. */
const dark: readonly (readonly [light: string, dark: string])[] = [
  [ink.paper, '#16191d'],
  [ink.text, '#e8e8e8'],
  [ink.axis, '#b5b5b5'],
  [ink.grid, '#31363c'],
  [ink.leader, '#8a8f95'],
  [ink.faint, '#52687b'],
  [palette[0], '#4b9fe0'],
  [palette[1], '#f08a45'],
  [palette[2], '#2ebd93'],
  [palette[3], '#d583c6'],
  [palette[4], '#9cd6f7'],
  [palette[5], '#ffffff'],
  [palette[6], '#f6c445'],
];

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
