import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { type Span, span } from '../source.ts';
import type { Problem } from './quantity.ts';

/** Puts a problem's offsets into the file; a text with escapes is pointed at as a whole. */
export function problemAt(p: Problem, text: string, at: Span): Diagnostic {
  const written = at.source.text.slice(at.start, at.end);
  const quote = written === text ? 0 : written.slice(1, -1) === text ? 1 : undefined;
  const place = quote === undefined ? at : span(at.source, at.start + quote + p.start, at.start + quote + p.end);
  return diagnostic(p.code, p.message, place, { help: p.help });
}
