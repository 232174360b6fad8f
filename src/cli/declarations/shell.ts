import type { Command } from 'commander';
import { namedChoices } from './choices.ts';
import { addExample, type Declare } from './declare.ts';

export const declareCompletion: Declare = (program, act) => {
  const command = program
    .command('completion')
    .description('a script with which a shell completes commands, options, and names of what ships')
    .addArgument(namedChoices('<shell>', 'which one', ['bash', 'zsh', 'fish']))
    .action((shell: string) =>
      act(async (terminal) => {
        const { completion } = await import('../commands/completion.ts');
        return completion(shell, terminal);
      }),
    );
  addExample(command, 'completion bash', 'README.md');
  program
    .command('complete', { hidden: true })
    .argument('[word...]', 'those of a command line, the last of which is begun')
    .action((words: readonly string[], _, { parent }: Command) =>
      act(async (terminal) => {
        const { complete } = await import('../commands/complete.ts');
        return await complete(parent!, words, terminal);
      }),
    );
};
