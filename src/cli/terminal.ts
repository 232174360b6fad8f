import { type Diagnostic, renderDiagnostic } from '../diagnostic.ts';

/** Where a command prints. The only way out of src/cli, so that tests can listen. */
export type Terminal = {
  out(text: string): void;
  error(text: string): void;
  /** Characters a line; undefined if the output is no terminal. */
  readonly width: number | undefined;
  /** Replaces a line that says what is under way; an empty one ends it. Absent if nobody watches, as in a pipe. */
  readonly progress?: ((line: string) => void) | undefined;
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
    stream.write(`\r${line.slice(0, Math.max(0, (stream.columns ?? 80) - 1))}\u001b[K`);
  };

export const processTerminal = (): Terminal => ({
  out: quietWriter(process.stdout),
  error: quietWriter(process.stderr),
  width: process.stdout.isTTY ? process.stdout.columns : undefined,
  progress: process.stderr.isTTY ? progressLine(process.stderr) : undefined,
});

/** More diagnostics than this are counted, not shown. */
const mostShown = 20;

export function printDiagnostics(terminal: Terminal, diagnostics: readonly Diagnostic[]): void {
  for (const d of diagnostics.slice(0, mostShown)) terminal.error(`${renderDiagnostic(d)}\n`);
  if (diagnostics.length > mostShown) terminal.error(`and ${diagnostics.length - mostShown} more\n`);
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
    if (json !== true) terminal.out(text);
  };
