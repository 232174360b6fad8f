import { type Layout, type Tone, unpainted } from './layout.ts';
import { lineText, position, type Span } from './source.ts';
import { widthOf, wrapSentence } from './wrap-text.ts';

/**
 * What a diagnostic is about; also the folder of its cases under `test/cases/errors`.
 * Grouped by the room that reports it. A test checks that every code has a case.
 */
export const diagnosticCodes = [
  // any text
  'syntax',
  'too-large',
  'too-deep',
  'unreadable-file',
  // src/einsum: arithmetic, text and rules
  'reserved-word',
  'number-range',
  'function-arity',
  'division-by-zero',
  'name-case',
  'duplicate-name',
  'bad-format',
  'bad-planes',
  'missing-ranks',
  'unknown-rank',
  'size-cycle',
  'input-assigned',
  'unknown-tensor',
  'unknown-variable',
  'unknown-operator',
  'operator-arity',
  'rank-arity',
  'output-index-form',
  'initial-value-form',
  'not-affine',
  'rank-mismatch',
  'filter-variable',
  'selection-form',
  'reduce-mismatch',
  'no-identity',
  'produced-twice',
  'no-output',
  'output-never-produced',
  'missing-initial-value',
  'unknown-initial',
  'carried-index',
  'read-before-produced',
  'dependency-cycle',
  'index-out-of-range',
  'unused-tensor',
  'unused-rank',
  'unused-parameter',
  // src/einsum: sizes, domains and execution
  'unknown-size',
  'derived-size',
  'missing-size',
  'bad-size',
  'too-many-elements',
  'bad-divisor',
  'not-countable',
  'never-computed',
  'iteration-order',
  'missing-density',
  'too-many-points',
  // src/arch
  'unsupported-yaml',
  'duplicate-key',
  'unsafe-key',
  'unknown-field',
  'missing-field',
  'conflicting-fields',
  'wrong-type',
  'bad-name',
  'missing-source',
  'unknown-source',
  'missing-unit',
  'unknown-unit',
  'wrong-dimension',
  'out-of-range',
  'bad-expression',
  'unknown-function',
  'unknown-parameter',
  'unknown-machine',
  'extends-cycle',
  'unknown-level',
  'level-cycle',
  'several-roots',
  'no-operators',
  // src/mapper
  'unknown-name',
  'other-cascade',
  'bad-count',
  'late-keep',
  'empty-body',
  'no-memory',
  'keep-order',
  'not-kept',
  'foreign-loop',
  'foreign-rank',
  'unused-binding',
  'unit-cannot',
  'bound-twice',
  'cut-selection',
  'shared-selection',
  'row-too-long',
  'einsum-missing',
  'einsum-twice',
  'useless-keep',
  'no-home',
  'two-homes',
  'lost-state',
  'carried-dimension',
  'not-held',
  'incomplete-operand',
  'one-instance',
  'split-grid',
  'pipelined-grid',
  'spatial-reduction',
  'bad-adding',
  'shared-keep',
  'misplaced-lag',
  'misplaced-cache',
  'over-capacity',
  'no-room',
  'not-in-place',
  'bad-share',
  'misplaced-spill',
  'parameter-twice',
  'unknown-override',
  'ambiguous-parameter',
  // src/models, src/simulate.ts
  'unknown-accounting',
  'too-much-work',
  'deadlock',
  // src/search
  'not-dense',
  'nothing-found',
  'not-cut',
  'nothing-left',
  // src/sweep: experiments
  'bad-range',
  'unlike-lengths',
  'unknown-axis',
  'unused-axis',
  'outside-folder',
  'unknown-metric',
  'empty-space',
  // src/sweep: the store
  'store-exists',
  'not-a-store',
  'damaged-store',
  'store-version',
  'store-in-use',
  'other-sweep',
  'bad-query',
  'unlike-rows',
  'unknown-column',
  // src/sweep: sensitivity
  'bad-point',
  'nothing-moved',
  // src/sweep: queues
  'bad-queue',
  'other-code',
  'lost-workers',
  // src/import
  'template',
  'unknown-format',
  'ambiguous-format',
  'nothing-imported',
  // src/report
  'not-a-report',
  // src/cli
  'not-found',
  'unwritable-file',
  'unknown-command',
  'unknown-option',
  'unknown-kind',
  'missing-argument',
  'missing-mapping',
  'other-machine',
  'extra-argument',
  'bad-choice',
  'bad-window',
  'trace-cut',
  'bad-assignment',
  'unlike-cascades',
  'assigned-twice',
  'bad-tensor',
  'oracle-mismatch',
] as const;

/** What a diagnostic is about; it stays the same from version to version. */
export type DiagnosticCode = (typeof diagnosticCodes)[number];

