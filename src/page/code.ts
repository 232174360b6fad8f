import { type Html, html } from './html.ts';

/** First words of lines that say what the line is. */
const words = new Set(
  'cascade mapping rank param input output keep cache for compute pipeline sequence ordered cascades'.split(' '),
);

function lineHtml(line: string): Html {
  const from = line.indexOf('#');
  const [code, comment] = from < 0 ? [line, ''] : [line.slice(0, from), line.slice(from)];
  const [, indent = '', word = '', rest = ''] = /^(\s*)(\w*)(.*)$/s.exec(code)!;
  const first = words.has(word) ? html`<span class="word">${word}</span>` : word;
  return html`${indent}${first}${rest}${comment === '' ? undefined : html`<span class="comment">${comment}</span>`}\n`;
}

/** The text of a cascade or a mapping, its first words and comments set apart. */
export const codeHtml = (text: string, label: string): Html =>
  html`<pre tabindex="0" aria-label="${label}"><code>${text.trimEnd().split('\n').map(lineHtml)}</code></pre>\n`;
