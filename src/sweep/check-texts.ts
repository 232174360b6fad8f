import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { DocumentNode } from '../document.ts';
import { longestText } from './limits.ts';

/** Texts are printed, and cells of a table: none may act on a terminal, or fill it. A description may have lines. */
export function checkTexts(node: DocumentNode, diagnostics: Diagnostic[], lines = false): void {
  if (node.kind === 'list') for (const item of node.items) checkTexts(item, diagnostics);
  if (node.kind === 'map')
    for (const [key, entry] of node.entries) checkTexts(entry.node, diagnostics, key === 'description');
  if (node.kind !== 'scalar') return;
  const [found] = /[\p{Cc}\p{Cf}]/u.exec(lines ? node.text.replaceAll('\n', '') : node.text) ?? [];
  if (found !== undefined) {
    const code = found.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    diagnostics.push(diagnostic('bad-name', `the text has a control character (U+${code})`, node.span));
  }
  if (!lines && node.text.length > longestText)
    diagnostics.push(
      diagnostic('too-large', `the text has ${node.text.length} characters; the limit is ${longestText}`, node.span),
    );
}
