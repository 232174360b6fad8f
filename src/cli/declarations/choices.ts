import { Argument } from 'commander';

/** An argument that is one of some words: told in the help and offered by shells; the command itself refuses others. */
export function namedChoices(name: string, description: string, words: readonly string[]): Argument {
  const argument = new Argument(name, description);
  argument.argChoices = [...words];
  return argument;
}
