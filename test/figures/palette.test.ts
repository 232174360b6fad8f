import { expect, test } from 'vitest';
import { dark, ink, palette } from '../../src/figures/style.ts';

type Triple = readonly [number, number, number];

const toLinear = (value: number): number => {
  const c = value / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
};

const linear = (hex: string): Triple =>
  [1, 3, 5].map((i) => toLinear(Number.parseInt(hex.slice(i, i + 2), 16))) as unknown as Triple;

/** Dichromats see linear RGB so: Machado, Oliveira and Fernandes, "A Physiologically-based Model" (2009), severity 1. */
const eyes: { readonly [name: string]: readonly Triple[] } = {
  all: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const seen = (colour: Triple, eye: readonly Triple[]): Triple =>
  eye.map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, m, i) => sum + m * colour[i]!, 0),
      ),
    ),
  ) as unknown as Triple;

const luminance = ([r, g, b]: Triple): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;

/** CIE L*a*b*, D65. */
function lab([r, g, b]: Triple): Triple {
  const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** CIE76; 2.3 is just noticeable side by side. */
const distance = (a: Triple, b: Triple): number => Math.hypot(...a.map((v, i) => v - b[i]!));

/** WCAG 2. */
const contrast = (a: string, b: string): number => {
  const [x, y] = [luminance(linear(a)), luminance(linear(b))];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
};

const darkOf = (light: string): string => dark.find(([l]) => l === light)![1];

const modes = { light: (colour: string) => colour, dark: darkOf };

test.each(Object.keys(modes) as (keyof typeof modes)[])('%s: neighbours stay apart for every eye', (mode) => {
  const colours = palette.map((c) => linear(modes[mode](c)));
  for (const [name, eye] of Object.entries(eyes)) {
    const labs = colours.map((c) => lab(seen(c, eye)));
    labs.forEach((a, i) => {
      for (const [k, b] of labs.slice(0, i).entries())
        expect(distance(a, b), `${name}: ${palette[i]} and ${palette[k]}`).toBeGreaterThan(k === i - 1 ? 25 : 13);
    });
  }
});

test.each(Object.keys(modes) as (keyof typeof modes)[])('%s: neighbours stay apart on a grey print', (mode) => {
  const lightness = palette.map((c) => lab(linear(modes[mode](c)))[0]);
  lightness.slice(1).forEach((l, i) => {
    expect(Math.abs(l - lightness[i]!)).toBeGreaterThan(10);
  });
});

test.each(Object.keys(modes) as (keyof typeof modes)[])('%s: texts and marks stand out from the paper', (mode) => {
  const of = modes[mode];
  const paper = of(ink.paper);
  // Series are written in their colours, too, and paper is written on them.
  for (const text of [...palette, ink.text, ink.axis]) expect(contrast(of(text), paper), text).toBeGreaterThan(4.5);
  for (const mark of [ink.leader, ink.faint]) expect(contrast(of(mark), paper), mark).toBeGreaterThan(3);
});

test('a colour stands for one thing, and all have one on dark paper', () => {
  const light = [...palette, ...Object.values(ink)];
  expect(new Set(light).size).toBe(light.length);
  expect(dark.map(([l]) => l).toSorted()).toEqual(light.toSorted());
  expect(new Set(dark.map(([, d]) => d)).size).toBe(dark.length);
});
