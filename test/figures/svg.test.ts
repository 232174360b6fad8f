import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hatching } from '../../src/figures/hatching.ts';
import { textWidth } from '../../src/figures/label-placement.ts';
import { renderSvg } from '../../src/figures/svg.ts';
import { shortenText, wrapText } from '../../src/figures/text.ts';

test('numbers of attributes are rounded, and neither texts nor colours nor names are', async () => {
  const svg = await renderSvg({
    title: '1.23456789',
    description: '1.23456789',
    size: { width: 100, height: 50 },
    draw: (g) => {
      g.append('path').attr('d', 'M0.123456,-0.00001L1e-7,12.5').attr('fill', '#0072e5');
      g.append('text')
        .attr('x', 1 / 3)
        .attr('class', 'a1.23456')
        .text('0.123456');
    },
  });
  expect(svg).toContain('<title>1.23456789</title>');
  expect(svg).toContain('<path d="M0.123,0L0,12.5" fill="#0072e5"></path>');
  expect(svg).toContain('x="0.333"');
  expect(svg).toContain('class="a1.23456"');
  expect(svg).toContain('>0.123456</text>');
});

test('wrapped lines fit their width where a word does, and lose no letter', () => {
  const text = fc.array(fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(text, fc.integer({ min: 40, max: 400 }), (words, width) => {
      const lines = wrapText(words.join(' '), width, 12);
      expect(lines.join('').replaceAll(' ', '')).toBe(words.join(''));
      for (const line of lines) if (textWidth(line, 12) > width) expect(line.split(/(?<=[ \-_])/)).toHaveLength(1);
      const short = shortenText(words.join(' '), width, 12);
      expect(textWidth(short, 12)).toBeLessThanOrEqual(width);
    }),
  );
});

test('a hatching stays in its box', () => {
  const length = fc.double({ min: 0, max: 500, noNaN: true });
  fc.assert(
    fc.property(length, length, length, length, (x, y, width, height) => {
      const numbers = [...hatching({ x, y, width, height }).matchAll(/([\d.e+-]+),([\d.e+-]+)/g)];
      for (const [, a, b] of numbers) {
        expect(Number(a)).toBeGreaterThanOrEqual(x - 1e-9);
        expect(Number(a)).toBeLessThanOrEqual(x + width + 1e-9);
        expect(Number(b)).toBeGreaterThanOrEqual(y - 1e-9);
        expect(Number(b)).toBeLessThanOrEqual(y + height + 1e-9);
      }
    }),
  );
});
