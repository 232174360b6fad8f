import type { Svg } from './svg.ts';

const digits = 3;

/** A number; in a path letters may stand before and after it, else it would be part of a name or of a colour. */
const inPath = /-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/g;
const elsewhere = /(?<![\w#.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.])/g;

const rounded = (text: string, numbers: RegExp): string =>
  text.replaceAll(numbers, (number) => {
    const value = Number(Number(number).toFixed(digits));
    // There is a negative zero.
    return String(value === 0 ? 0 : value);
  });

/** What is taken of an element: there are no types of a browser here. */
type Marked = {
  readonly attributes: ArrayLike<{ readonly name: string; readonly value: string }>;
  setAttribute(name: string, value: string): void;
};

/**
 * Rounds the numbers of all attributes: files are smaller, and the same whatever the last digits of a logarithm are on
 * a machine. Texts stay as they are.
 */
export function roundAttributes(svg: Svg): void {
  for (const element of svg.selectAll('*').nodes() as unknown as readonly Marked[])
    for (const { name, value } of Array.from(element.attributes)) {
      const short = rounded(value, name === 'd' ? inPath : elsewhere);
      if (short !== value) element.setAttribute(name, short);
    }
}
