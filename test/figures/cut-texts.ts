import { textWidth } from '../../src/figures/label-placement.ts';
import type { SvgSize } from '../../src/figures/svg.ts';

/** Texts that leave the figure; slanted ones are not looked at. */
export function cutTexts(svg: string, { width, height }: SvgSize): readonly string[] {
  const attribute = (tag: string, name: string): string | undefined => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1];
  return [...svg.matchAll(/<(text|tspan)( [^>]*)>([^<]+)</g)].flatMap(([, , tag = '', text = '']) => {
    const [x, y] = [attribute(tag, 'x'), attribute(tag, 'y')].map(Number);
    if (tag.includes(' transform=') || x === undefined || y === undefined || Number.isNaN(x + y)) return [];
    const size = Number(attribute(tag, 'font-size') ?? 12);
    const length = textWidth(text.replaceAll(/&[a-z]+;/g, '&'), size);
    const anchor = attribute(tag, 'text-anchor');
    const left = x - (anchor === 'end' ? length : anchor === 'middle' ? length / 2 : 0);
    return left >= 0 && left + length <= width && y >= size * 0.7 && y <= height ? [] : [text];
  });
}
