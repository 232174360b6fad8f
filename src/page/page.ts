import { dataElement, type Html, html, scriptElement, trusted } from './html.ts';
import { pageStyle } from './page-style.ts';

/** A part of a page under a heading, which its contents link to. */
export type Section = { readonly id: string; readonly title: string; readonly body: Html };

export type Page = {
  readonly title: string;
  /** What the page is of, in a line. */
  readonly subject: string;
  /** What is above the first heading. */
  readonly lead: Html;
  readonly sections: readonly Section[];
  /** Rules beside those of all pages. */
  readonly style?: string;
  /** For the script: plain data. */
  readonly data: { readonly kind: string };
  /** The text of the bundle that is made of `browser/main.ts`, or of one for pages of its kind. */
  readonly script: string;
};

/**
 * Nothing comes from a network, and no code is made of text. The what-if panel computes in a worker, whose script is
 * that of the page.
 */
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; worker-src blob:; img-src data:";

/** The text of one HTML file that needs nothing else. Without its script it shows all but what answers questions. */
export function pageText({ title, subject, lead, sections, style = '', data, script }: Page): string {
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(pageStyle + style)}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the contents</a>
<div class="bar"><div>
<nav aria-label="Sections"><ul>${sections.map((s) => html`<li><a href="#${s.id}">${s.title}</a></li>`)}</ul></nav>
</div></div>
<header>
<h1>${title}</h1>
<p class="what">${subject}</p>
</header>
<main id="content">
${lead}
${sections.map((s) => html`<section id="${s.id}" aria-labelledby="${s.id}-title"><h2 id="${s.id}-title">${s.title}</h2>${s.body}</section>\n`)}</main>
<footer>Made by attnsim. Nothing on this page comes from, or goes to, a network.</footer>
${dataElement('data', data)}
${scriptElement('script', script)}
</body>
</html>
`;
  return markup;
}
