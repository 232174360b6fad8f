import { type Diagnostic, diagnosticText } from '../diagnostic.ts';
import type { Layout } from '../layout.ts';
import { clipped } from '../wrap-text.ts';
import { coloursOf } from './colours.ts';

/** Where a command prints, and how what it prints is laid out. The only way out of src/cli, so that tests can listen. */
export type Terminal = Pick<Layout, 'paint'> & {
  out(text: string): void;
  error(text: string): void;
  /** Characters a line; undefined if the output is no terminal. */
  readonly width: number | undefined;
  /** How what goes to `error` is laid out, which may be another terminal, or none. */
  readonly errors?: Layout;
  /** Replaces a line that says what is under way; an empty one ends it. Absent if nobody watches, as in a pipe. */
  readonly progress?: ((line: string) => void) | undefined;
  /** Nothing is to be told but what was asked for, and what is wrong. */
  readonly quiet?: boolean;
};

/** `interrupted`: 128 and the number of SIGINT, as shells have it. */
export const exitCodes = { done: 0, inputWrong: 1, usageWrong: 2, ourBug: 70, interrupted: 130 } as const;

/**
 * A stream that goes quiet when its reader is gone, as in `attnsim list | head -1`, or when nothing can be written to
 * it, as to a full disk: then the exit code says so.
 */
function quietWriter(stream: NodeJS.WriteStream): (text: string) => void {
  let open = true;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    open = false;
    if (error.code === 'EPIPE') return;
    process.exitCode = exitCodes.inputWrong;
    if (stream !== process.stderr) process.stderr.write(`cannot write the output: ${error.message}\n`);
  });
  return (text) => {
    if (open) stream.write(text);
  };
}

const progressLine =
  (stream: NodeJS.WriteStream & { readonly columns?: number }) =>
  (line: string): void => {
    stream.write(`\r${clipped(line, (stream.columns ?? 80) - 1)}\u001b[K`);
  };

/** The columns of a stream; undefined if it is no terminal, or one that does not know, as in some pseudo-terminals. */
const columnsOf = (stream: NodeJS.WriteStream): number | undefined =>
  stream.isTTY && stream.columns > 0 ? stream.columns : undefined;

export const processTerminal = (): Terminal => ({
  out: quietWriter(process.stdout),
  error: quietWriter(process.stderr),
  width: columnsOf(process.stdout),
  paint: coloursOf(process.env, process.stdout.isTTY),
  errors: { width: columnsOf(process.stderr), paint: coloursOf(process.env, process.stderr.isTTY) },
  progress: process.stderr.isTTY ? progressLine(process.stderr) : undefined,
});

/** The same, with nobody who watches or wants to be told more than asked for. */
export const quietened = (terminal: Terminal): Terminal => ({ ...terminal, quiet: true, progress: () => {} });

/** More diagnostics than this are counted, not shown. */
const mostShown = 20;

export function printDiagnostics(terminal: Terminal, diagnostics: readonly Diagnostic[]): void {
  const told = terminal.quiet === true ? diagnostics.filter((d) => d.severity === 'error') : diagnostics;
  for (const d of told.slice(0, mostShown)) terminal.error(`${diagnosticText(d, terminal.errors)}\n`);
  if (told.length > mostShown) terminal.error(`and ${told.length - mostShown} more\n`);
}

/** Prints what is wrong with the input and gives the exit code for it. */
export function refuse(
  terminal: Terminal,
  diagnostics: readonly Diagnostic[],
  code: number = exitCodes.inputWrong,
): number {
  printDiagnostics(terminal, diagnostics);
  return code;
}

/** Says something beside the results, which JSON is not to be mixed with. */
export const sayUnless =
  (json: boolean | undefined, terminal: Terminal): ((text: string) => void) =>
  (text) => {
    if (json !== true && terminal.quiet !== true) terminal.out(text);
  };

/** Prints what there is to read of a result; not to those who want nothing beside the files that they named. */
export function printResult(terminal: Terminal, text: string, files: readonly (string | undefined)[]): void {
  if (terminal.quiet !== true || files.every((file) => file === undefined)) terminal.out(text);
}
