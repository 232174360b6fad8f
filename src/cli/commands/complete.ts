import type { Command } from 'commander';
import { completionsOf } from '../completions.ts';
import { exitCodes, type Terminal } from '../terminal.ts';

/**
 * `attnsim complete -- WORD...`: what shells ask while a command line is typed. A line an offer, with what it is after a
 * tab; a last line ":files" says that files are wanted, too.
 */
export async function complete(program: Command, words: readonly string[], terminal: Terminal): Promise<number> {
  const { offers, files } = await completionsOf(program, words);
  terminal.out(offers.map(({ word, is }) => `${word}\t${is}\n`).join('') + (files ? ':files\n' : ''));
  return exitCodes.done;
}
