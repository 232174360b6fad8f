/** Text that is markup already. */
export type Html = { readonly markup: string };

type Part = string | number | Html | undefined | readonly Part[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (c) => entities[c]!);

function written(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'object') return 'markup' in part ? part.markup : part.map(written).join('');
  return escaped(String(part));
}

/** A template whose holes are text: whatever stands in a name stays text. Markup and lists of it go in as they are. */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  markup: texts.map((text, i) => text + written(parts[i])).join(''),
});

/** Markup from elsewhere that is known to be safe. */
export const trusted = (markup: string): Html => ({ markup });

/** Data for a script of the page. No name in it can end the element that it stands in. */
export const dataElement = (id: string, data: unknown): Html =>
  trusted(
    `<script type="application/json" id="${id}">${JSON.stringify(data).replaceAll('<', String.raw`\u003c`)}</script>`,
  );

/** A script of our own. What would end the element can only stand in its strings and patterns, where it is the same escaped. */
export const scriptElement = (id: string, script: string): Html =>
  trusted(
    `<script id="${id}">${script.replaceAll(/<\/script/gi, String.raw`<\/script`).replaceAll('<!--', String.raw`\x3c!--`)}</script>`,
  );
