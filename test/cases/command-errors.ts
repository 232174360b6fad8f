import { runCommandLine } from '../../src/cli/program.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

export type Ran = { readonly code: number; readonly out: string; readonly error: string };

/** Runs a command line in this process and keeps what it prints. */
export async function runCommand(args: readonly string[], width?: number): Promise<Ran> {
  let out = '';
  let error = '';
  const terminal: Terminal = {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    width,
    errors: { width },
  };
  const code = await runCommandLine(args, terminal);
  return { code, out, error };
}

/** Words of a command line; double quotes keep spaces, there is no other shell syntax. */
export const splitArguments = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

/** What a case `<arguments on its first line>` prints on stderr, and its exit code. */
export async function findInCommand({ text }: { readonly text: string }): Promise<string> {
  const { code, error } = await runCommand(splitArguments(text.split('\n')[0] ?? ''));
  return `${error}exit code ${code}\n`;
}
