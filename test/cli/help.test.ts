import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { suiteNames } from '../../src/cli/declarations/validate.ts';
import { declaredProgram } from '../../src/cli/program.ts';
import { suites } from '../../src/validate/suites.ts';
import { runCommand, splitArguments } from '../cases/command-errors.ts';

/** What the help lists, but for itself. */
const shown = (parent: Command): readonly Command[] =>
  parent
    .createHelp()
    .visibleCommands(parent)
    .filter((c) => c.name() !== 'help');

/** Every command with the words that name it. */
const commandsOf = (
  parent: Command,
  before: readonly string[] = [],
): readonly (readonly [readonly string[], Command])[] =>
  shown(parent).flatMap((command) => {
    const words = [...before, command.name()];
    return [[words, command] as const, ...commandsOf(command, words)];
  });

const commands = commandsOf(declaredProgram()).map(([words]) => words.join(' '));

const helpOf = async (command: string, width?: number): Promise<string> =>
  (await runCommand([...command.split(' '), '--help'], width)).out;

test('the suites that are offered are those that there are', () => {
  expect(suiteNames).toEqual(suites.map(({ name }) => name));
});

test.each(commands)(
  'the help of %s has an example that its command takes, and says where to read on',
  async (command) => {
    const text = await helpOf(command);
    const [, example] = /\nExample:\n((?: {2}.*\n)+)/.exec(text)!;
    const line = example!.replaceAll(/\\\n/g, ' ').trim();
    expect(line).toMatch(new RegExp(`^attnsim ${command} `));
    let ran = false;
    await declaredProgram(async () => {
      ran = true;
    }).parseAsync(splitArguments(line).slice(1), { from: 'user' });
    expect(ran).toBe(true);
    expect(text).toMatch(/\nMore in (docs\/[a-z]+\.md|README\.md)\n$/);
  },
);

test.each([40, 60, 80, 120, 200])('at %i columns no line of a help is longer, but for single words', async (width) => {
  for (const command of ['', ...commands]) {
    const text = (await runCommand([...command.split(' ').filter((w) => w !== ''), '--help'], width)).out;
    for (const line of text.split('\n'))
      if (line.length > width) expect(line.trim(), line).toMatch(/^(Usage: .*|-\S+ \S+|\S+)$/);
  }
});

test('"help COMMAND" is "COMMAND --help"', async () => {
  expect((await runCommand(['help', 'run'])).out).toBe(await helpOf('run'));
});