/** A mistake of the user's, with its place, reason and, where there is one, a suggestion. */
export type Diagnostic = {
  readonly code: DiagnosticCode;
  /** A warning is legal but surely a mistake. */
  readonly severity: 'error' | 'warning';
  /** Says what is wrong and shows both values, with units. */
  readonly message: string;
  /** Absent only where there is no text to point at, such as a missing file. */
  readonly span?: Span;
  readonly related: readonly { readonly span: Span; readonly message: string }[];
  readonly help?: string;
};

/** What a stage that reads user text returns. Warnings come with the value. */
export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export const success = <T>(value: T, warnings: readonly Diagnostic[] = []): Result<T> => ({
  ok: true,
  value,
  warnings,
});

export const failure = <T = never>(diagnostics: readonly Diagnostic[]): Result<T> => ({ ok: false, diagnostics });

/** As they stand in the text. */
export const inOrder = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] =>
  diagnostics.toSorted((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));

type Extra = {
  readonly help?: string | undefined;
  readonly related?: Diagnostic['related'];
  readonly severity?: Diagnostic['severity'];
};

/** Builds a diagnostic; an absent help is left out rather than set to undefined. */
export const diagnostic = (
  code: DiagnosticCode,
  message: string,
  at: Span | undefined,
  extra: Extra = {},
): Diagnostic => ({
  code,
  severity: extra.severity ?? 'error',
  message,
  ...(at === undefined ? {} : { span: at }),
  related: extra.related ?? [],
  ...(extra.help === undefined ? {} : { help: extra.help }),
});

/** `file:line:column`, the form that editors and terminals make clickable. */
function place(at: Span): string {
  const { line, column } = position(at.source, at.start);
  return `${at.source.name}:${line}:${column}`;
}

/** A long line is cut around the caret so that one bad line cannot flood the terminal. */
const maxExcerpt = 160;

function excerpt(at: Span, { width, paint = unpainted }: Layout, tone: Tone): string[] {
  const { line, column } = position(at.source, at.start);
  // A control character would move the caret or, as an escape sequence, act on the terminal.
  const hidden = (c: string): string => (c === '\t' ? ' ' : '\uFFFD'.repeat(c.length));
  const text = lineText(at.source, line).replace(/[\p{Cc}\p{Cf}]/gu, hidden);
  const gutter = String(line);
  const room = width === undefined ? maxExcerpt : Math.max(20, Math.min(maxExcerpt, width - gutter.length - 4));
  // Wide characters take two columns each; where some do, as many fit as if all did.
  const isWide = width !== undefined && widthOf(text) > Math.max(room, text.length);
  const most = isWide ? Math.floor(room / 2) : room;
  const from = column > most / 2 ? Math.max(0, Math.min(column - Math.ceil(most / 2), text.length - most)) : 0;
  const shown = text.slice(from, from + most);
  const caret = shown.slice(column - 1 - from, at.end - at.start + column - 1 - from);
  const carets = '^'.repeat(Math.max(1, widthOf(caret)));
  const marked = width === undefined ? shown : withMarks(shown, from > 0, from + most < text.length);
  return [
    ` ${paint(`${gutter} |`, 'rule')} ${marked}`,
    ` ${paint(`${' '.repeat(gutter.length)} |`, 'rule')} ${' '.repeat(widthOf(shown.slice(0, column - 1 - from)))}${paint(carets, tone)}`,
  ];
}

/** Where a line is cut, if it is. */
const withMarks = (text: string, before: boolean, after: boolean): string =>
  `${before ? '…' : ''}${text.slice(before ? 1 : 0, text.length - (after ? 1 : 0))}${after ? '…' : ''}`;

/** A sentence that begins at a place, on as many lines as it takes. */
function headLines(at: Span | undefined, label: string, message: string, tone: Tone, layout: Layout): string {
  const { width, paint = unpainted } = layout;
  const where = at === undefined ? '' : `${place(at)}:`;
  const text = `${where === '' ? '' : `${where} `}${label} ${message}`;
  const lines = (width === undefined ? text : wrapSentence(text, { width }).trimEnd()).replace(
    label,
    paint(label, tone),
  );
  return where !== '' && lines.startsWith(where) ? paint(where, 'place') + lines.slice(where.length) : lines;
}

/** A diagnostic for people: place, severity, code, message, excerpt with caret, related places, help. */
export function diagnosticText(d: Diagnostic, layout: Layout = {}): string {
  const { width, paint = unpainted } = layout;
  const lines = [headLines(d.span, `${d.severity}[${d.code}]:`, d.message, d.severity, layout)];
  if (d.span !== undefined) lines.push(...excerpt(d.span, layout, d.severity));
  for (const r of d.related)
    lines.push(headLines(r.span, 'note:', r.message, 'note', layout), ...excerpt(r.span, layout, 'note'));
  if (d.help !== undefined) {
    const help = wrapSentence(`= help: ${d.help}`, { width, indent: '   ' }).trimEnd();
    lines.push(help.replace('help:', paint('help:', 'note')));
  }
  return lines.join('\n');
}

/** Plain text of a diagnostic, with lines as long as they come. */
export const renderDiagnostic = (d: Diagnostic): string => diagnosticText(d);
