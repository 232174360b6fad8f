/**
 * Looks shared by the plots. Colours are those of Okabe and Ito, "Color Universal Design" (2008), in an
 * order that keeps neighbours apart for colour-blind readers; the yellow is left out, for white paper.
 */
const palette = ['#0072B2', '#D55E00', '#009E73', '#AA4499', '#56B4E9', '#000000', '#E69F00'] as const;

export const colourOf = (index: number): string => palette[index % palette.length]!;

export const ink = { text: '#1a1a1a', axis: '#444444', grid: '#e4e4e4', leader: '#888888', faint: '#9fb3c4' } as const;

export const fontFamily = 'Helvetica, Arial, "Liberation Sans", sans-serif';

/** Pixels; nothing is set smaller than 11. */
export const fontSize = { title: 15, axis: 13, tick: 12, label: 12, note: 11 } as const;

/** Dashes of the memory levels, outermost (the one that matters most) solid. */
const levelDashes = [undefined, '9 4', '3 3', '9 3 2 3', '14 3'] as const;

export const dashOf = (depth: number): string | undefined => levelDashes[Math.min(depth, levelDashes.length - 1)];
