import { expect, test } from 'vitest';
import { diagnostic, diagnosticText, renderDiagnostic } from '../src/diagnostic.ts';
import { renderTable } from '../src/report/table.ts';
import { span } from '../src/source.ts';
import { clipped, widthOf, wordsOf, wrapSentence } from '../src/wrap-text.ts';

test.each([
  ['plain', 5],
  ['µs', 2],
  ['汉字', 4],
  ['e\u0301', 1],
  ['👩‍👩‍👧', 2],
])('%s takes %i columns', (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test('what is cut has a mark', () => {
  expect(clipped('as it is', 8)).toBe('as it is');
  expect(clipped('as it is', 7)).toBe('as it …');
  expect(clipped('汉字汉字', 6)).toBe('汉字…');
});

test('numbers go with their units, and lines after the first are further in', () => {
  expect(wordsOf('add 26.31 T, of 12 lanes that are there')).toEqual([
    'add',
    '26.31 T,',
    'of',
    '12 lanes',
    'that',
    'are',
    'there',
  ]);
  expect(wrapSentence('takes 26.31 ms in all', { width: 14, indent: ' ' })).toBe(' takes\n   26.31 ms in\n   all\n');
});

test('columns with wide characters are aligned', () => {
  const rows = [
    ['汉字', 'x'],
    ['word', 'y'],
  ];
  expect(renderTable([{ title: 'a' }, { title: 'b' }], rows)).toBe('a     b\n----  -\n汉字  x\nword  y\n');
});

const line = `${'a, '.repeat(30)}X${', b'.repeat(30)}`;
const mistake = (text: string) =>
  diagnostic(
    'syntax',
    'here is something that is wrong in many words',
    span({ name: 'f', text }, text.indexOf('X'), text.indexOf('X') + 1),
  );

test('a diagnostic fits the terminal: its words wrap, and its excerpt is cut with marks around the caret', () => {
  expect(diagnosticText(mistake(line), { width: 30 })).toBe(
    [
      'f:1:91: error[syntax]: here',
      '  is something that is wrong',
      '  in many words',
      ' 1 | …, a, a, a, X, b, b, b, …',
      '   |             ^',
    ].join('\n'),
  );
  expect(renderDiagnostic(mistake(line))).toContain(`: error[syntax]: ${mistake(line).message}\n`);
  for (const text of [line, `汉字${line}`, `${'汉字'.repeat(40)}X${'汉字'.repeat(40)}`])
    for (const row of diagnosticText(mistake(text), { width: 40 }).split('\n'))
      expect(widthOf(row)).toBeLessThanOrEqual(40);
});
