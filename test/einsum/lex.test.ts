import { describe, expect, test } from 'vitest';
import { createTokenCursor } from '../../src/einsum/cursor.ts';
import { lex, maxTextLength, type Token } from '../../src/einsum/lex.ts';
import { joinLines } from '../../src/einsum/lines.ts';

const read = (text: string): readonly Token[] => {
  const result = lex({ name: 'test', text });
  if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join('; '));
  return result.value;
};
const kinds = (text: string): string =>
  read(text)
    .map((t) => `${t.kind}:${t.text}`)
    .join(' ')
    .replaceAll('\n', '\\n');
const messages = (text: string): readonly string[] => {
  const result = lex({ name: 'test', text });
  return result.ok ? [] : result.diagnostics.map((d) => d.message);
};

describe('tokens', () => {
  test.each([
    ['Q[b,h] = 2', 'name:Q symbol:[ name:b symbol:, name:h symbol:] symbol:= number:2 end:'],
    ['a<=b<c==d', 'name:a symbol:<= name:b symbol:< name:c symbol:== name:d end:'],
    ['m1*M0+m0', 'name:m1 symbol:* name:M0 symbol:+ name:m0 end:'],
    ['1.5e-3 1e+21 7', 'number:1.5e-3 number:1e+21 number:7 end:'],
    ['a # b c\nd', 'name:a newline:\\n name:d end:'],
    ['\uFEFFa\r\nb', 'name:a newline:\\n name:b end:'],
    ['llama-7b x', 'name:llama symbol:- name:7b name:x end:'],
    ['', 'end:'],
  ])('%j', (text, expected) => expect(kinds(text)).toBe(expected));

  test('cover the text but for blanks and comments, and know their place', () => {
    const text = 'cascade a-1\n  Z[m] = -inf # end';
    for (const { text: shown, span } of read(text)) expect(text.slice(span.start, span.end)).toBe(shown);
    expect(read(text).map((t) => t.span.start)).toEqual([0, 8, 9, 10, 11, 14, 15, 16, 17, 19, 21, 22, text.length]);
  });
});

describe('what is no token', () => {
  test.each([
    ['4K', 'neither a number nor a name'],
    ['65_536', 'neither a number nor a name'],
    ['1.2.3', 'neither a number nor a name'],
    ['7.', 'neither a number nor a name'],
    ['a && b', '"&&" has no meaning here'],
    ['a \u0000 b', '"U+0000" has no meaning here'],
    ['x'.repeat(101), '101 characters'],
  ])('%j', (text, part) => {
    expect(messages(text)).toHaveLength(1);
    expect(messages(text)[0]).toContain(part);
  });

  test('is reported at most twenty times', () => expect(messages('@ '.repeat(1000))).toHaveLength(20));

  test('a text of the greatest length is read, a longer one is not', () => {
    expect(messages(' '.repeat(maxTextLength))).toEqual([]);
    expect(messages(' '.repeat(maxTextLength + 1))).toHaveLength(1);
  });
});

describe('line breaks', () => {
  const lines = (text: string): number => joinLines(read(text)).filter((t) => t.kind === 'newline').length;
  test.each([
    ['A\nB', 1],
    ['A[m,\n n]', 0],
    ['(A\n+\nB)', 0],
    ['A +\n B', 0],
    ['A = \n B', 0],
    ['A\nwhere m\n and n\n or p', 0],
    ['param W =\nrank M', 1],
    ['param W =\n 3', 0],
    ['Z[m] =\nY[m] = A[m]', 1],
    ['Z[m] = A[m] +\n\n B[m]', 0],
    ['f(a\nZ[m] = 1\nY[m] = 2', 2],
    ['input A[M\nrank M', 1],
    ['(a]\nb)', 0],
    ['a)\nb', 1],
  ])('%j leaves %i', (text, expected) => expect(lines(text)).toBe(expected));
});

describe('a cursor', () => {
  test('joins a kebab name only where nothing separates its parts', () => {
    const name = (text: string): string | undefined => createTokenCursor(read(text)).expectKebabName('a name')?.text;
    expect(name('attention-1-pass rest')).toBe('attention-1-pass');
    expect(name('attention - 1')).toBe('attention');
    expect(name('attention- 1')).toBe('attention');
  });

  test('stays at the end', () => {
    const cursor = createTokenCursor(read('a'));
    cursor.next();
    expect([cursor.next().kind, cursor.next().kind, cursor.peek(5).kind]).toEqual(['end', 'end', 'end']);
  });

  test('reports what it expected and what it found', () => {
    const cursor = createTokenCursor(read('(\n'));
    const open = cursor.next();
    expect(cursor.expect(')', open)).toBeUndefined();
    expect(cursor.diagnostics[0]?.message).toBe('expected ")", but found the end of the line');
    expect(cursor.diagnostics[0]?.related[0]?.span).toEqual(open.span);
  });
});
