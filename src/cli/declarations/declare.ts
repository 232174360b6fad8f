import type { Command } from 'commander';
import { wrapText } from '../../wrap-text.ts';
import type { Terminal } from '../terminal.ts';

/** Does the work of a command, which gives its exit code. */
export type Act = (work: (terminal: Terminal) => Promise<number>) => Promise<void>;

/** Adds commands to the program. What they do is loaded when they run: `attnsim --help` must not wait for parsers and plots. */
export type Declare = (program: Command, act: Act) => void;

export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export const cascadeArgument = ['<cascade>', 'shipped name or file (.einsum)'] as const;
export const hardwareArgument = ['<hardware>', 'shipped name or file (.yaml, .json)'] as const;
export const experimentArgument = ['<experiment>', 'shipped name, sweep.json, or the folder of one'] as const;
export const storeArgument = ['<file>', 'store of a sweep (.duckdb)'] as const;

export const workloadOption = ['--workload <NAME|FILE>', 'rank sizes from a shipped or own workload'] as const;
export const setOption = [
  '--set <NAME=SIZE>',
  'bind a rank or a parameter of the cascade (repeatable)',
  collect,
  [],
] as const;
export const densityOption = [
  '--density <TENSOR=SHARE>',
  'how much of what is selected by value exists on average (repeatable)',
  collect,
  [],
] as const;
export const parameterOption = [
  '--param <NAME=VALUE>',
  'override a parameter of the machine or the mapping (repeatable)',
  collect,
  [],
] as const;
export const mappingOption = [
  '--mapping <NAME|FILE>',
  'shipped name or file (.map), or auto for the fastest that is found; may be left out if only one shipped mapping fits',
] as const;
export const accountingOption = [
  '--accounting <NAME>',
  "how energy is charged: an accounting of the machine's",
  'physical',
] as const;
export const jsonOption = ['--json', 'print only JSON on the standard output'] as const;

/** Headings of options in the help of all commands. */
export const groups = {
  sizes: 'What is computed:',
  machine: 'What it runs on:',
  how: 'How:',
  output: 'Output:',
} as const;

/** A command line over as many lines as it takes, in the way that shells read it. */
function commandText(line: string, width: number): string {
  const lines = wrapText(`attnsim ${line}`, Math.max(20, width - 6));
  return lines.map((text, i) => `  ${i === 0 ? '' : '  '}${text}${i < lines.length - 1 ? ' \\' : ''}\n`).join('');
}

/** What stands below the options of a command: a command line to try, and where to read on. */
export function addExample(command: Command, line: string, document: string): void {
  const width = (): number => command.configureOutput().getOutHelpWidth?.() ?? 80;
  command.addHelpText('after', () => `\nExample:\n${commandText(line, width())}\nMore in ${document}`);
}
